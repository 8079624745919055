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
