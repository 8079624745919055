using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Tests;

namespace BambooOrleans.Core.Tests.Machines;

/// <summary>Tokens through forks, forks in forks and sub-processes; the driver holds them against their invariants after each turn.</summary>
public class TokenTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public void Branches_may_end_in_any_order_and_every_node_runs_once(int seed)
    {
        var random = new Random(seed);
        var driver = new MachineDriver(Nested()) { Pick = random.Next };

        driver.Run();

        Assert.Equal(NodeStateName.Finished, driver.Root.State);
        Assert.Empty(driver.Pipeline.State.Tokens);
        Assert.All(driver.NodesWithState, node => Assert.Equal((node, 1), (node, driver.State(node).Loop)));
        Assert.Equal(driver.Definition.Nodes.Count - 4, driver.NodesWithState.Count());
        Assert.Equal(
            driver.AllCalls.OfType<ExecuteComponent>().Count(),
            driver.AllCalls.OfType<ExecuteComponent>().Select(call => call.Call.Version).Distinct().Count());
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    public void Deaths_at_any_moment_lose_and_double_no_token(int seed)
    {
        var random = new Random(seed);
        var driver = new MachineDriver(Nested());
        driver.Tell(new Start(1));
        int host = 1;
        while (driver.Calls.Count > 0)
        {
            if (random.Next(3) == 0)
            {
                driver.Die($"host-{++host}");
            }
            else
            {
                driver.Delivers = random.Next(3) != 0;
                driver.Answer(driver.Calls[random.Next(driver.Calls.Count)]);
                if (!driver.Delivers)
                {
                    driver.Die($"host-{++host}");
                }
            }
        }

        Assert.Equal(NodeStateName.Finished, driver.Root.State);
        Assert.All(driver.NodesWithState, node => Assert.Equal((node, 1), (node, driver.State(node).Loop)));
    }

    [Fact]
    public void A_branch_that_leads_straight_to_the_converge_gateway_arrives_at_once()
    {
        MachineDriver driver = new MachineDriver(new TreeSketch().Flow("start", "pg", "a", "cg", "end").Flow("pg", "cg")).Run();

        Assert.Equal(NodeStateName.Finished, driver.Root.State);
        Assert.Equal(1, driver.State("cg").Loop);
    }

    [Fact]
    public void A_fork_whose_branches_all_lead_straight_to_the_converge_gateway_goes_on()
    {
        MachineDriver driver = new MachineDriver(new TreeSketch()
            .Flow("start", "cpg", "a", "cg", "end").Flow("cpg", "cg").When("cpg", "a", "1 == 2").When("cpg", "cg", "1 == 1")).Run();

        Assert.Equal(NodeStateName.Finished, driver.Root.State);
        Assert.Null(driver.FindState("a"));
    }

    [Fact]
    public void A_branch_that_sleeps_keeps_the_others_waiting_at_the_converge_gateway()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "pg", "a", "cg", "end").Flow("pg", "b", "cg").Activity("b", "bad"));
        driver.Executions["bad"] = call => MachineDriver.Failure(call);

        driver.Run();

        Assert.Null(driver.FindState("cg"));
        Assert.Equal([TokenPhase.Asleep, TokenPhase.Joining], driver.Pipeline.State.Tokens.Values.Select(token => token.Phase).Order());
        Assert.Equal(1, driver.Token("pg").Awaited);
    }

    [Fact]
    public void Steps_grow_along_every_path_over_forks_and_loops()
    {
        var driver = StalenessTests.Everything();
        driver.RunThroughTimers();

        foreach (IGrouping<string, long> steps in driver.Events
            .Select(item => item.Event).OfType<Core.Machines.Events.NodeStarted>().GroupBy(item => item.Token, item => item.Step))
        {
            Assert.Equal(steps.Order(), steps);
            Assert.Equal(steps.Distinct(), steps);
        }
    }

    [Fact]
    public void A_node_in_a_sub_process_that_is_entered_again_counts_its_inner_loop_from_one_and_its_loop_on()
    {
        MachineDriver driver = new MachineDriver(LoopedSub(rounds: 3)).Run();

        Assert.Equal(3, driver.State("b").Loop);
        Assert.Equal(1, driver.State("b").InnerLoop);
        Assert.Equal(3, driver.Pipeline.State.Scopes["sp"].Loop);
        Assert.Equal(3, driver.Pipeline.State.Scopes["sp"].Run);
        Assert.Equal(2, driver.State("b").HistoryCount);
        Assert.Equal(2, driver.Pipeline.State.Scopes["sp"].HistoryCount);
    }

    [Fact]
    public void A_version_is_new_at_each_entry()
    {
        MachineDriver driver = new MachineDriver(LoopedSub(rounds: 3)).Run();

        string[] versions = [.. driver.Events.Select(item => item.Event).OfType<Core.Machines.Events.NodeStarted>().Select(item => item.Version)];
        Assert.Equal(versions.Length, versions.Distinct().Count());
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(3, 4)]
    public void A_node_runs_once_more_than_its_rerun_limit_and_is_failed_at_the_next_entry(int limit, int runs)
    {
        var driver = new MachineDriver(
            new TreeSketch().Flow("start", "a", "eg", "a").Flow("eg", "end").When("eg", "a", "1 == 1").When("eg", "end", "1 == 2"),
            new EngineSettings { NodeRerunLimit = limit });
        driver.Executions["ok"] = call => MachineDriver.Success(call, Components.ScheduleKind.None, ("kept", call.Call.Loop));

        driver.Run();

        NodeState node = driver.State("a");
        Assert.Equal(runs, driver.AllCalls.Count);
        Assert.Equal((NodeStateName.Failed, runs), (node.State, node.Loop));
        Assert.Equal($"node execution exceed rerun limit {limit}", node.Outputs!["ex_data"]);
        Assert.Equal(runs, node.Outputs!["kept"]);
        Assert.Equal(TokenPhase.Asleep, driver.Token("a").Phase);
    }

    [Fact]
    public void A_failure_by_the_rerun_limit_is_not_repeated_when_it_is_driven()
    {
        var driver = new MachineDriver(
            new TreeSketch().Flow("start", "a", "eg", "a").Flow("eg", "end").When("eg", "a", "1 == 1").When("eg", "end", "1 == 2"),
            new EngineSettings { NodeRerunLimit = 1 });
        driver.Tell(new Start(1));
        driver.Answer(driver.Calls[0]);
        driver.Answer(driver.Calls[0]);
        int events = driver.Events.Count;

        driver.Die();

        Assert.Equal(events, driver.Events.Count);
        Assert.Empty(driver.Calls);
    }

    private static TreeSketch Nested() => new TreeSketch()
        .Flow("start", "pg1", "a", "pg2", "b", "cg2", "cg1", "sp3", "end")
        .Flow("pg2", "c", "cg2").Flow("pg2", "pg3", "d", "cg3", "cg2").Flow("pg3", "e", "f", "cg3").Flow("pg3", "cg3")
        .Flow("pg1", "sp1", "cg1").Flow("pg1", "sp2", "cg1").Flow("pg1", "cg1")
        .Sub("sp1", new TreeSketch("i1", "s1", "e1").Flow("s1", "pg4", "g", "cg4", "e1").Flow("pg4", "h", "cg4"))
        .Sub("sp2", new TreeSketch("i2", "s2", "e2").Flow("s2", "sp4", "e2")
            .Sub("sp4", new TreeSketch("i4", "s4", "e4").Flow("s4", "k", "e4")))
        .Sub("sp3", new TreeSketch("i3", "s3", "e3").Flow("s3", "l", "pg5", "m", "cg5", "e3").Flow("pg5", "n", "cg5"));

    private static TreeSketch LoopedSub(int rounds) => new TreeSketch().Flow("start", "sp", "eg", "sp").Flow("eg", "end")
        .Sub("sp", new TreeSketch("i", "s1", "e1").Flow("s1", "b", "e1"))
        .Fill("${n}", "sp", "_loop", before: 0)
        .When("eg", "sp", $"${{n}} < {rounds}").When("eg", "end", $"${{n}} >= {rounds}");
}
