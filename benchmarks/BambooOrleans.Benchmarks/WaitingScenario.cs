using System.Diagnostics;
using BambooOrleans.Embedded;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Benchmarks;

/// <summary>
/// Many pipelines that wait for a callback, out of memory by now, and callbacks to some of them, one after the other. A
/// latency is that of a callback; what is kept in memory is that of all of them while they wait.
/// </summary>
internal sealed record WaitingScenario(string Name, int Pipelines, int Callbacks) : EngineScenario(Name)
{
    private const int AtOnce = 500;

    protected override async Task<Result> MeasureAsync(EmbeddedEngine engine, ExecutionTimes executions, CountingStore store)
    {
        // Only those that are called back are remembered: the others' ids would count as memory of the engine.
        int every = Pipelines / Callbacks;
        var called = new (string NodeId, string Version)[Callbacks];
        TreeShape shape = Trees.Sequence(1);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        for (int first = 0; first < Pipelines; first += AtOnce)
        {
            await Task.WhenAll(Enumerable.Range(first, Math.Min(AtOnce, Pipelines - first)).Select(async index =>
            {
                PipelineTree tree = shape.Make(Wait.Code);
                await RunAsync(engine, tree).ConfigureAwait(false);
                if (index % every == 0 && index / every < Callbacks)
                {
                    // The caller knows the version from when it was told to call back: to ask for it now would bring the pipeline into memory.
                    string nodeId = tree.Activities.Keys.Single();
                    called[index / every] = (nodeId, (await engine.GetChildrenStatesAsync(nodeId).ConfigureAwait(false)).Data![nodeId].Version);
                }
            })).ConfigureAwait(false);
        }

        // Longer than a pipeline stays in memory that does nothing.
        await Task.Delay(new EmbeddedEngineOptions().IdleTime * 2).ConfigureAwait(false);
        long idle = GC.GetTotalMemory(forceFullCollection: true) - before;
        new Random(1).Shuffle(called);
        Result result = await MeasureAsync(Callbacks, store, async () =>
        {
            var latencies = new TimeSpan[Callbacks];
            for (int call = 0; call < Callbacks; call++)
            {
                (string nodeId, string version) = called[call];
                long start = Stopwatch.GetTimestamp();
                Require(await engine.CallbackAsync(nodeId, version, "done").ConfigureAwait(false));
                latencies[call] = Stopwatch.GetElapsedTime(start);
            }

            return latencies;
        }).ConfigureAwait(false);
        return result with { KeptBytes = Math.Max(0, idle) };
    }
}
