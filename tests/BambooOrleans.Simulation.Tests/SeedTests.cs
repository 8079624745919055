using BambooOrleans.Core.Definitions;
using BambooOrleans.Simulation.Planted;
using BambooOrleans.Simulation.Runs;
using BambooOrleans.Simulation.Scenarios;

namespace BambooOrleans.Simulation.Tests;

public class SeedTests
{
    // More by hand: dotnet run -c Release --project src/BambooOrleans.Simulation -- --seeds 100000
    private const int Seeds = 3000;

    [Fact]
    public void No_order_of_messages_verbs_and_faults_breaks_a_rule()
    {
        var runs = new ParallelRuns(1, Seeds, null);

        runs.Run(Environment.ProcessorCount);

        Assert.Equal(Seeds, runs.Seeds);
        Assert.True(runs.Violations.Count == 0, Told(runs.Violations));
        AssertCoversEverything(runs.Coverage);
    }

    [Fact]
    public void One_seed_is_one_run()
    {
        foreach (long seed in new long[] { 3, 4, 7, 4_000_000_000_000 })
        {
            Assert.Equal(TraceOf(seed), TraceOf(seed));
            Assert.NotEmpty(TraceOf(seed));
        }
    }

    [Fact]
    public void A_run_that_breaks_a_rule_is_made_smaller_and_breaks_the_same_rule()
    {
        Violation violation = PlantedRun.Of(Bug.PassThroughPause, 1, PlantedRun.SeedsMax).Violation!;

        Violation smallest = new Minimizer(violation.Rule, Bug.PassThroughPause, TimeSpan.FromMinutes(1)).Minimize(violation);

        Assert.Equal(violation.Rule, smallest.Rule);
        Assert.NotNull(SeedRun.Run(smallest.Scenario, new Coverage(), Bug.PassThroughPause));
        Assert.True(smallest.Scenario.Plan.CountNodes() < violation.Scenario.Plan.CountNodes(), "as many nodes as before");
        Assert.True(smallest.Scenario.Plan.CountNodes() <= 6, $"{smallest.Scenario.Plan.CountNodes()} nodes are left");
        Assert.True(smallest.Scenario.Verbs.Count <= 2, $"{smallest.Scenario.Verbs.Count} verbs are left");
        Assert.Empty(smallest.Scenario.Faults);
    }

    [Fact]
    public void A_report_names_the_command_that_shows_the_run_again()
    {
        Violation violation = PlantedRun.Of(Bug.CountArrivalTwice, 1, PlantedRun.SeedsMax).Violation!;
        var output = new StringWriter();

        FailureReport.Write(output, violation, Bug.CountArrivalTwice, TimeSpan.FromSeconds(20));

        Assert.Contains($"-- --from {violation.Scenario.Seed} --seeds 1 --trace", output.ToString());
        Assert.Contains("parallel gateway", output.ToString());
        Assert.Contains("TokenArrived", output.ToString());
        Assert.Contains("broken: no token lost or doubled", output.ToString());
    }

    private static void AssertCoversEverything(Coverage coverage)
    {
        foreach (NodeKind kind in Enum.GetValues<NodeKind>())
        {
            Assert.True(coverage.Of(kind) > 0, $"no {kind} was entered");
        }

        foreach (FaultKind fault in Enum.GetValues<FaultKind>())
        {
            Assert.True(coverage.Of(fault) > 0, $"no {fault} happened");
        }

        foreach (VerbKind verb in Enum.GetValues<VerbKind>())
        {
            (long taken, long refused) = coverage.Of(verb);
            Assert.True(taken > 0 || verb == VerbKind.PipelineVerbOfNode, $"no {verb} was taken");
            Assert.True(refused > 0 || verb == VerbKind.UpdateContext, $"no {verb} was refused");
        }

        (int nodes, int verbs, int faults) = coverage.Medians();
        Assert.True(nodes >= 20 && verbs >= 5 && faults >= 3, $"medians of {nodes} nodes, {verbs} verbs, {faults} faults");
    }

    private static List<string> TraceOf(long seed)
    {
        var trace = new Trace();
        SeedRun.Run(Scenario.Draw(seed), new Coverage(), Bug.None, trace);
        return trace.Lines;
    }

    private static string Told(List<Violation> violations)
    {
        var output = new StringWriter();
        foreach (Violation violation in violations.DistinctBy(violation => violation.Rule))
        {
            FailureReport.Write(output, violation, Bug.None, TimeSpan.FromSeconds(20));
        }

        return output.ToString();
    }
}
