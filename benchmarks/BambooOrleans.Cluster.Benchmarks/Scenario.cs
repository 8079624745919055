using System.Diagnostics;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Benchmarks;

/// <summary>What one measurement gave.</summary>
/// <param name="Scenario">What was measured.</param>
/// <param name="Steps">How many nodes ran, or states were written.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="Latencies">Times from one activity to the next of a pipeline, or of a write; empty where they say nothing.</param>
/// <param name="Rows">Rows written, by table.</param>
internal sealed record Result(string Scenario, long Steps, TimeSpan Elapsed, TimeSpan[] Latencies, IReadOnlyDictionary<string, long> Rows)
{
    public double Rate => Steps / Elapsed.TotalSeconds;
}

/// <summary>Something to measure.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Measure">Measures it once.</param>
internal sealed record Scenario(string Name, Func<BenchmarkCluster, Task<Result>> Measure)
{
    /// <summary>The scenario that the others are compared with.</summary>
    public const string ComparedName = "raw-64";

    public static IReadOnlyList<Scenario> All { get; } =
    [
        Raw("raw-1", 1, 500), Raw("raw-64", 64, 100), Run("one-100x17", 100, Trees.Seventeen), Run("many-1000x17", 1000, Trees.Seventeen),
        Run("sequence-200", 1, Trees.Sequence(200)),
    ];

    public static IReadOnlyList<Scenario> WarmUp { get; } = [Raw("warm", 16, 50), Run("warm", 100, Trees.Seventeen), Run("warm", 1, Trees.Sequence(50))];

    private static Scenario Raw(string name, int grains, int writes) => new(name, async cluster =>
    {
        IRawGrain[] raw = [.. Enumerable.Range(0, grains).Select(_ => cluster.Client.GetGrain<IRawGrain>(Trees.NewId("raw")))];
        await Task.WhenAll(raw.Select(grain => grain.WriteAsync(1))).ConfigureAwait(false);
        long start = Stopwatch.GetTimestamp();
        await Task.WhenAll(raw.Select(grain => grain.WriteAsync(writes))).ConfigureAwait(false);
        return new Result(name, (long)grains * writes, Stopwatch.GetElapsedTime(start), [], new Dictionary<string, long>());
    });

    private static Scenario Run(string name, int pipelines, TreeShape shape) => new(name, async cluster =>
    {
        PipelineTree[] trees = [.. Enumerable.Range(0, pipelines).Select(_ => shape.Make(NoOp.Code))];
        Dictionary<string, long> before = await cluster.RowsWrittenAsync().ConfigureAwait(false);
        cluster.Executions.Clear();
        long start = Stopwatch.GetTimestamp();
        TimeSpan[] latencies = await Task.WhenAll(trees.Select(tree => RunAsync(cluster.Engine, tree))).ConfigureAwait(false);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        Dictionary<string, long> after = await cluster.RowsWrittenAsync().ConfigureAwait(false);
        foreach (PipelineTree tree in trees)
        {
            await RequireFinishedAsync(cluster.Engine, tree.Id).ConfigureAwait(false);
        }

        return new Result(
            name,
            (long)pipelines * shape.Nodes,
            elapsed,
            pipelines == 1 ? cluster.Executions.Intervals() : latencies,
            after.ToDictionary(table => table.Key, table => table.Value - before.GetValueOrDefault(table.Key)));
    });

    private static async Task<TimeSpan> RunAsync(IBambooEngine engine, PipelineTree tree)
    {
        long start = Stopwatch.GetTimestamp();
        Require(await engine.RunPipelineAsync(tree).ConfigureAwait(false));
        Require(await engine.WaitUntilSettledAsync(tree.Id).ConfigureAwait(false));
        return Stopwatch.GetElapsedTime(start);
    }

    private static async Task RequireFinishedAsync(IBambooEngine engine, string rootId)
    {
        EngineApiResult<IReadOnlyDictionary<string, NodeStateInfo>> states =
            await engine.GetPipelineStatesAsync(rootId).ConfigureAwait(false);
        Require(states);
        if (states.Data![rootId].State != NodeStateName.Finished)
        {
            throw new InvalidOperationException($"{rootId} is {states.Data[rootId].State}");
        }
    }

    private static void Require(EngineApiResult result)
    {
        if (!result.Result)
        {
            throw new InvalidOperationException(result.Message, result.Error);
        }
    }
}
