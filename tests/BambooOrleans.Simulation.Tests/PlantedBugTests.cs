using BambooOrleans.Simulation.Planted;

namespace BambooOrleans.Simulation.Tests;

/// <summary>The checkers see what they are there for.</summary>
public class PlantedBugTests
{
    public static TheoryData<string> Bugs => [.. PlantedRun.Bugs.Select(bug => bug.ToString())];

    [Theory]
    [MemberData(nameof(Bugs))]
    public void A_planted_bug_is_found(string bug)
    {
        PlantedRun run = PlantedRun.Of(Enum.Parse<Bug>(bug), 1, PlantedRun.SeedsMax);

        Assert.True(run.Violation is not null, $"{bug} was not found in {run.Seeds} seeds");
    }

    [Fact]
    public void There_are_enough_of_them() => Assert.True(PlantedRun.Bugs.Count() >= 15);
}
