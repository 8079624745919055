namespace BambooOrleans.Benchmarks;

/// <summary>What a scenario came to, once.</summary>
internal sealed record Result
{
    public required string Scenario { get; init; }

    /// <summary>How many nodes were run or submitted; of the raw store, how many steps were written.</summary>
    public required long Nodes { get; init; }

    public required TimeSpan Elapsed { get; init; }

    public required TimeSpan P50 { get; init; }

    public required TimeSpan P99 { get; init; }

    /// <summary>The time that all cores spent in this process.</summary>
    public required TimeSpan CpuTime { get; init; }

    public required long AllocatedBytes { get; init; }

    /// <summary>By how much the process's managed memory grew.</summary>
    public required long KeptBytes { get; init; }

    public required long Commits { get; init; }

    public required IReadOnlyList<TableResult> Tables { get; init; }

    public double NodesPerSecond => Nodes / Elapsed.TotalSeconds;
}

/// <summary>What a scenario wrote to one table, and what stood in it at the end.</summary>
internal sealed record TableResult(string Table, long RowsWritten, long BytesWritten, long RowsKept, long BytesKept);
