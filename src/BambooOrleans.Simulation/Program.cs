using System.Globalization;
using BambooOrleans.Simulation.Checks;
using BambooOrleans.Simulation.Planted;
using BambooOrleans.Simulation.Runs;
using BambooOrleans.Simulation.Scenarios;

namespace BambooOrleans.Simulation;

/// <summary>The simulator as a program.</summary>
internal static class Program
{
    private const string Usage = """
        usage: BambooOrleans.Simulation [--seeds N] [--from S] [--minutes M] [--workers W] [--trace]
               BambooOrleans.Simulation --planted [--seeds N] [--from S]

          --seeds N     how many seeds to run; 1000 where neither it nor --minutes is given
          --from S      the first seed; 1 by default
          --minutes M   run until so many minutes are over, or --seeds are done
          --workers W   how many seeds at once; one for each core by default
          --trace       print what happened in each seed
          --planted     plant each known bug in turn, and say which of them are found within --seeds (2000)
        """;

    private static readonly TimeSpan MinimizingLimit = TimeSpan.FromSeconds(20);

    public static int Main(string[] arguments) => Run(arguments, Console.Out, Console.Error);

    /// <summary>Runs as the arguments say, and answers the exit code: 0 where nothing was broken, 1 where something was, 2 for bad arguments.</summary>
    public static int Run(string[] arguments, TextWriter output, TextWriter errors)
    {
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            Options options = Options.Parse(arguments);
            return options.IsPlanted ? RunPlanted(options, output) : options.IsTraced ? RunTraced(options, output) : RunSeeds(options, output);
        }
        catch (FormatException failure)
        {
            errors.WriteLine(failure.Message);
            errors.WriteLine(Usage);
            return 2;
        }
    }

    private static int RunSeeds(Options options, TextWriter output)
    {
        output.WriteLine($"from seed {options.From}");
        var runs = new ParallelRuns(
            options.From, options.Seeds ?? (options.Minutes is null ? 1000 : long.MaxValue - options.From), options.Minutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null);
        runs.Run(options.Workers ?? Environment.ProcessorCount);
        foreach (IGrouping<string, Violation> group in runs.Violations.GroupBy(violation => violation.Rule))
        {
            output.WriteLine();
            output.WriteLine($"broken: {group.Key} ({group.Count()} seeds: {string.Join(", ", group.Select(violation => violation.Scenario.Seed))})");
            FailureReport.Write(output, group.First(), Bug.None, MinimizingLimit);
        }

        runs.Coverage.Write(output);
        output.WriteLine($"{runs.Seeds} seeds, {runs.Violations.Count} violations");
        return runs.Violations.Count == 0 && runs.Seeds > 0 ? 0 : 1;
    }

    private static int RunTraced(Options options, TextWriter output)
    {
        int violations = 0;
        long seeds = options.Seeds ?? 1;
        for (long seed = options.From; seed < options.From + seeds; seed++)
        {
            Scenario scenario = Scenario.Draw(seed);
            var trace = new Trace();
            Violation? violation = SeedRun.Run(scenario, new Coverage(), Bug.None, trace);
            FailureReport.Write(output, scenario, trace, violation);
            violations += violation is null ? 0 : 1;
        }

        output.WriteLine($"{seeds} seeds, {violations} violations");
        return violations == 0 ? 0 : 1;
    }

    private static int RunPlanted(Options options, TextWriter output)
    {
        int planted = 0;
        int found = 0;
        foreach (PlantedRun run in PlantedRun.All(options.From, options.Seeds ?? PlantedRun.SeedsMax))
        {
            planted++;
            found += run.Violation is null ? 0 : 1;
            output.WriteLine(run.Violation is { } violation
                ? $"{run.Bug,-28} found by seed {violation.Scenario.Seed,-6} {violation.Rule}: {violation.Message.Split('\n')[0]}"
                : $"{run.Bug,-28} NOT FOUND in {run.Seeds} seeds");
        }

        output.WriteLine($"{planted} planted, {found} found");
        return planted == found ? 0 : 1;
    }

    private sealed record Options
    {
        public long? Seeds { get; private init; }

        public long From { get; private init; } = 1;

        public double? Minutes { get; private init; }

        public int? Workers { get; private init; }

        public bool IsPlanted { get; private init; }

        public bool IsTraced { get; private init; }

        public static Options Parse(string[] arguments)
        {
            var options = new Options();
            for (int index = 0; index < arguments.Length; index++)
            {
                string name = arguments[index];
                options = name switch
                {
                    "--planted" => options with { IsPlanted = true },
                    "--trace" => options with { IsTraced = true },
                    "--seeds" => options with { Seeds = Number(1, long.MaxValue / 2) },
                    "--from" => options with { From = Number(0, long.MaxValue / 2) },
                    "--minutes" => options with { Minutes = Minutes() },
                    "--workers" => options with { Workers = (int)Number(1, 1024) },
                    _ => throw new FormatException($"unknown option {name}"),
                };

                long Number(long least, long most) =>
                    long.TryParse(Next(), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
                        ? number
                        : throw new FormatException($"{name} needs a whole number of {least} at least");

                double Minutes() =>
                    double.TryParse(Next(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double minutes) && minutes > 0
                        ? minutes
                        : throw new FormatException($"{name} needs a number of minutes above 0");

                string Next() => ++index < arguments.Length ? arguments[index] : throw new FormatException($"{name} needs a value");
            }

            return options;
        }
    }
}
