using BambooOrleans.Components;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Tests;
using static BambooOrleans.Tests.TreeSketch;

namespace BambooOrleans.Core.Tests.Machines;

public class NodeKindTests
{
    [Fact]
    public void An_activity_runs_its_component_with_rendered_inputs_and_its_outputs_fill_the_context()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end")
            .Var("${x}", Plain(7)).Activity("a", "double", ("n", "${x}"))
            .Fill("${y}", "a", "twice").Outputs("${y}"));
        driver.Executions["double"] = call => MachineDriver.Success(call, ScheduleKind.None, ("twice", 14));

        driver.Run();

        Assert.Equal(Value.Map(("n", 7), ("_loop", 1), ("_inner_loop", 1)), driver.State("a").Inputs);
        Assert.Equal(Value.Map(("twice", 14), ("_result", true), ("_loop", 1), ("_inner_loop", 1)), driver.State("a").Outputs);
        Assert.Equal(14, driver.Context("${y}"));
        Assert.Equal(NodeStateName.Finished, driver.Root.State);
        Assert.Equal(Value.Map(("${y}", 14)), driver.Root.Outputs);
    }

    [Fact]
    public void An_activity_that_fails_is_failed_its_token_sleeps_and_what_it_gave_goes_to_the_context()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end")
            .Activity("a", "bad").Fill("${why}", "a", "why"));
        driver.Executions["bad"] = call => MachineDriver.Failure(call, ("why", "broken"));

        driver.Run();

        Assert.Equal(NodeStateName.Failed, driver.State("a").State);
        Assert.Equal(TokenPhase.Asleep, driver.Token("a").Phase);
        Assert.Equal("broken", driver.Context("${why}"));
        Assert.Equal(NodeStateName.Running, driver.Root.State);
    }

    [Fact]
    public void A_failure_that_is_ignorable_is_passed_over_and_said_so()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end")
            .Activity("a", "bad", "legacy", MapValue.Empty, Value.Map(("error_ignorable", true))));
        driver.Executions["bad"] = call => MachineDriver.Failure(call);

        driver.Run();

        Assert.Equal(NodeStateName.Finished, driver.State("a").State);
        Assert.True(driver.State("a").ErrorIgnored);
        Assert.Equal(NodeStateName.Finished, driver.Root.State);
    }

    [Fact]
    public void Inputs_that_cannot_be_hydrated_fail_the_activity_with_the_cause_even_where_errors_are_ignorable()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end")
            .Var("${x}", LazyOf("boom", "v"))
            .Activity("a", "ok", "legacy", Value.Map(("n", Splice("${x}"))), Value.Map(("error_ignorable", true))));
        driver.Lazies["boom"] = _ => throw new InvalidOperationException("no value today");

        driver.Run();

        Assert.Equal(NodeStateName.Failed, driver.State("a").State);
        Assert.Equal(Value.Map(("n", "${x}")), driver.State("a").Inputs);
        Assert.Equal(
            "inputs hydrate failed(no value today), check node log for details", driver.State("a").Outputs!["ex_data"]);
        Assert.DoesNotContain(driver.AllCalls, call => call is ExecuteComponent);
    }

    [Fact]
    public void Lazy_variables_are_computed_before_the_activity_that_refers_to_them_runs()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end")
            .Var("${base}", Plain("b")).Var("${x}", LazyOf("shout", "${base}!")).Activity("a", "ok", ("n", "<${x}>")));
        driver.Lazies["shout"] = lazy => ((TextValue)lazy.Value).Value.ToUpperInvariant();

        driver.Run();

        Assert.Equal("<B!>", driver.State("a").Inputs!["n"]);
        Assert.Equal(["Hydrate", "ExecuteComponent"], driver.AllCalls.Select(call => call.GetType().Name));
    }

    [Fact]
    public void A_polling_activity_polls_at_once_and_then_at_its_intervals_until_it_is_done()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end").Activity("a", "poll"));
        List<(int Times, DateTimeOffset At)> polls = [];
        driver.Executions["poll"] = call => MachineDriver.Success(call, ScheduleKind.Poll);
        driver.Polls["poll"] = call =>
        {
            polls.Add((call.Times, driver.Now));
            return MachineDriver.Polled(call, success: true, done: call.Times == 2, TimeSpan.FromMinutes(call.Times + 1), ($"poll{call.Times}", true));
        };
        DateTimeOffset start = driver.Now;

        driver.RunThroughTimers();

        Assert.Equal([(0, start), (1, start.AddMinutes(1)), (2, start.AddMinutes(3))], polls);
        Assert.Equal(["_result", "_loop", "_inner_loop", "poll0", "poll1", "poll2"], driver.State("a").Outputs!.Keys);
        Assert.True(driver.State("a").Schedule is { IsOver: true, IsFinished: true, Times: 3 });
        Assert.Equal(NodeStateName.Finished, driver.Root.State);
    }

    [Fact]
    public void A_poll_that_fails_fails_the_activity_and_ends_its_schedule()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end").Activity("a", "poll"));
        driver.Executions["poll"] = call => MachineDriver.Success(call, ScheduleKind.Poll);
        driver.Polls["poll"] = call => MachineDriver.Polled(call, success: false, done: false);

        driver.Run();

        Assert.Equal(NodeStateName.Failed, driver.State("a").State);
        Assert.True(driver.State("a").Schedule is { IsOver: true, IsFinished: false });
        Assert.Empty(driver.Timers);
    }

    [Fact]
    public void An_interval_beyond_the_end_of_time_waits_until_then()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end").Activity("a", "poll"));
        driver.Executions["poll"] = call => MachineDriver.Success(call, ScheduleKind.Poll);
        driver.Polls["poll"] = call => MachineDriver.Polled(call, success: true, done: false, TimeSpan.MaxValue);

        driver.Run();

        Assert.Equal(DateTimeOffset.MaxValue, Assert.Single(driver.Timers).Due);
    }

    [Fact]
    public void A_deadline_of_callbacks_beyond_the_end_of_time_is_then()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end").Activity("a", "wait"));
        driver.Executions["wait"] = call => MachineDriver.Success(call, ScheduleKind.Callback) with { CallbackWithin = TimeSpan.MaxValue };

        driver.Run();

        Assert.Equal(DateTimeOffset.MaxValue, driver.State("a").Schedule!.Deadline);
    }

    [Fact]
    public void A_deadline_that_passes_without_a_callback_fails_the_node()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end").Activity("a", "wait"));
        driver.Executions["wait"] = call => MachineDriver.Success(call, ScheduleKind.Callback) with { CallbackWithin = TimeSpan.FromHours(1) };

        driver.RunThroughTimers();

        Assert.Equal(NodeStateName.Failed, driver.State("a").State);
        Assert.Equal("no callback came by 2026-01-01T01:00:00.000000Z", driver.State("a").Outputs!["ex_data"]);
    }

    [Fact]
    public void A_timer_that_fires_early_is_set_again_and_nothing_else_happens()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end").Activity("a", "poll"));
        driver.Executions["poll"] = call => MachineDriver.Success(call, ScheduleKind.Poll);
        driver.Polls["poll"] = call => MachineDriver.Polled(call, success: true, done: false, TimeSpan.FromMinutes(1));
        driver.Run();
        SetTimer timer = Assert.Single(driver.Timers);
        driver.Timers.Clear();
        int events = driver.Events.Count;

        driver.Now += TimeSpan.FromSeconds(59);
        driver.Tell("a", new BambooOrleans.Core.Machines.Inputs.TimerFired(timer.Version));

        Assert.Equal(timer, Assert.Single(driver.Timers));
        Assert.Equal(events, driver.Events.Count);
        Assert.Empty(driver.Calls);
    }

    [Theory]
    [InlineData(1, "b")]
    [InlineData(2, "c")]
    [InlineData(3, "d")]
    public void An_exclusive_gateway_takes_the_branch_whose_condition_is_met_or_the_default(int x, string taken)
    {
        MachineDriver driver = new MachineDriver(Exclusive(Plain(x))).Run();

        Assert.Equal(NodeStateName.Finished, driver.Root.State);
        Assert.Equal([taken], new[] { "b", "c", "d" }.Where(node => driver.FindState(node) is not null));
    }

    [Fact]
    public void An_exclusive_gateway_fails_where_two_conditions_are_met()
    {
        MachineDriver driver = new MachineDriver(new TreeSketch()
            .Flow("start", "eg", "b", "cg", "end").Flow("eg", "c", "cg")
            .When("eg", "b", "1 == 1").When("eg", "c", "2 == 2")).Run();

        Assert.Equal(NodeStateName.Failed, driver.State("eg").State);
        Assert.Equal("multiple conditions meet: ['p:eg>b', 'p:eg>c']", driver.State("eg").Outputs!["ex_data"]);
        Assert.Equal(TokenPhase.Asleep, driver.Token("eg").Phase);
    }

    [Fact]
    public void An_exclusive_gateway_of_the_strategy_first_takes_the_first_and_looks_at_no_other()
    {
        MachineDriver driver = new MachineDriver(new TreeSketch()
            .Flow("start", "eg", "b", "cg", "end").Flow("eg", "c", "cg")
            .When("eg", "b", "1 == 1").When("eg", "c", "(this is no condition").Strategy("eg", "FIRST")).Run();

        Assert.Equal(NodeStateName.Finished, driver.Root.State);
        Assert.Null(driver.FindState("c"));
    }

    [Fact]
    public void An_exclusive_gateway_without_a_default_fails_where_no_condition_is_met()
    {
        MachineDriver driver = new MachineDriver(new TreeSketch()
            .Flow("start", "eg", "b", "cg", "end").Flow("eg", "c", "cg")
            .When("eg", "b", "1 == 2").When("eg", "c", "2 == 1")).Run();

        Assert.Equal("all conditions of branches are not meet", driver.State("eg").Outputs!["ex_data"]);
    }

    [Fact]
    public void A_conditional_parallel_gateway_takes_every_branch_whose_condition_is_met()
    {
        MachineDriver driver = new MachineDriver(new TreeSketch()
            .Flow("start", "cpg", "b", "cg", "end").Flow("cpg", "c", "cg").Flow("cpg", "d", "cg")
            .When("cpg", "b", "1 == 1").When("cpg", "c", "1 == 2").When("cpg", "d", "1 == 1")).Run();

        Assert.Equal(["b", "d"], new[] { "b", "c", "d" }.Where(node => driver.FindState(node) is not null));
        Assert.Equal(1, driver.State("cg").Loop);
        Assert.Equal(NodeStateName.Finished, driver.Root.State);
    }

    [Fact]
    public void A_parallel_gateway_enters_all_branches_at_once_and_the_converge_gateway_once_all_have_come()
    {
        var driver = new MachineDriver(new TreeSketch()
            .Flow("start", "pg", "b", "cg", "end").Flow("pg", "c", "cg").Flow("pg", "d", "e", "cg"));

        driver.Tell(new BambooOrleans.Core.Machines.Inputs.Start(1));

        Assert.Equal(["b", "c", "d"], driver.Calls.OfType<ExecuteComponent>().Select(call => call.Call.Node.Id));
        driver.Answer(driver.Calls[0]);
        driver.Answer(driver.Calls[0]);
        Assert.Null(driver.FindState("cg"));
        driver.Go();
        Assert.Equal(1, driver.State("cg").Loop);
        Assert.Equal(NodeStateName.Finished, driver.Root.State);
    }

    [Fact]
    public void A_start_event_renders_its_keys_once_and_they_are_plain_from_then_on()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end")
            .Var("${x}", Plain("in")).Var("${y}", Splice("<${x}>")).PreRender("${y}", "${none}").Outputs("${y}"));

        driver.Run();

        Assert.Equal("<in>", driver.Context("${y}"));
        Assert.Equal(ContextValueType.Plain, driver.Pipeline.State.ContextOf("p")["${y}"].Type);
    }

    [Fact]
    public void An_end_event_maps_an_output_key_that_the_context_lacks_to_itself()
    {
        MachineDriver driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end")
            .Var("${x}", Splice("1${y}")).Var("${y}", Plain(2)).Outputs("${x}", "${unknown}")).Run();

        Assert.Equal(Value.Map(("${x}", "12"), ("${unknown}", "${unknown}")), driver.Root.Outputs);
    }

    [Fact]
    public void An_executable_end_event_runs_its_code_before_the_pipeline_is_finished()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end").EndsWith("notify"));
        driver.Tell(new BambooOrleans.Core.Machines.Inputs.Start(1));
        driver.Answer(driver.Calls[0]);

        Assert.Equal("notify", Assert.IsType<RunEndEvent>(Assert.Single(driver.Calls)).Node.Code);
        Assert.Equal(NodeStateName.Running, driver.Root.State);
        driver.Go();
        Assert.Equal(NodeStateName.Finished, driver.Root.State);
    }

    [Fact]
    public void An_executable_end_event_that_fails_is_failed_with_its_error_alone()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end").EndsWith("notify"));
        driver.EndEvents["notify"] = "nobody there";

        driver.Run();

        Assert.Equal(NodeStateName.Failed, driver.State("end").State);
        Assert.Equal(Value.Map(("ex_data", "nobody there")), driver.State("end").Outputs);
        Assert.Equal(TokenPhase.Asleep, driver.Token("end").Phase);
    }

    [Fact]
    public void A_sub_process_has_a_context_of_its_own_and_gives_its_outputs_to_the_one_around_it()
    {
        MachineDriver driver = new MachineDriver(new TreeSketch().Flow("start", "sp", "end")
            .Var("${x}", Plain(5))
            .Sub("sp", new TreeSketch("inner", "s1", "e1").Flow("s1", "b", "e1")
                .Activity("b", "ok", ("seen", "${p} ${x}")).Outputs("${p}"), ("${p}", "${x}"))
            .Fill("${out}", "sp", "${p}").Outputs("${out}")).Run();

        Assert.Equal("5 ${x}", driver.State("b").Inputs!["seen"]);
        Assert.Equal(Value.Map(("${p}", 5), ("_loop", 1), ("_inner_loop", 1)), driver.Pipeline.State.Scopes["sp"].Outputs);
        Assert.Equal(Value.Map(("${out}", 5)), driver.Root.Outputs);
    }

    [Fact]
    public void A_sub_process_whose_params_cannot_be_hydrated_is_failed_and_its_token_sleeps_there()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "sp", "end")
            .Var("${x}", LazyOf("boom", "v"))
            .Sub("sp", new TreeSketch("inner", "s1", "e1").Flow("s1", "b", "e1"), ("${p}", "${x}")));
        driver.Lazies["boom"] = _ => throw new InvalidOperationException("no");

        driver.Run();

        Assert.Equal(NodeStateName.Failed, driver.Pipeline.State.Scopes["sp"].State);
        Assert.Equal("context hydrate failed(no), check node log for details.", driver.Pipeline.State.Scopes["sp"].Outputs!["ex_data"]);
        Assert.Equal(TokenPhase.Asleep, driver.Token("sp").Phase);
        Assert.Null(driver.FindState("s1"));
    }

    [Fact]
    public void An_activity_that_loops_by_itself_runs_as_often_as_it_says_and_collects_its_rounds()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end")
            .Activity("a", "round", "legacy", MapValue.Empty, Value.Map(
                ("loop_config", Value.Map(("enable", true), ("loop_times", 3), ("outputs_key", "${rounds}"))))));
        driver.Executions["round"] = call => MachineDriver.Success(
            call, ScheduleKind.None, ("outputs", Value.Map(("n", call.Call.InnerLoop * 10))));

        driver.Run();

        Assert.Equal(NodeStateName.Finished, driver.Root.State);
        Assert.Equal([10, 20, 30], ((ListValue)driver.Context("${rounds}")).Select(round => ((MapValue)round)["n"]));
        Assert.Equal(3, driver.State("a").InnerLoop);
    }

    private static TreeSketch Exclusive(MapValue x) => new TreeSketch()
        .Flow("start", "eg", "b", "cg", "end").Flow("eg", "c", "cg").Flow("eg", "d", "cg")
        .Var("${x}", x)
        .When("eg", "b", "${x} == 1").When("eg", "c", "${x} == 2").Default("eg", "d");
}
