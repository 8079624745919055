using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Nodes;

/// <summary>A parallel gateway: takes every branch at once. Two flows to one node are one branch (observed).</summary>
internal sealed class ParallelGatewayNode : NodeBehavior
{
    public static ParallelGatewayNode Instance { get; } = new();

    public override void Enter(NodeMachine machine, Enter input, Turn turn) =>
        machine.FinishTo([.. machine.Definition.Targets.Values.Distinct(StringComparer.Ordinal)], turn);
}
