using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Nodes;

/// <summary>What a kind of node does when it is entered. Without state: one instance serves every node of its kind.</summary>
internal abstract class NodeBehavior
{
    /// <summary>The node has gone RUNNING. Also called again when a computation of lazy variables was lost.</summary>
    public abstract void Enter(NodeMachine machine, Enter input, Turn turn);

    /// <summary>The slice that <see cref="Enter"/> asked for has come.</summary>
    public virtual void Hydrated(NodeMachine machine, Enter input, Hydrated answer, Turn turn) =>
        throw new InvalidOperationException($"{machine.Definition.Id} hydrates nothing");

    public static NodeBehavior For(NodeKind kind) => kind switch
    {
        NodeKind.ServiceActivity => ServiceActivityNode.Instance,
        NodeKind.ExclusiveGateway => ExclusiveGatewayNode.Instance,
        NodeKind.ParallelGateway => ParallelGatewayNode.Instance,
        NodeKind.ConditionalParallelGateway => ConditionalParallelGatewayNode.Instance,
        NodeKind.ConvergeGateway => ConvergeGatewayNode.Instance,
        NodeKind.EmptyStartEvent => EmptyStartEventNode.Instance,
        NodeKind.EmptyEndEvent => EmptyEndEventNode.Instance,
        NodeKind.ExecutableEndEvent => ExecutableEndEventNode.Instance,
        NodeKind.SubProcess => throw new ArgumentException("a sub-process is a scope of the pipeline machine", nameof(kind)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };
}
