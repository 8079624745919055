using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Tests;

namespace BambooOrleans.Core.Tests.Machines;

public class ReplayTests
{
    [Fact]
    public void The_events_of_a_run_applied_to_nothing_give_its_states_again_at_every_point()
    {
        MachineDriver driver = StalenessTests.Everything();
        driver.Tell(new Start(1));
        for (int step = 0; driver.Calls.Count > 0 || driver.Timers.Count > 0; step++)
        {
            Assert.Equal(driver.Snapshot(), driver.Replay());
            if (step % 7 == 6)
            {
                driver.Die($"next-{step}");
            }
            else if (driver.Calls.Count > 0)
            {
                driver.Answer(driver.Calls[^1]);
            }
            else
            {
                driver.Now = driver.Timers[0].Due;
                TimerFired fired = new(driver.Timers[0].Version);
                string node = driver.Timers[0].NodeId;
                driver.Timers.RemoveAt(0);
                driver.Tell(node, fired);
            }
        }

        Assert.Equal(NodeStateName.Finished, driver.Root.State);
        Assert.Equal(driver.Snapshot(), driver.Replay());
    }

    [Fact]
    public void Every_event_of_a_run_is_the_same_after_it_was_written_and_read()
    {
        MachineDriver driver = StalenessTests.Everything().RunThroughTimers();

        Assert.All(driver.Events, item =>
            Assert.Equal(MachineDriver.JsonOf(item.Event), MachineDriver.JsonOf(MachineDriver.ThroughJson(item.Event))));
        Assert.True(driver.Events.Select(item => item.Event.GetType()).Distinct().Count() >= 18);
    }

    [Fact]
    public void Every_state_of_a_run_is_the_same_after_it_was_written_and_read()
    {
        MachineDriver driver = StalenessTests.Everything().RunThroughTimers();
        SortedDictionary<string, string> before = driver.Snapshot();

        driver.Die("host-1", drive: false);

        Assert.Equal(before, driver.Snapshot());
    }

    [Fact]
    public void A_node_whose_data_is_kept_apart_is_the_same_when_both_are_read()
    {
        MachineDriver driver = StalenessTests.Everything().RunThroughTimers();

        foreach (NodeState state in driver.NodesWithState.Select(driver.State))
        {
            var data = MachineJson.ReadExecutionData(MachineJson.Write(new NodeExecutionData(state.RunningInputs, state.Inputs, state.Outputs)));
            NodeState read = MachineJson.ReadNodeState(MachineJson.Write(state, withData: false), data);
            Assert.Equal(MachineJson.Write(state), MachineJson.Write(read));
        }
    }

    [Theory]
    [InlineData("a value with \"quotes\", a \\ and a line\nbreak")]
    [InlineData("非英語 ${text} 🎋")]
    public void Text_of_every_kind_comes_back_from_an_event(string text)
    {
        var change = new ContextChanged { ScopeId = text, Values = Value.Map((text, Value.List(text, 12345678901234567890m.ToString(), 0.1, Value.Null))) };

        var read = Assert.IsType<ContextChanged>(MachineDriver.ThroughJson(change));

        Assert.Equal(change.ScopeId, read.ScopeId);
        Assert.Equal(change.Values, read.Values);
    }
}
