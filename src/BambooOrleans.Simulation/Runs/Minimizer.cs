using System.Diagnostics;
using BambooOrleans.Simulation.Planted;
using BambooOrleans.Simulation.Plans;
using BambooOrleans.Simulation.Scenarios;

namespace BambooOrleans.Simulation.Runs;

/// <summary>Makes a scenario that breaks a rule smaller, as long as it breaks the same rule: fewer faults, verbs and nodes.</summary>
internal sealed class Minimizer(string rule, Bug bug, TimeSpan limit)
{
    private const int SchedulesTried = 4;

    private readonly Coverage _coverage = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();

    public Violation Minimize(Violation violation)
    {
        Violation smallest = violation;
        bool isSmaller = true;
        while (isSmaller && _watch.Elapsed < limit)
        {
            isSmaller = false;
            foreach (Scenario candidate in Smaller(smallest.Scenario))
            {
                if (_watch.Elapsed >= limit)
                {
                    break;
                }

                if (Breaks(candidate) is { } broken)
                {
                    smallest = broken;
                    isSmaller = true;
                    break;
                }
            }
        }

        return smallest;
    }

    // With less in it the same draws mean something else: other draws are tried too.
    private Violation? Breaks(Scenario scenario)
    {
        for (int schedule = 0; schedule < SchedulesTried; schedule++)
        {
            Scenario tried = schedule == 0 ? scenario : scenario with { Schedule = SeededRandom.Mix(scenario.Schedule + (ulong)schedule) };
            if (SeedRun.Run(tried, _coverage, bug) is { } broken && broken.Rule == rule)
            {
                return broken;
            }
        }

        return null;
    }

    private static IEnumerable<Scenario> Smaller(Scenario scenario)
    {
        foreach (IReadOnlyList<ScriptedFault> faults in Without(scenario.Faults))
        {
            yield return scenario with { Faults = faults };
        }

        foreach (IReadOnlyList<ScriptedVerb> verbs in Without(scenario.Verbs))
        {
            // A run without an operator is another kind of run: it is compared with a plain one.
            if (verbs.Count > 0)
            {
                yield return scenario with { Verbs = verbs };
            }
        }

        foreach (Plan plan in PlanReductions.Of(scenario.Plan))
        {
            if (plan.IsValid())
            {
                yield return scenario with { Plan = plan };
            }
        }

        if (scenario.RerunLimit != 100)
        {
            yield return scenario with { RerunLimit = 100 };
        }
    }

    // Halves first, then one by one.
    private static IEnumerable<IReadOnlyList<T>> Without<T>(IReadOnlyList<T> items)
    {
        if (items.Count > 3)
        {
            int half = items.Count / 2;
            yield return [.. items.Skip(half)];
            yield return [.. items.Take(half)];
        }

        for (int index = 0; index < items.Count; index++)
        {
            yield return [.. items.Take(index), .. items.Skip(index + 1)];
        }
    }
}
