using System.Text.Json;

namespace BambooOrleans.Benchmarks;

/// <summary>The figures of a scenario, each the median of its rounds.</summary>
internal sealed record Figures
{
    public required string Scenario { get; init; }

    public required long Nodes { get; init; }

    public required double Seconds { get; init; }

    public required double NodesPerSecond { get; init; }

    /// <summary>The rate as a share of the raw store's, measured in the same run.</summary>
    public required double RatioToRaw { get; init; }

    public required double P50Ms { get; init; }

    public required double P99Ms { get; init; }

    public required double CpuMicrosecondsPerNode { get; init; }

    public required double AllocatedBytesPerNode { get; init; }

    public required double KeptBytesPerNode { get; init; }

    public required double NodesPerCommit { get; init; }

    public required IReadOnlyList<TableFigures> Tables { get; init; }

    public double RowsWrittenPerNode => Tables.Sum(table => table.RowsWrittenPerNode);

    public double BytesWrittenPerNode => Tables.Sum(table => table.BytesWrittenPerNode);

    /// <summary>Sums up the rounds of one scenario.</summary>
    /// <param name="rounds">The rounds.</param>
    /// <param name="raw">The rate of the raw store.</param>
    public static Figures Of(IReadOnlyList<Result> rounds, double raw)
    {
        Result last = rounds[^1];
        double nodes = last.Nodes;
        double rate = Of(result => result.NodesPerSecond);
        return new Figures
        {
            Scenario = last.Scenario,
            Nodes = last.Nodes,
            Seconds = Of(result => result.Elapsed.TotalSeconds),
            NodesPerSecond = rate,
            RatioToRaw = raw == 0 ? 0 : rate / raw,
            P50Ms = Of(result => result.P50.TotalMilliseconds),
            P99Ms = Of(result => result.P99.TotalMilliseconds),
            CpuMicrosecondsPerNode = Of(result => result.CpuTime.TotalMicroseconds / nodes),
            AllocatedBytesPerNode = Of(result => result.AllocatedBytes / nodes),
            KeptBytesPerNode = Of(result => result.KeptBytes / nodes),
            NodesPerCommit = Of(result => nodes / Math.Max(1, result.Commits)),
            Tables =
            [
                .. last.Tables.Select(table => new TableFigures(
                    table.Table, table.RowsWritten / nodes, table.BytesWritten / nodes, table.RowsKept / nodes, table.BytesKept / nodes)),
            ],
        };

        double Of(Func<Result, double> figure) => Report.Median(rounds, figure);
    }

    /// <summary>Writes the figures as a member that has the scenario's name.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartObject(Scenario);
        writer.WriteNumber("nodes", Nodes);
        writer.WriteNumber("seconds", Math.Round(Seconds, 6));
        writer.WriteNumber("nodes_per_s", Math.Round(NodesPerSecond, 1));
        writer.WriteNumber("ratio_to_raw", Math.Round(RatioToRaw, 4));
        writer.WriteNumber("p50_ms", Math.Round(P50Ms, 4));
        writer.WriteNumber("p99_ms", Math.Round(P99Ms, 4));
        writer.WriteNumber("cpu_us_per_node", Math.Round(CpuMicrosecondsPerNode, 2));
        writer.WriteNumber("allocated_bytes_per_node", Math.Round(AllocatedBytesPerNode));
        writer.WriteNumber("kept_bytes_per_node", Math.Round(KeptBytesPerNode));
        writer.WriteNumber("nodes_per_commit", Math.Round(NodesPerCommit, 2));
        writer.WriteNumber("rows_written_per_node", Math.Round(RowsWrittenPerNode, 4));
        writer.WriteNumber("bytes_written_per_node", Math.Round(BytesWrittenPerNode, 1));
        writer.WriteStartObject("tables");
        foreach (TableFigures table in Tables)
        {
            writer.WriteStartObject(table.Table);
            writer.WriteNumber("rows_written_per_node", Math.Round(table.RowsWrittenPerNode, 4));
            writer.WriteNumber("bytes_written_per_node", Math.Round(table.BytesWrittenPerNode, 1));
            writer.WriteNumber("rows_kept_per_node", Math.Round(table.RowsKeptPerNode, 4));
            writer.WriteNumber("bytes_kept_per_node", Math.Round(table.BytesKeptPerNode, 1));
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}

/// <summary>What a node of a scenario writes to one table, and what is kept of it there.</summary>
internal sealed record TableFigures(
    string Table, double RowsWrittenPerNode, double BytesWrittenPerNode, double RowsKeptPerNode, double BytesKeptPerNode);
