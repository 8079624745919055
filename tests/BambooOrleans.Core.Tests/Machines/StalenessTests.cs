using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Tests;

namespace BambooOrleans.Core.Tests.Machines;

/// <summary>Inputs come twice, late and out of order, and hosts die.</summary>
public class StalenessTests
{
    [Fact]
    public void An_entry_that_is_told_again_while_the_component_runs_here_makes_no_event_and_no_second_call()
    {
        MachineDriver driver = Started(Chain());
        int events = driver.Events.Count;

        driver.Tell(new Drive());

        Assert.Equal(events, driver.Events.Count);
        Assert.Single(driver.Calls);
    }

    [Fact]
    public void An_entry_of_an_older_step_makes_no_event()
    {
        MachineDriver driver = Started(Loop());
        Token first = driver.Token("a");
        driver.Answer(driver.Calls[0]);
        driver.Answer(driver.Calls[0]);
        Assert.Equal(2, driver.State("a").Loop);
        int events = driver.Events.Count;

        driver.Tell("a", EntryOf(driver, first));

        Assert.Equal(events, driver.Events.Count);
        Assert.Single(driver.Calls);
    }

    [Fact]
    public void A_result_under_an_old_version_makes_no_event()
    {
        MachineDriver driver = Started(Loop());
        var old = (ExecuteComponent)driver.Calls[0];
        driver.Answer(old);
        driver.Answer(driver.Calls[0]);
        int events = driver.Events.Count;

        driver.Tell("a", MachineDriver.Success(old, ScheduleKind.None, ("late", true)));

        Assert.Equal(events, driver.Events.Count);
        Assert.Equal(NodePhase.Executing, driver.State("a").Phase);
    }

    [Fact]
    public void A_result_that_comes_twice_is_taken_once()
    {
        MachineDriver driver = Started(Chain());
        var call = (ExecuteComponent)driver.Calls[0];
        driver.Answer(call);
        int events = driver.Events.Count;

        driver.Tell("a", MachineDriver.Failure(call));

        Assert.Equal(events, driver.Events.Count);
        Assert.Equal(NodeStateName.Finished, driver.State("a").State);
    }

    [Fact]
    public void A_report_that_comes_twice_moves_its_token_once()
    {
        MachineDriver driver = Started(Chain());
        Token token = driver.Token("a");
        driver.Answer(driver.Calls[0]);
        NodeReport report = driver.State("a").Report!;
        int events = driver.Events.Count;

        driver.Tell(new NodeReported("a", token.Id, token.Step, token.Attempt, report with { Outputs = driver.State("a").Outputs }));

        Assert.Equal(events, driver.Events.Count);
        Assert.Equal("b", Assert.Single(driver.Pipeline.State.Tokens.Values).Node);
    }

    [Fact]
    public void A_report_of_a_failure_that_comes_twice_puts_its_token_to_sleep_once()
    {
        MachineDriver driver = Started(Chain());
        driver.Executions["ok"] = call => MachineDriver.Failure(call, ("out", 1));
        Token token = driver.Token("a");
        driver.Go();
        int events = driver.Events.Count;

        driver.Tell(new NodeReported(
            "a", token.Id, token.Step, token.Attempt, driver.State("a").Report! with { Outputs = driver.State("a").Outputs }));

        Assert.Equal(events, driver.Events.Count);
    }

    [Fact]
    public void A_report_of_a_branch_whose_token_is_gone_makes_no_event()
    {
        MachineDriver driver = Started(new TreeSketch().Flow("start", "pg", "b", "cg", "end").Flow("pg", "c", "cg"));
        Token token = driver.Token("b");
        driver.Answer(driver.Calls[0]);
        int events = driver.Events.Count;

        driver.Tell(new NodeReported("b", token.Id, token.Step, 1, driver.State("b").Report!));

        Assert.Equal(events, driver.Events.Count);
    }

    [Fact]
    public void A_start_that_comes_twice_is_answered_and_starts_nothing_more()
    {
        MachineDriver driver = Started(Chain());
        int events = driver.Events.Count;

        driver.Tell(new Start(2));

        Assert.Equal(events, driver.Events.Count);
        Assert.Equal([1L, 2L], driver.Replies.Select(reply => reply.Request));
    }

