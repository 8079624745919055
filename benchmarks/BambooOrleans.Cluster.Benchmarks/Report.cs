using System.Globalization;

namespace BambooOrleans.Benchmarks;

/// <summary>Prints the medians, each beside the raw rate of grain writes in the same run.</summary>
internal static class Report
{
    public static void Print(TextWriter output, int silos, IReadOnlyList<Result> results)
    {
        double raw = results.Where(result => result.Scenario == Scenario.ComparedName).Select(result => result.Rate).DefaultIfEmpty(double.NaN)
            .Order().ToArray() is var rates ? rates[rates.Length / 2] : double.NaN;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{silos} silo(s) on {Environment.ProcessorCount} cores, PostgreSQL beside them; medians"));
        output.WriteLine("scenario           steps/s   of raw-64   p50 ms   p99 ms   rows/node");
        foreach (IGrouping<string, Result> scenario in results.GroupBy(result => result.Scenario))
        {
            Result median = scenario.OrderBy(result => result.Rate).ElementAt(scenario.Count() / 2);
            double[] latencies = [.. median.Latencies.Select(latency => latency.TotalMilliseconds).Order()];
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{scenario.Key,-16} {median.Rate,9:n0} {median.Rate / raw,11:f2} {At(latencies, 0.5),8:f2} {At(latencies, 0.99),8:f2} {(double)median.Rows.Values.Sum() / median.Steps,11:f2}"));
            if (median.Rows.Count > 0)
            {
                output.WriteLine("    " + string.Join(", ", median.Rows.Where(table => table.Value > 0).OrderByDescending(table => table.Value)
                    .Select(table => string.Create(CultureInfo.InvariantCulture, $"{table.Key} {(double)table.Value / median.Steps:f2}"))));
            }
        }
    }

    private static double At(double[] sorted, double part) => sorted.Length == 0 ? double.NaN : sorted[(int)((sorted.Length - 1) * part)];
}
