using System.Globalization;
using System.Text.Json;

namespace BambooOrleans.Benchmarks;

/// <summary>The figures of all scenarios, each the median of its rounds, as a table for people and as JSON by name.</summary>
internal sealed class Report
{
    private readonly StoreKind _store;
    private readonly int _repeat;
    private readonly DateTimeOffset _time = DateTimeOffset.UtcNow;
    private readonly List<Figures> _figures;

    private Report(StoreKind store, int repeat, List<Figures> figures)
    {
        _store = store;
        _repeat = repeat;
        _figures = figures;
    }

    /// <summary>Sums up what was measured.</summary>
    public static Report Of(StoreKind store, int repeat, IReadOnlyCollection<Result> results)
    {
        double raw = Median(results.Where(result => result.Scenario == RawStoreScenario.ComparedName), result => result.NodesPerSecond);
        return new Report(
            store, repeat, [.. results.GroupBy(result => result.Scenario).Select(group => Figures.Of([.. group], raw))]);
    }

    /// <summary>Prints the figures.</summary>
    public void Print(TextWriter writer)
    {
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{_time:yyyy-MM-dd}, {Environment.ProcessorCount} cores, store {StoreKinds.NameOf(_store)}, medians of {_repeat}"));
        writer.WriteLine();
        Row(
            writer,
            ["scenario", "nodes", "s", "nodes/s", "of raw", "p50 ms", "p99 ms", "CPU µs", "alloc B", "kept B", "nodes per commit", "rows", "bytes"]);
        foreach (Figures figures in _figures)
        {
            Row(
                writer,
                [
                    figures.Scenario,
                    Text(figures.Nodes, "0"),
                    Text(figures.Seconds, "0.000"),
                    Text(figures.NodesPerSecond, "0"),
                    Text(figures.RatioToRaw, "0.00"),
                    Text(figures.P50Ms, "0.000"),
                    Text(figures.P99Ms, "0.000"),
                    Text(figures.CpuMicrosecondsPerNode, "0.0"),
                    Text(figures.AllocatedBytesPerNode, "0"),
                    Text(figures.KeptBytesPerNode, "0"),
                    Text(figures.NodesPerCommit, "0.0"),
                    Text(figures.RowsWrittenPerNode, "0.00"),
                    Text(figures.BytesWrittenPerNode, "0"),
                ]);
        }

        writer.WriteLine();
        writer.WriteLine("CPU, alloc, kept, rows and bytes are per node; latencies are of a pipeline (many-, one-node), of a node (seq-), of a");
        writer.WriteLine("submission (submit-), of a commit (raw-); a node of raw- is one state row and one journal row.");
        PrintTables(writer);
    }

    /// <summary>The same figures as JSON, by scenario.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("time", _time);
            writer.WriteNumber("cores", Environment.ProcessorCount);
            writer.WriteString("store", StoreKinds.NameOf(_store));
            writer.WriteNumber("repeat", _repeat);
            writer.WriteStartObject("scenarios");
            foreach (Figures figures in _figures)
            {
                figures.Write(writer);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(buffer.ToArray());
    }

    internal static double Median(IEnumerable<Result> results, Func<Result, double> figure)
    {
        double[] sorted = [.. results.Select(figure).Order()];
        return sorted.Length == 0 ? 0
            : sorted.Length % 2 == 1 ? sorted[sorted.Length / 2]
            : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private void PrintTables(TextWriter writer)
    {
        writer.WriteLine();
        Row(writer, ["per node", "table", "rows written", "bytes written", "rows kept", "bytes kept"]);
        foreach (Figures figures in _figures)
        {
            // What stands in a table once for a pipeline of thousands of nodes is no cost of a node.
            foreach (TableFigures table in figures.Tables.Where(table => table.RowsWrittenPerNode >= 0.0005))
            {
                Row(
                    writer,
                    [
                        figures.Scenario,
                        table.Table,
                        Text(table.RowsWrittenPerNode, "0.000"),
                        Text(table.BytesWrittenPerNode, "0"),
                        Text(table.RowsKeptPerNode, "0.000"),
                        Text(table.BytesKeptPerNode, "0"),
                    ]);
            }
        }
    }

    private static void Row(TextWriter writer, ReadOnlySpan<string> cells)
    {
        writer.Write(cells[0].PadRight(20));
        foreach (string cell in cells[1..])
        {
            writer.Write(' ');
            writer.Write(cell.PadLeft(Math.Max(9, cell.Length)));
        }

        writer.WriteLine();
    }

    private static string Text(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
