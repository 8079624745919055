using BambooOrleans.Embedded;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Benchmarks;

/// <summary>Pipelines of one activity, one after the other: what a caller waits for from a submission until it has settled.</summary>
internal sealed record OneNodeScenario(string Name, int Pipelines) : EngineScenario(Name)
{
    protected override async Task<Result> MeasureAsync(EmbeddedEngine engine, ExecutionTimes executions, CountingStore store)
    {
        TreeShape shape = Trees.Sequence(1);
        PipelineTree[] trees = [.. Enumerable.Range(0, Pipelines).Select(_ => shape.Make(NoOp.Code))];
        Result result = await MeasureAsync((long)Pipelines * shape.Nodes, store, async () =>
        {
            var latencies = new TimeSpan[Pipelines];
            for (int i = 0; i < Pipelines; i++)
            {
                latencies[i] = await RunAsync(engine, trees[i]).ConfigureAwait(false);
            }

            return latencies;
        }).ConfigureAwait(false);
        await RequireFinishedAsync(engine, trees).ConfigureAwait(false);
        return result;
    }
}
