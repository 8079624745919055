using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Nodes;

/// <summary>A converge gateway: the tokens have met already, and one goes on.</summary>
internal sealed class ConvergeGatewayNode : NodeBehavior
{
    public static ConvergeGatewayNode Instance { get; } = new();

    public override void Enter(NodeMachine machine, Enter input, Turn turn) =>
        machine.FinishTo([machine.Definition.FirstTarget], turn);
}
