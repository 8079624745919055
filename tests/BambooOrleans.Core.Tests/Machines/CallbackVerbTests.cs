using BambooOrleans.Components;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Tests;

namespace BambooOrleans.Core.Tests.Machines;

public class CallbackVerbTests
{
    private static readonly Value Data = Value.Map(("from", "outside"));

    [Fact]
    public void A_callback_is_handed_to_the_component_and_finishes_the_node()
    {
        MachineDriver driver = Waiting(ScheduleKind.Callback);

        Assert.Null(Call(driver));
        Assert.Equal(Data, Assert.IsType<PollComponent>(Assert.Single(driver.Calls)).CallbackData);
        driver.Go();

        Assert.Equal(NodeStateName.Finished, driver.Root.State);
    }

    [Fact]
    public void A_second_callback_is_refused_while_the_first_is_handled()
    {
        MachineDriver driver = Waiting(ScheduleKind.Callback);
        Call(driver);
        int events = driver.Events.Count;

        Refused("callback.already-called", "w takes one callback and has been called back already", Call(driver));
        Assert.Equal(events, driver.Events.Count);
    }

    [Fact]
    public void A_callback_after_the_node_has_finished_is_refused()
    {
        MachineDriver driver = Waiting(ScheduleKind.Callback);
        Call(driver);
        driver.Go();

        Refused("callback.not-waiting", "can not find sleep process with current node id: w", Call(driver));
    }

    [Fact]
    public void A_callback_after_one_that_failed_is_refused_for_its_schedule_is_over()
    {
        MachineDriver driver = Waiting(ScheduleKind.Callback);
        driver.Polls["wait"] = call => MachineDriver.Polled(call, success: false, done: false);
        Call(driver);
        driver.Go();

        Refused("callback.schedule-over", "the schedule of w under version v3 is over", Call(driver));
    }

    [Fact]
    public void A_callback_before_the_execution_has_ended_is_refused()
    {
        var driver = new MachineDriver(Sketch());
        driver.Tell(new Start(1));

        Refused("callback.not-waiting", "can not find sleep process with current node id: w", Call(driver));
    }

    [Fact]
    public void The_token_of_a_failed_node_sleeps_there_still_after_the_node_was_resumed_though_never_paused()
    {
        var driver = new MachineDriver(Sketch());
        driver.Executions["wait"] = call => MachineDriver.Failure(call);
        driver.Run();
        Assert.Equal(NodeStateName.Failed, driver.State("w").State);

        driver.Tell("w", new ResumeNode(new VerbCall(7, "resume_node_appoint")));
        Assert.Equal(NodeStateName.Ready, driver.State("w").State);
        Refused("not-found", $"w never waited under version {driver.State("w").Version}", Call(driver));

        driver.Tell("w", new PauseNode(new VerbCall(7, "pause_node_appoint")));
        Refused("not-found", $"w never waited under version {driver.State("w").Version}", Call(driver));
    }

    [Fact]
    public void A_callback_for_a_node_that_polls_is_refused()
    {
        MachineDriver driver = Waiting(ScheduleKind.Poll);

        Refused("callback.not-a-callback-node", "w polls and takes no callback", Call(driver));
    }

    [Fact]
    public void A_callback_under_a_version_that_never_was_is_not_found()
    {
        MachineDriver driver = Waiting(ScheduleKind.Callback);

        Refused("not-found", "w never waited under version v999", Call(driver, "v999"));
    }

    [Fact]
    public void Callbacks_of_a_multiple_one_are_handled_one_at_a_time_in_order_of_arrival_and_none_is_dropped()
    {
        MachineDriver driver = Waiting(ScheduleKind.MultipleCallback);
        List<Value?> handled = [];
        driver.Polls["wait"] = call =>
        {
            handled.Add(call.CallbackData);
            return MachineDriver.Polled(call, success: true, done: handled.Count == 3);
        };

        Assert.Null(Call(driver, data: 1));
        Assert.Null(Call(driver, data: 2));
        Assert.Null(Call(driver, data: 3));
        Assert.Single(driver.Calls);
        driver.Go();

        Assert.Equal([1, 2, 3], handled.Select(value => value!));
        Assert.Equal(NodeStateName.Finished, driver.Root.State);
        Assert.Equal(3, driver.State("w").Schedule!.Times);
    }

    [Fact]
    public void A_multiple_one_waits_again_after_a_callback_that_was_not_the_last()
    {
        MachineDriver driver = Waiting(ScheduleKind.MultipleCallback);
        driver.Polls["wait"] = call => MachineDriver.Polled(call, success: true, done: false);

        Call(driver);
        driver.Go();

        Assert.Equal(NodePhase.Waiting, driver.State("w").Phase);
        Assert.Empty(driver.State("w").Schedule!.Pending);
        Assert.Null(Call(driver));
    }

    [Fact]
    public void Callbacks_that_wait_behind_one_that_fails_are_over_with_it()
    {
        MachineDriver driver = Waiting(ScheduleKind.MultipleCallback);
        driver.Polls["wait"] = call => MachineDriver.Polled(call, success: false, done: false);
        Call(driver, data: 1);
        Call(driver, data: 2);

        driver.Go();

        Assert.Equal(NodeStateName.Failed, driver.State("w").State);
        Assert.Empty(driver.State("w").Schedule!.Pending);
        Assert.Single(driver.AllCalls.OfType<PollComponent>());
    }

    [Theory]
    [InlineData(NodeState.PastSchedulesMax, "callback.stale-version", "node version {0} not exist")]
    [InlineData(NodeState.PastSchedulesMax + 1, "not-found", "w never waited under version {0}")]
    public void A_version_is_known_to_be_old_as_long_as_it_is_among_the_past_schedules(int reentries, string code, string message)
    {
        MachineDriver driver = Waiting(ScheduleKind.Callback);
        driver.Polls["wait"] = call => MachineDriver.Polled(call, success: true, done: true, default, ("again", 1));
        string first = driver.State("w").Version;
        for (int entry = 0; entry < reentries; entry++)
        {
            Assert.Null(Call(driver));
            driver.Go();
        }

        Assert.Equal(reentries + 1, driver.State("w").Loop);
        Assert.Equal(NodeState.PastSchedulesMax, driver.State("w").PastSchedules.Count);
        Refused(code, string.Format(System.Globalization.CultureInfo.InvariantCulture, message, first), Call(driver, first));
        Assert.Null(Call(driver));
    }

    private static TreeSketch Sketch() => new TreeSketch().Flow("start", "w", "eg", "w").Flow("eg", "end")
        .Activity("w", "wait").Fill("${again}", "w", "again", before: 0)
        .When("eg", "w", "${again} == 1").When("eg", "end", "${again} != 1");

    private static MachineDriver Waiting(ScheduleKind kind)
    {
        var driver = new MachineDriver(Sketch());
        driver.Executions["wait"] = call => MachineDriver.Success(call, kind);
        if (kind == ScheduleKind.Poll)
        {
            driver.Polls["wait"] = call => MachineDriver.Polled(call, success: true, done: false, TimeSpan.FromHours(1));
        }

        return driver.Run();
    }

    private static BambooException? Call(MachineDriver driver, string? version = null, Value? data = null)
    {
        driver.Tell("w", new Callback(new VerbCall(7, "callback"), version ?? driver.State("w").Version, data ?? Data));
        Reply reply = driver.Replies[^1];
        Assert.Equal(7, reply.Request);
        return reply.Error;
    }

    private static void Refused(string code, string message, BambooException? error)
    {
        Assert.NotNull(error);
        Assert.Equal((code, message), (error.Code, error.Message));
    }
}
