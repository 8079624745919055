using BambooOrleans.Simulation.Planted;
using BambooOrleans.Simulation.Plans;
using BambooOrleans.Simulation.Scenarios;

namespace BambooOrleans.Simulation.Runs;

/// <summary>Tells of a run that broke a rule: how to see it again, and the smallest one that breaks the same rule.</summary>
internal static class FailureReport
{
    private const int TraceLinesMax = 120;

    /// <summary>Makes it smaller, and tells.</summary>
    public static void Write(TextWriter output, Violation violation, Bug bug, TimeSpan limit)
    {
        output.WriteLine($"seed {violation.Scenario.Seed}: {violation.Message}");
        output.WriteLine($"see it: dotnet run -c Release --project src/BambooOrleans.Simulation -- --from {violation.Scenario.Seed} --seeds 1 --trace");
        Violation smallest = new Minimizer(violation.Rule, bug, limit).Minimize(violation);
        var trace = new Trace();
        SeedRun.Run(smallest.Scenario, new Coverage(), bug, trace);
        output.WriteLine("the smallest run that breaks the same rule:");
        Write(output, smallest.Scenario, trace, smallest);
    }

    /// <summary>Tells of a run.</summary>
    public static void Write(TextWriter output, Scenario scenario, Trace trace, Violation? violation)
    {
        output.Write(PlanText.Of(scenario.Plan));
        output.WriteLine($"  {scenario.Mode}, rerun limit {scenario.RerunLimit}");
        output.WriteLine($"  verbs: {(scenario.Verbs.Count == 0 ? "none" : string.Join(", ", scenario.Verbs.Select(verb => $"{verb.Kind} at {verb.At}{(verb.IsTwice ? ", twice" : "")}")))}");
        output.WriteLine($"  faults: {(scenario.Faults.Count == 0 ? "none" : string.Join(", ", scenario.Faults.Select(fault => $"{fault.Kind} at {fault.At}")))}");
        int left = violation is null ? 0 : Math.Max(0, trace.Lines.Count - TraceLinesMax);
        if (left > 0)
        {
            output.WriteLine($"  ({left} lines before)");
        }

        foreach (string line in trace.Lines.Skip(left))
        {
            output.WriteLine($"  {line}");
        }

        if (violation is not null)
        {
            output.WriteLine($"broken: {violation.Rule}: {violation.Message}");
        }

        output.WriteLine();
    }
}
