using System.Diagnostics;
using BambooOrleans.Embedded;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Benchmarks;

/// <summary>
/// Pipelines that are submitted at once and run to their end. A latency is that of a pipeline, from its submission until it
/// has settled; of a single pipeline, that from one of its activities to the next.
/// </summary>
internal sealed record RunScenario(string Name, int Pipelines, TreeShape Shape) : EngineScenario(Name)
{
    protected override async Task<Result> MeasureAsync(EmbeddedEngine engine, ExecutionTimes executions, CountingStore store)
    {
        PipelineTree[] trees = [.. Enumerable.Range(0, Pipelines).Select(_ => Shape.Make(NoOp.Code))];
        Result result = await MeasureAsync((long)Pipelines * Shape.Nodes, store, async () =>
        {
            TimeSpan[] latencies = await Task.WhenAll(trees.Select(tree => RunAsync(engine, tree))).ConfigureAwait(false);
            return Pipelines > 1 ? latencies : executions.Intervals();
        }).ConfigureAwait(false);
        await RequireFinishedAsync(engine, trees).ConfigureAwait(false);
        return result;
    }
}
