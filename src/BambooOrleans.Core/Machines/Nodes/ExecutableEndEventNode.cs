using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Nodes;

/// <summary>An executable end event: runs its code, and then ends the pipeline as an empty one does.</summary>
internal sealed class ExecutableEndEventNode : NodeBehavior
{
    public static ExecutableEndEventNode Instance { get; } = new();

    public override void Enter(NodeMachine machine, Enter input, Turn turn)
    {
        machine.Hold(input);
        machine.Raise(new NodeEndEventBegan { Time = turn.Now, Owner = turn.Host }, turn);
        turn.Effects.Add(new RunEndEvent(machine.Definition, machine.Running.Version));
    }

    public override void Hydrated(NodeMachine machine, Enter input, Hydrated answer, Turn turn) =>
        EmptyEndEventNode.Instance.Hydrated(machine, input, answer, turn);

    /// <summary>What the code came to, as it is kept while the node is paused.</summary>
    public static HeldOutcome Held(EndEventRan input)
    {
        MapValue outputs = input.Error is null ? MapValue.Empty : Value.Map(("ex_data", input.Error));
        return new HeldOutcome(new CallOutcome(input.Error is null, outputs, MapValue.Empty, outputs), null, true, TimeSpan.Zero);
    }

    /// <summary>The pause has ended, and the entry has come again.</summary>
    public static void GoOn(NodeMachine machine, Enter entry, HeldOutcome held, Turn turn) => Ran(
        machine,
        new EndEventRan(machine.Running.Version, held.Outcome.IsSuccess ? null : ((TextValue)held.Outcome.Outputs["ex_data"]).Value),
        entry,
        turn);

    public static void Ran(NodeMachine machine, EndEventRan input, Enter entry, Turn turn)
    {
        if (input.Error is null)
        {
            EmptyEndEventNode.Instance.Enter(machine, entry, turn);
            return;
        }

        // The outputs become the error alone (observed).
        machine.End(
            new NodeFailed
            {
                Time = turn.Now,
                Inputs = machine.Running.Inputs ?? MapValue.Empty,
                Outputs = Value.Map(("ex_data", input.Error)),
                Report = new NodeReport { Outcome = NodeOutcome.Failed, Cause = input.Error },
            },
            turn);
    }
}
