using BambooOrleans.Embedded;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Benchmarks;

/// <summary>Pipelines that run to their end in a store that holds many finished ones already.</summary>
internal sealed record StoredScenario(string Name, int Stored, int Pipelines, TreeShape Shape) : EngineScenario(Name)
{
    private const int AtOnce = 1000;

    protected override async Task<Result> MeasureAsync(EmbeddedEngine engine, ExecutionTimes executions, CountingStore store)
    {
        TreeShape small = Trees.Sequence(1);
        for (int first = 0; first < Stored; first += AtOnce)
        {
            await Task.WhenAll(Enumerable.Range(first, Math.Min(AtOnce, Stored - first)).Select(_ => RunAsync(engine, small.Make(NoOp.Code))))
                .ConfigureAwait(false);
        }

        PipelineTree[] trees = [.. Enumerable.Range(0, Pipelines).Select(_ => Shape.Make(NoOp.Code))];
        Result result = await MeasureAsync((long)Pipelines * Shape.Nodes, store, () =>
            Task.WhenAll(trees.Select(tree => RunAsync(engine, tree)))).ConfigureAwait(false);
        await RequireFinishedAsync(engine, trees).ConfigureAwait(false);
        return result;
    }
}