    [Fact]
    public void A_report_that_was_lost_is_given_again_when_the_pipeline_asks()
    {
        MachineDriver driver = Started(Chain().Fill("${out}", "a", "out"));
        driver.Executions["ok"] = call => MachineDriver.Success(call, ScheduleKind.None, ("out", 9));
        driver.Delivers = false;
        driver.Answer(driver.Calls[0]);
        Assert.Equal("a", Assert.Single(driver.Pipeline.State.Tokens.Values).Node);

        driver.Die();

        Assert.Equal(9, driver.Context("${out}"));
        Assert.Equal("b", Assert.Single(driver.Pipeline.State.Tokens.Values).Node);
        Assert.Equal(1, driver.State("a").Loop);
    }

    [Fact]
    public void An_entry_that_was_lost_is_made_again()
    {
        var driver = new MachineDriver(Chain()) { Delivers = false };
        driver.Tell(new Start(1));
        Assert.Empty(driver.NodesWithState);

        driver.Die();
        driver.Go();

        Assert.Equal(NodeStateName.Finished, driver.Root.State);
    }

    [Fact]
    public void An_execution_whose_host_died_runs_again_under_the_same_version_and_says_so()
    {
        MachineDriver driver = Started(Chain());
        var first = (ExecuteComponent)driver.Calls[0];

        driver.Die();

        var again = Assert.IsType<ExecuteComponent>(Assert.Single(driver.Calls));
        Assert.Equal(first.Call.Version, again.Call.Version);
        Assert.Equal(first.Inputs, again.Inputs);
        Assert.False(first.IsRecovery);
        Assert.True(again.IsRecovery);
        Assert.Equal(1, driver.State("a").Loop);
    }

    [Fact]
    public void An_execution_of_this_very_host_is_not_lost()
    {
        MachineDriver driver = Started(Chain());
        int events = driver.Events.Count;

        driver.Die(nextHost: "host-1");

        Assert.Empty(driver.Calls);
        Assert.Equal(events, driver.Events.Count);
    }

    [Fact]
    public void A_result_of_the_dead_host_that_comes_first_is_taken_and_the_repeated_one_is_not()
    {
        MachineDriver driver = Started(Chain());
        var first = (ExecuteComponent)driver.Calls[0];
        driver.Die();

        driver.Tell("a", MachineDriver.Success(first, ScheduleKind.None, ("from", "first")));
        driver.Tell("a", MachineDriver.Success((ExecuteComponent)driver.Calls[0], ScheduleKind.None, ("from", "second")));

        Assert.Equal("first", driver.State("a").Outputs!["from"]);
    }

    [Fact]
    public void A_poll_whose_host_died_runs_again_with_the_same_count()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end").Activity("a", "poll"));
        driver.Executions["poll"] = call => MachineDriver.Success(call, ScheduleKind.Poll, ("out", 1));
        driver.Tell(new Start(1));
        driver.Answer(driver.Calls[0]);
        var first = (PollComponent)driver.Calls[0];

        driver.Die();

