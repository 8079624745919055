using BambooOrleans.Simulation.Runs;
using BambooOrleans.Simulation.Scenarios;

namespace BambooOrleans.Simulation.Planted;

/// <summary>The search for one planted bug.</summary>
/// <param name="Bug">The bug.</param>
/// <param name="Seeds">How many seeds were run, the one that found it included.</param>
/// <param name="Violation">What found it; null where nothing did.</param>
internal sealed record PlantedRun(Bug Bug, long Seeds, Violation? Violation)
{
    /// <summary>Within how many seeds each bug is to be found.</summary>
    public const int SeedsMax = 2000;

    /// <summary>The bugs that can be planted.</summary>
    public static IEnumerable<Bug> Bugs => Enum.GetValues<Bug>().Where(bug => bug != Bug.None);

    /// <summary>Searches for every bug.</summary>
    public static IEnumerable<PlantedRun> All(long from, long seeds) => Bugs.AsParallel().AsOrdered().Select(bug => Of(bug, from, seeds));

    /// <summary>Searches for one bug.</summary>
    public static PlantedRun Of(Bug bug, long from, long seeds)
    {
        var coverage = new Coverage();
        for (long seed = from; seed < from + seeds; seed++)
        {
            if (SeedRun.Run(Scenario.Draw(seed), coverage, bug) is { } violation)
            {
                return new PlantedRun(bug, seed - from + 1, violation);
            }
        }

        return new PlantedRun(bug, seeds, null);
    }
}
