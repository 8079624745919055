using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Core.Machines.Nodes;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>
/// <c>resume_node_appoint</c>: the pause of a node ends. A token that was held there comes to it; a node that ran when it was
/// paused goes on where it was, under the same version. A node that was never paused goes READY (observed); so does
/// one that failed, and then nothing enters it any more: the reference's table has the step, and so has ours.
/// </summary>
internal static class ResumeNodeAppointVerb
{
    public static void Apply(NodeMachine machine, ResumeNode input, Turn turn) => machine.Decide(
        input.Call,
        () => machine.State is { } state
            ? (BambooException?)Transitions.Check(machine.Definition.Id, state.State, NodeStateName.Ready) ?? CheckTime(machine, input)
            : CheckTime(machine, input),
        () =>
        {
            if (input.At is { } at && at > turn.Now)
            {
                machine.Raise(new NodeResumeScheduled { Time = turn.Now, At = at }, turn);
                turn.Effects.Add(new SetTimer(machine.Definition.Id, machine.Running.Version, at));
            }
            else
            {
                Resume(machine, turn);
            }
        },
        turn);

    /// <summary>Takes back a resume that was appointed for a time.</summary>
    public static void Cancel(NodeMachine machine, CancelNodeResume input, Turn turn) => machine.Decide(
        input.Call,
        () => machine.State?.ResumeAt is null ? NothingAppointed(machine.Definition.Id) : null,
        () => machine.Raise(new NodeResumeScheduled { Time = turn.Now }, turn),
        turn);

    public static InvalidOperationVerbException NothingAppointed(string id) =>
        new("resume.not-scheduled", $"no resume of {id} is appointed for a time");

    private static InvalidOperationVerbException? CheckTime(NodeMachine machine, ResumeNode input) =>
        input.At is not null && machine.State is not { State: NodeStateName.Suspended }
            ? new("verb.not-suspended", $"{machine.Definition.Id} is not SUSPENDED: there is nothing to resume at a time")
            : null;

    /// <summary>Ends the pause.</summary>
    public static void Resume(NodeMachine machine, Turn turn)
    {
        bool ran = machine.State is { PausedWhileRunning: true };
        bool heldToken = machine.State is { HoldsToken: true };
        machine.Raise(new NodePauseEnded { Time = turn.Now, Version = machine.State is null ? turn.NewVersion() : null }, turn);
        NodeState state = machine.Running;
        if (heldToken)
        {
            machine.SendReady(state.Wakes!, turn);
        }
        else if (ran)
        {
            GoOn(machine, state, turn);
        }
    }

    private static void GoOn(NodeMachine machine, NodeState state, Turn turn)
    {
        switch (state.HeldOutcome)
        {
            case { Schedule: { } schedule } held when state.Phase == NodePhase.Executing:
                ServiceActivityNode.Executed(machine, new Executed(state.Version, held.Outcome, schedule, held.CallbackWithin), turn);
                break;
            case { } held when state.Phase == NodePhase.Polling:
                ServiceActivityNode.Polled(machine, new Polled(state.Version, held.Outcome, held.IsDone, held.NextAfter), turn);
                break;
            default:
                // Told again that the token is there, the node answers with whatever it owes: a timer, an end, or code that has to run again.
                turn.Effects.Add(new TellPipeline(new NodeResumed(machine.Definition.Id, state.Token, state.Step)));
                break;
        }
    }
}
