using BambooOrleans.Core.Definitions;
using BambooOrleans.Simulation.Plans;
using BambooOrleans.Simulation.Runs;
using BambooOrleans.Simulation.Scenarios;

namespace BambooOrleans.Simulation.Tests;

/// <summary>
/// A host dies at each place of a run at which it can: before a turn is written, after it and before anything follows from
/// it, and between any two things that follow; once, and a second time at each place after that. Each run must end as the
/// undisturbed one.
/// </summary>
public class CrashSweepTests
{
    private static readonly Dictionary<string, Plan> Plans = new()
    {
        ["activity"] = Of(Activity(ComponentCodes.Plain)),
        ["activity that fails"] = Of(Activity(ComponentCodes.Flaky)),
        ["activity whose failure is passed over"] = Of(Activity(ComponentCodes.Flaky) with { IsErrorIgnorable = true }),
        ["activity that loops by itself"] = Of(Activity(ComponentCodes.Plain) with { OwnLoopTimes = 2 }),
        ["activity that polls"] = Of(Activity(ComponentCodes.Poll)),
        ["activity that is called back"] = Of(Activity(ComponentCodes.Callback)),
        ["activity that is called back several times"] = Of(Activity(ComponentCodes.Callbacks)),
        ["activity with a deadline"] = Of(Activity(ComponentCodes.Deadline)),
        ["activity with a lazy variable"] = Of(Activity(ComponentCodes.Plain) with { ReadsLazy = true }),
        ["start event that renders"] = Of(Activity(ComponentCodes.Plain)) with { PreRenders = true },
        ["end event that runs code"] = Of(Activity(ComponentCodes.Plain)) with { EndRunsCode = true },
        ["sub-process"] = Of(new SubProcessBlock(1, new Plan("sp1", [Activity(ComponentCodes.Plain, 2)]) { HasOutput = true })),
        ["sub-process with a lazy param"] = Of(new SubProcessBlock(1, new Plan("sp1", [Activity(ComponentCodes.Plain, 2)])) { ReadsLazy = true }),
        ["parallel gateway"] = Of(Fork(ForkKind.All, "1 == 1", "1 == 1")),
        ["conditional parallel gateway"] = Of(Fork(ForkKind.Some, "1 == 1", "1 == 1")),
        ["exclusive gateway"] = Of(Fork(ForkKind.One, "1 == 2", "1 == 1")),
        ["exclusive gateway that fails"] = Of(Fork(ForkKind.One, "1 == 2", "1 == 2")),
        ["loop"] = Of(new LoopBlock(1, 2, [])),
        ["sub-process in a loop"] = Of(new LoopBlock(1, 2, [new SubProcessBlock(2, new Plan("sp2", [Activity(ComponentCodes.Plain, 3)]))])),
    };

    public static TheoryData<string, bool> Cases
    {
        get
        {
            var cases = new TheoryData<string, bool>();
            foreach (string plan in Plans.Keys)
            {
                cases.Add(plan, true);
                cases.Add(plan, false);
            }

            return cases;
        }
    }

    [Fact]
    public void Every_kind_of_node_is_swept()
    {
        HashSet<NodeKind> kinds = [.. Plans.Values.SelectMany(plan => SeedRun.DefinitionOf(ScenarioOf(plan, HostMode.Embedded, 1)).Nodes.Values).Select(node => node.Kind)];

        Assert.Equal(Enum.GetValues<NodeKind>().Length, kinds.Count);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_death_at_each_place_and_two_at_each_two_lead_to_the_same_end_as_none(string name, bool isCluster)
    {
        Scenario scenario = ScenarioOf(Plans[name], isCluster ? HostMode.Cluster : HostMode.Embedded, SeedFor(name));
        PipelineDefinition definition = SeedRun.DefinitionOf(scenario);
        (SortedDictionary<string, string> expected, _) = Run(scenario.Undisturbed(), definition);
        (SortedDictionary<string, string> undisturbed, int places) = Run(scenario, definition);
        SeedRun.RequireEqual(expected, undisturbed);

        // An embedded host needs no commit between events and gateways.
        Assert.True(places >= (isCluster ? 10 : 2), $"only {places} places");

        for (int first = 0; first < places; first++)
        {
            (SortedDictionary<string, string> once, int placesAfter) = Run(scenario, definition, first);
            SeedRun.RequireEqual(expected, once);
            for (int second = first + 1; second < placesAfter; second++)
            {
                SeedRun.RequireEqual(expected, Run(scenario, definition, first, second).Outcome);
            }
        }
    }

    private static (SortedDictionary<string, string> Outcome, int Places) Run(Scenario scenario, PipelineDefinition definition, params int[] deaths)
    {
        var points = new CrashPoints(deaths);
        var simulator = new Simulator(
            scenario, definition, SeedRun.CodeOf(scenario, definition, mayRace: false), new Coverage(), crashPoints: points);
        simulator.Run();
        Assert.Equal(deaths.Length, points.Deaths);
        return (SeedRun.OutcomeOf(simulator.Auditor, definition), points.Count);
    }

    private static Scenario ScenarioOf(Plan plan, HostMode mode, long seed) =>
        new() { Seed = seed, Schedule = 1, Plan = plan, Mode = mode, IsShuffled = false };

    // A seed under which the first attempt does what the name says.
    private static long SeedFor(string name)
    {
        for (long seed = 1; ; seed++)
        {
            Scenario scenario = ScenarioOf(Plans[name], HostMode.Embedded, seed);
            PipelineDefinition definition = SeedRun.DefinitionOf(scenario);
            string all = string.Join('\n', Run(scenario, definition).Outcome.Select(entry => $"{entry.Key} {entry.Value}"));
            bool fits = name switch
            {
                "activity that fails" => all.Contains("node a1 Failed", StringComparison.Ordinal),
                "activity whose failure is passed over" => all.Contains("a1 1 False", StringComparison.Ordinal),
                "activity with a deadline" => all.Contains("no callback came", StringComparison.Ordinal),
                "activity that is called back several times" or "activity that polls" => all.Contains(" True 3 of", StringComparison.Ordinal),
                "exclusive gateway that fails" => all.Contains("node eg1 Failed", StringComparison.Ordinal),
                _ => !all.Contains("Failed", StringComparison.Ordinal),
            };
            if (fits)
            {
                return seed;
            }
        }
    }

    private static Plan Of(Block block) => new("p", [block]);

    private static ActivityBlock Activity(string code, int number = 1) => new(number, code);

    private static ForkBlock Fork(ForkKind kind, params string[] conditions) => new(
        1, kind, [.. conditions.Select((condition, index) => new Branch(condition, [Activity(ComponentCodes.Plain, index + 2)]))]);
}
