using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Hosting;

/// <summary>What a machine is asked: a node's, or the pipeline's where no node is named.</summary>
/// <param name="NodeId">The node; null for the pipeline.</param>
/// <param name="Node">What the node is asked; null for the pipeline.</param>
/// <param name="Pipeline">What the pipeline is asked; null for a node.</param>
public readonly record struct Question(string? NodeId, NodeInput? Node, PipelineInput? Pipeline)
{
    /// <summary>A question to a node.</summary>
    public static Question Of(string nodeId, NodeInput input) => new(nodeId, input, null);

    /// <summary>A question to the pipeline.</summary>
    public static Question Of(PipelineInput input) => new(null, null, input);
}
