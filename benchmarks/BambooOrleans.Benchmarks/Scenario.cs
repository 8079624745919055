using System.Diagnostics;
using BambooOrleans.Storage;

namespace BambooOrleans.Benchmarks;

/// <summary>Something that is measured: always with an empty store of its own, which goes with it.</summary>
/// <param name="Name">The name, as the command line and the report have it.</param>
internal abstract record Scenario(string Name)
{
    /// <summary>Every scenario, in the order in which they are measured: the raw store first, which the others are compared with.</summary>
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new RawStoreScenario(RawStoreScenario.ComparedName, Commits: 400, StepsPerCommit: 64),
        new RawStoreScenario("raw-1", Commits: 5000, StepsPerCommit: 1),
        new RunScenario("seq-100", 1, Trees.Sequence(100)),
        new RunScenario("seq-1000", 1, Trees.Sequence(1000)),
        new RunScenario("seq-5000", 1, Trees.Sequence(5000)),
        new RunScenario("seq-10000", 1, Trees.Sequence(10_000)),
        new RunScenario("many-100x17", 100, Trees.Seventeen),
        new RunScenario("many-1000x17", 1000, Trees.Seventeen),
        new SubmitScenario("submit-seq-100", 1, Trees.Sequence(100)),
        new SubmitScenario("submit-seq-1000", 1, Trees.Sequence(1000)),
        new SubmitScenario("submit-seq-5000", 1, Trees.Sequence(5000)),
        new SubmitScenario("submit-seq-10000", 1, Trees.Sequence(10_000)),
        new SubmitScenario("submit-many-100x17", 100, Trees.Seventeen),
        new SubmitScenario("submit-many-1000x17", 1000, Trees.Seventeen),
        new OneNodeScenario("one-node", Pipelines: 500),
    ];

    /// <summary>What takes minutes, and is measured only where it is asked for by name.</summary>
    public static IReadOnlyList<Scenario> Large { get; } =
    [
        new RunScenario("large-seq-100000", 1, Trees.Sequence(99_000)),
        new StoredScenario("large-stored-100000", Stored: 100_000, 1000, Trees.Seventeen),
        new WaitingScenario("large-waiting-100000", Pipelines: 100_000, Callbacks: 2000),
    ];

    /// <summary>What is run before anything is measured.</summary>
    public static IReadOnlyList<Scenario> WarmUp { get; } =
    [
        new RawStoreScenario("warm-up", Commits: 50, StepsPerCommit: 64),
        new RunScenario("warm-up", 300, Trees.Seventeen),
        new RunScenario("warm-up", 1, Trees.Sequence(1000)),
        new SubmitScenario("warm-up", 100, Trees.Seventeen),
        new OneNodeScenario("warm-up", Pipelines: 200),
        new RunScenario("warm-up", 300, Trees.Seventeen),
    ];

    /// <summary>Measures once.</summary>
    public Task<Result> MeasureAsync(StoreKind kind) =>
        StoreKinds.WithStoreAsync(kind, store => MeasureAsync(new CountingStore(store)));

    /// <summary>Measures with an empty store that is not opened yet, and disposes it.</summary>
    protected abstract Task<Result> MeasureAsync(CountingStore store);

    /// <summary>Runs what is measured, and puts what the process used meanwhile beside it.</summary>
    /// <param name="nodes">How many nodes are run, or submitted.</param>
    /// <param name="store">The store, opened.</param>
    /// <param name="run">What is measured; answers the latencies.</param>
    protected async Task<Result> MeasureAsync(long nodes, CountingStore store, Func<Task<TimeSpan[]>> run)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        long commits = store.Commits;
        using var process = Process.GetCurrentProcess();
        long kept = GC.GetTotalMemory(forceFullCollection: true);
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan cpu = process.TotalProcessorTime;
        long start = Stopwatch.GetTimestamp();
        TimeSpan[] latencies = await run().ConfigureAwait(false);
        TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
        process.Refresh();
        cpu = process.TotalProcessorTime - cpu;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        Array.Sort(latencies);
        return new Result
        {
            Scenario = Name,
            Nodes = nodes,
            Elapsed = elapsed,
            P50 = Percentile(latencies, 0.50),
            P99 = Percentile(latencies, 0.99),
            CpuTime = cpu,
            AllocatedBytes = allocated,
            KeptBytes = Math.Max(0, GC.GetTotalMemory(forceFullCollection: true) - kept),
            Commits = store.Commits - commits,
            Tables = await TablesAsync(store).ConfigureAwait(false),
        };
    }

    private static TimeSpan Percentile(TimeSpan[] sorted, double share) =>
        sorted.Length == 0 ? TimeSpan.Zero : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];

    private static async Task<IReadOnlyList<TableResult>> TablesAsync(CountingStore store)
    {
        IReadOnlyList<TableStatistics> kept = await store.ReadStatisticsAsync(CancellationToken.None).ConfigureAwait(false);
        return
        [
            .. from table in kept
               let written = store.Written.GetValueOrDefault(table.Table)
               where written.Rows > 0 || table.Rows > 0
               select new TableResult(table.Table, written.Rows, written.Bytes, table.Rows, table.PayloadBytes),
        ];
    }
}