        var again = Assert.IsType<PollComponent>(Assert.Single(driver.Calls));
        Assert.Equal((first.Times, first.Call.Version, first.Outputs), (again.Times, again.Call.Version, again.Outputs));
        driver.Go();
        Assert.Equal(NodeStateName.Finished, driver.Root.State);
    }

    [Fact]
    public void A_timer_that_died_with_its_host_is_set_again_for_the_same_time()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end").Activity("a", "poll"));
        driver.Executions["poll"] = call => MachineDriver.Success(call, ScheduleKind.Poll);
        driver.Polls["poll"] = call => MachineDriver.Polled(call, success: true, done: false, TimeSpan.FromHours(1));
        driver.Run();
        SetTimer timer = Assert.Single(driver.Timers);
        int events = driver.Events.Count;

        driver.Now += TimeSpan.FromHours(5);
        driver.Die();

        Assert.Equal(timer, Assert.Single(driver.Timers));
        Assert.Equal(events, driver.Events.Count);
    }

    [Fact]
    public void A_computation_of_lazy_variables_whose_host_died_is_made_again_for_nodes_and_sub_processes()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "sp", "a", "end")
            .Var("${x}", TreeSketch.LazyOf("lazy", "v")).Activity("a", "ok", ("n", "${x}"))
            .Sub("sp", new TreeSketch("inner", "s1", "e1").Flow("s1", "b", "e1").Outputs("${p}"), ("${p}", "${x}")));
        driver.Lazies["lazy"] = _ => "computed";
        driver.Tell(new Start(1));
        Assert.IsType<Hydrate>(Assert.Single(driver.Calls));

        driver.Die();
        Assert.True(Assert.IsType<Hydrate>(Assert.Single(driver.Calls)).IsScope);
        driver.Answer(driver.Calls[0]);
        driver.Answer(driver.Calls[0]);
        driver.Die("host-3");
        Assert.False(Assert.IsType<Hydrate>(Assert.Single(driver.Calls)).IsScope);
        driver.Go();

        Assert.Equal("computed", driver.State("a").Inputs!["n"]);
        Assert.Equal("computed", driver.Context("${p}", "sp"));
        Assert.Equal(1, driver.Pipeline.State.Scopes["sp"].Loop);
    }

    [Fact]
    public void An_end_event_whose_host_died_runs_again()
    {
        MachineDriver driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end").EndsWith("notify"));
        driver.Tell(new Start(1));
        driver.Answer(driver.Calls[0]);

        driver.Die();

        Assert.IsType<RunEndEvent>(Assert.Single(driver.Calls));
        driver.Go();
        Assert.Equal(NodeStateName.Finished, driver.Root.State);
    }

    [Fact]
    public void An_end_event_whose_node_was_loaded_while_its_code_ran_elsewhere_does_not_run_again()
    {
        MachineDriver driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end").EndsWith("notify"));
        driver.Tell(new Start(1));
        driver.Answer(driver.Calls[0]);
        var running = (RunEndEvent)driver.Calls[0];
        driver.Die(drive: false);

        driver.Tell("end", new EndEventRan(running.Version, null));

        Assert.Equal(NodeStateName.Finished, driver.Root.State);
        Assert.Single(driver.AllCalls.OfType<RunEndEvent>());
    }

    [Fact]
    public void Outputs_that_were_set_at_a_failed_node_reach_the_context_although_word_of_it_was_lost()
    {
        MachineDriver driver = FailedWithOutputsSet();

        driver.Die();

        Assert.Equal("by hand", driver.Context("${x}"));
    }

    [Fact]
    public void Outputs_that_were_set_at_a_failed_node_go_to_the_context_once()
    {
        MachineDriver driver = FailedWithOutputsSet();
        driver.Die();
        driver.Tell(new UpdateContext(new VerbCall(3, "update_context_values"), "p", [new ContextValue("${x}", ContextValueType.Plain, "later", null)]));

        driver.Die("host-3");

        Assert.Equal("later", driver.Context("${x}"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Outputs_that_were_set_reach_the_context_before_a_verb_that_moves_the_node_on(bool isSkip)
    {
        MachineDriver driver = FailedWithOutputsSet();
        driver.Tell("a", isSkip ? new SkipNode(new VerbCall(3, "skip_node"), false) : new RetryNode(new VerbCall(3, "retry_node"), null, false));

        driver.Die();

        Assert.Equal("by hand", driver.Context("${x}"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_failed_node_that_was_made_READY_does_not_run_again_where_word_of_the_failure_was_lost(bool isPausedToo)
    {
        var driver = new MachineDriver(FailingSketch());
        driver.Executions["bad"] = call => MachineDriver.Failure(call, ("out", "bad"));
        driver.Tell(new Start(1));
        driver.Delivers = false;
        driver.Go();
        driver.Tell("a", new ResumeNode(new VerbCall(2, "resume_node_appoint")));
        if (isPausedToo)
        {
            driver.Tell("a", new PauseNode(new VerbCall(3, "pause_node_appoint")));
        }

        driver.Die();

        Assert.Empty(driver.Calls);
        Assert.Equal(TokenPhase.Asleep, driver.Token("a").Phase);
        Assert.Equal("bad", driver.Context("${x}"));
    }

    [Fact]
    public void A_failure_that_is_told_late_does_not_take_back_outputs_that_were_set_since()
    {
        var driver = new MachineDriver(FailingSketch());
        driver.Executions["bad"] = call => MachineDriver.Failure(call, ("out", "bad"));
        driver.Tell(new Start(1));
        driver.Delivers = false;
        driver.Go();
        NodeReport late = driver.State("a").Report! with { Outputs = driver.State("a").Outputs };
        driver.Delivers = true;
        driver.Tell("a", new UpdateOutputs(new VerbCall(2, "update_node_outputs"), Value.Map(("out", "by hand"))));
        Token token = driver.Token("a");

        driver.Tell(new NodeReported("a", token.Id, token.Step, token.Attempt, late));

        Assert.Equal("by hand", driver.Context("${x}"));
    }

    [Fact]
    public void A_failed_node_and_one_that_waits_for_a_callback_do_nothing_when_driven()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "pg", "bad", "cg", "end").Flow("pg", "wait", "cg")
            .Activity("bad", "bad").Activity("wait", "callback"));
        driver.Executions["bad"] = call => MachineDriver.Failure(call);
        driver.Executions["callback"] = call => MachineDriver.Success(call, ScheduleKind.Callback);
        driver.Run();
        int events = driver.Events.Count;

        driver.Die();

        Assert.Empty(driver.Calls);
        Assert.Empty(driver.Timers);
        Assert.Equal(events, driver.Events.Count);
    }

    [Fact]
    public void A_callback_that_was_accepted_before_the_death_is_handled_after_it()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end").Activity("a", "callback"));
        driver.Executions["callback"] = call => MachineDriver.Success(call, ScheduleKind.Callback);
        driver.Run();
        driver.Tell("a", new Callback(new VerbCall(2, "callback"), driver.State("a").Version, Value.Map(("k", 1))));

        driver.Die();

        Assert.Equal(Value.Map(("k", 1)), Assert.IsType<PollComponent>(Assert.Single(driver.Calls)).CallbackData);
        driver.Go();
        Assert.Equal(NodeStateName.Finished, driver.Root.State);
    }

    [Fact]
    public void A_death_at_every_step_leads_to_the_same_end_as_none()
    {
        MachineDriver undisturbed = Everything().RunThroughTimers();
        int deaths = 0;
        for (int after = 1; ; after++)
        {
            MachineDriver driver = Everything();
            driver.Tell(new Start(1));
            int steps = 1;
            while (driver.Calls.Count > 0 || driver.Timers.Count > 0)
            {
                if (steps++ == after)
                {
                    deaths++;
                    driver.Die($"next-{after}");
                    continue;
                }

                if (driver.Calls.Count > 0)
                {
                    driver.Answer(driver.Calls[0]);
                }
                else
                {
                    SetTimer timer = driver.Timers[0];
                    driver.Timers.RemoveAt(0);
                    driver.Now = timer.Due > driver.Now ? timer.Due : driver.Now;
                    driver.Tell(timer.NodeId, new TimerFired(timer.Version));
                }
            }

            Assert.Equal(Described(undisturbed), Described(driver));
            if (deaths < after)
            {
                break;
            }
        }

        Assert.True(deaths > 15, $"only {deaths} places to die at");
    }

    [Fact]
    public void A_node_that_runs_already_is_not_entered_by_a_second_token_which_sleeps_there()
    {
        MachineDriver driver = Started(Chain());
        Token token = driver.Token("a");

        driver.Tell("a", EntryOf(driver, token with { Id = "other", Step = token.Step + 5 }));

        Assert.Contains(driver.Events, item => item.Event is NodeNotEntered { Token: "other" });
        Assert.Single(driver.Calls);
        Assert.Equal(token.Step, driver.State("a").Step);
    }

    internal static MachineDriver Everything(bool writesInputs = false)
    {
        TreeSketch inner = new TreeSketch("inner", "s1", "e1").Flow("s1", "b1", "e1")
            .Activity("b1", "count", ("n", "${p}")).Outputs("${p}");
        var driver = new MachineDriver(new TreeSketch()
            .Flow("start", "a", "pg", "b", "cg", "sp", "eg", "again", "a").Flow("eg", "cpg", "d", "cg2", "f", "end").Flow("cpg", "e", "cg2")
            .Flow("pg", "pg2", "c", "cg3", "cg").Flow("pg2", "poll", "cg3")
            .Fill("${n}", "a", "n", before: 0).Var("${lazy}", TreeSketch.LazyOf("lazy", "${n}")).Var("${all}", TreeSketch.Splice("${n}/${lazy}"))
            .Activity("a", "count", ("n", "${n}"))
            .Activity("b", "ok", ("text", "${all}"))
            .Activity("poll", "poll").Activity("again", "ok")
            .Activity("f", "ok", "legacy", MapValue.Empty, Value.Map(("loop_config", Value.Map(("enable", true), ("loop_times", 2)))))
            .Sub("sp", inner, ("${p}", "${n}")).Fill("${sub}", "sp", "${p}")
            .When("eg", "again", "${n} < 3").When("eg", "cpg", "${n} >= 3")
            .When("cpg", "d", "1 == 1").When("cpg", "e", "${n} > 1")
            .EndsWith("notify").Outputs("${n}", "${all}", "${sub}"))
        {
            WritesInputs = writesInputs,
        };
        driver.Executions["count"] = call => MachineDriver.Success(
            call, ScheduleKind.None, ("n", (int)((IntValue)call.Inputs["n"]).Value + 1));
        driver.Executions["poll"] = call => MachineDriver.Success(call, ScheduleKind.Poll);
        driver.Polls["poll"] = call => MachineDriver.Polled(
            call, success: true, done: call.Times == 2, TimeSpan.FromMinutes(1), ("polls", call.Times + 1));
        driver.Lazies["lazy"] = lazy => $"lazy {lazy.Value.ToJson()}";
        return driver;
    }

    // All that a caller can see but times.
    internal static List<string> Described(MachineDriver driver) =>
    [
        .. driver.NodesWithState.Select(id =>
        {
            NodeState node = driver.State(id);
            return $"{id} {node.State} {node.Loop} {node.InnerLoop} {node.Inputs} {node.Outputs} {node.Schedule?.Times} {node.HistoryCount}";
        }),
        .. driver.Pipeline.State.Scopes.Select(scope =>
            $"{scope.Key} {scope.Value.State} {scope.Value.Loop} {scope.Value.InnerLoop} {scope.Value.Inputs} {scope.Value.Outputs}"),
        .. driver.Pipeline.State.ContextOf("p").Values.Select(entry => $"{entry.Key} {entry.Type} {entry.Value}").Order(StringComparer.Ordinal),
        .. driver.Pipeline.State.Tokens.Keys,
    ];

    private static TreeSketch Chain() => new TreeSketch().Flow("start", "a", "b", "end");

    private static TreeSketch Loop() => new TreeSketch().Flow("start", "a", "b", "eg", "a").Flow("eg", "end")
        .When("eg", "a", "1 == 1").When("eg", "end", "1 == 2");

    private static TreeSketch FailingSketch() =>
        new TreeSketch().Flow("start", "a", "b", "end").Activity("a", "bad").Fill("${x}", "a", "out", "nothing");

    // An operator set outputs, was told that it is done, and what the node told its pipeline of that is lost.
    private static MachineDriver FailedWithOutputsSet()
    {
        var driver = new MachineDriver(FailingSketch());
        driver.Executions["bad"] = call => MachineDriver.Failure(call, ("out", "bad"));
        driver.Run();
        driver.Delivers = false;
        driver.Tell("a", new UpdateOutputs(new VerbCall(2, "update_node_outputs"), Value.Map(("out", "by hand"))));
        Assert.Null(driver.Replies[^1].Error);
        Assert.Equal("bad", driver.Context("${x}"));
        return driver;
    }

    private static MachineDriver Started(TreeSketch sketch)
    {
        var driver = new MachineDriver(sketch);
        driver.Tell(new Start(1));
        return driver;
    }

    private static Enter EntryOf(MachineDriver driver, Token token) =>
        new(token.Id, token.Step, token.Attempt, 1, driver.Definition.Nodes[token.Node].Inputs, new Dictionary<string, ContextEntry>());
}
