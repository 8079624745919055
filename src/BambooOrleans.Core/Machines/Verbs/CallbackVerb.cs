using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Core.Machines.Nodes;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>
/// <c>callback</c>: hands data to an activity that waits for it under this version. Accepted means kept: it is handled in its
/// turn, and none is dropped.
/// </summary>
internal static class CallbackVerb
{
    public static void Apply(NodeMachine machine, Callback input, Turn turn) => machine.Decide(
        input.Call,
        () => Check(machine, input),
        () =>
        {
            machine.Raise(
                new NodeCallbackAccepted { Time = turn.Now, Data = input.Data, TraceParent = input.Call.TraceParent }, turn);
            machine.RunHooks(VerbHook.Callback, turn, input.Data);
            if (machine.Running.Phase == NodePhase.Waiting)
            {
                ServiceActivityNode.BeginPoll(machine, turn);
            }
        },
        turn);

    // In the reference's order: is a token asleep at the node, was there ever such a schedule, is it the current one, is it over.
    private static BambooException? Check(NodeMachine machine, Callback input)
    {
        string nodeId = machine.Definition.Id;
        NodeState? state = machine.State;
        if (machine.Definition.Kind == NodeKind.ServiceActivity && state is { State: NodeStateName.Suspended, PausedWhileRunning: true })
        {
            return new InvalidOperationVerbException("callback.suspended", $"{nodeId} is paused and takes no callback");
        }

        // The end of a pause that a failed node never had makes it READY, and leaves its token asleep there.
        bool isAsleep = state is not null && (input.IsJoining || state is { Report.Outcome: NodeOutcome.Failed, HoldsToken: false }
            || state.State == NodeStateName.Failed
            || (state.State == NodeStateName.Running && state.Phase is NodePhase.Waiting or NodePhase.Polling));
        if (!isAsleep)
        {
            return new InvalidOperationVerbException(
                "callback.not-waiting", $"can not find sleep process with current node id: {nodeId}");
        }

        NodeSchedule? schedule = state!.Schedule;
        if (schedule?.Version != input.Version)
        {
            return state.PastSchedules.Contains(input.Version)
                ? Stale(input)
                : new NotFoundException($"{nodeId} never waited under version {input.Version}");
        }

        if (state.Version != input.Version)
        {
            return Stale(input);
        }

        if (schedule.IsOver)
        {
            return new InvalidOperationVerbException(
                "callback.schedule-over", $"the schedule of {nodeId} under version {input.Version} is over");
        }

        return schedule.Kind switch
        {
            ScheduleKind.Poll => new InvalidOperationVerbException("callback.not-a-callback-node", $"{nodeId} polls and takes no callback"),
            ScheduleKind.Callback when schedule.Pending.Count > 0 => new InvalidOperationVerbException(
                "callback.already-called", $"{nodeId} takes one callback and has been called back already"),
            _ => null,
        };
    }

    private static InvalidOperationVerbException Stale(Callback input) =>
        new("callback.stale-version", $"node version {input.Version} not exist");
}
