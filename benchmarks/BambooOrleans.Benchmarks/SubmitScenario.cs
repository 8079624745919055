using System.Diagnostics;
using BambooOrleans.Embedded;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Benchmarks;

/// <summary>
/// Pipelines that are submitted at once and go no further: their activities wait for callbacks, so that only the first of
/// each is entered. The trees are read already; checking and storing them is what is measured. A latency is that of a submission.
/// </summary>
internal sealed record SubmitScenario(string Name, int Pipelines, TreeShape Shape) : EngineScenario(Name)
{
    protected override Task<Result> MeasureAsync(EmbeddedEngine engine, ExecutionTimes executions, CountingStore store)
    {
        PipelineTree[] trees = [.. Enumerable.Range(0, Pipelines).Select(_ => Shape.Make(Wait.Code))];
        return MeasureAsync(
            (long)Pipelines * Shape.Nodes, store, () => Task.WhenAll(trees.Select(tree => SubmitAsync(engine, tree))));
    }

    private static async Task<TimeSpan> SubmitAsync(EmbeddedEngine engine, PipelineTree tree)
    {
        long start = Stopwatch.GetTimestamp();
        Require(await engine.RunPipelineAsync(tree).ConfigureAwait(false));
        return Stopwatch.GetElapsedTime(start);
    }
}
