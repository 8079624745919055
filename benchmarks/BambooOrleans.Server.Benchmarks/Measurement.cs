using System.Diagnostics;
using System.Globalization;

namespace BambooOrleans.Benchmarks;

/// <summary>A load that was run while it was watched.</summary>
/// <param name="Load">The load.</param>
/// <param name="Watchers">How many watched.</param>
/// <param name="Rate">Nodes a second.</param>
/// <param name="CpuPerNode">What the engine's process used for a node.</param>
/// <param name="Reads">How long reads of states took, in order.</param>
/// <param name="Delays">How long after the last pipeline's end each watcher saw its pipeline's, in order; below zero for pipelines that ended earlier.</param>
/// <param name="Bytes">What the watchers were sent.</param>
internal sealed record Measurement(Load Load, int Watchers, double Rate, TimeSpan CpuPerNode, TimeSpan[] Reads, TimeSpan[] Delays, long Bytes)
{
    public static async Task<Measurement> TakeAsync(ServedEngine engine, Load load, int count)
    {
        string[] rootIds = await engine.PrepareAsync(load);
        Watchers? watchers = count > 0 ? await BambooOrleans.Benchmarks.Watchers.OpenAsync(engine.Address, rootIds, count) : null;
        await using (watchers)
        {
            await using var reader = new StateReader(engine.Address, rootIds);
            TimeSpan cpu = engine.CpuTime;
            TimeSpan elapsed = await engine.RunAsync();
            long end = Stopwatch.GetTimestamp();
            cpu = engine.CpuTime - cpu;
            TimeSpan[] reads = await reader.StopAsync();
            TimeSpan[] delays = watchers is null ? [] : await watchers.SeenAsync(end);
            return new Measurement(load, count, load.Nodes / elapsed.TotalSeconds, cpu / load.Nodes, reads, delays, watchers?.Bytes ?? 0);
        }
    }

    public static void Print(TextWriter output, IReadOnlyList<Measurement> taken)
    {
        output.WriteLine("load               watchers   nodes/s  of unwatched   CPU µs a node   read p50 ms   read p99 ms   last seen ms   KB a watcher");
        foreach (IGrouping<string, Measurement> load in taken.GroupBy(measurement => measurement.Load.Name))
        {
            double unwatched = Median(load.Where(measurement => measurement.Watchers == 0), measurement => measurement.Rate);
            foreach (IGrouping<int, Measurement> group in load.GroupBy(measurement => measurement.Watchers))
            {
                double rate = Median(group, measurement => measurement.Rate);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
                    {load.Key,-18} {group.Key,8} {rate,9:0} {rate / unwatched,13:0.00} {Median(group, one => one.CpuPerNode.TotalMicroseconds),15:0} {Median(group, one => At(one.Reads, 0.5)),13:0.0} {Median(group, one => At(one.Reads, 0.99)),13:0.0} {Median(group, one => At(one.Delays, 1)),14:0} {Median(group, one => one.Watchers == 0 ? 0 : one.Bytes / 1024.0 / one.Watchers),14:0.0}
                    """));
            }
        }
    }

    private static double At(TimeSpan[] sorted, double share) =>
        sorted.Length == 0 ? 0 : sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))].TotalMilliseconds;

    private static double Median(IEnumerable<Measurement> group, Func<Measurement, double> figure)
    {
        double[] figures = [.. group.Select(figure).Order()];
        return figures[figures.Length / 2];
    }
}
