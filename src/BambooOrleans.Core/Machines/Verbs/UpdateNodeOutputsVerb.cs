using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary><c>update_node_outputs</c>: sets outputs of a failed node beside those it has, and takes them to the context.</summary>
/// <remarks>The report of the failure carries them, so that a pipeline that has not heard of them is told whenever it asks.</remarks>
internal static class UpdateNodeOutputsVerb
{
    public static void Apply(NodeMachine machine, UpdateOutputs input, Turn turn) => machine.Decide(
        input.Call,
        () => FailedNode.Check(machine),
        () =>
        {
            machine.Raise(new NodeOutputsUpdated { Time = turn.Now, Outputs = input.Outputs }, turn);
            machine.SendReport(turn);
        },
        turn);
}
