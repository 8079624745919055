using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;

namespace BambooOrleans.Hosting;

/// <summary>The states of one root pipeline's machines, to be read and not changed: in memory, or as they are stored.</summary>
public interface IPipelineView
{
    /// <summary>The pipeline.</summary>
    PipelineDefinition Definition { get; }

    /// <summary>The state of its pipeline machine.</summary>
    PipelineState State { get; }

    /// <summary>The nodes that have a state, with it.</summary>
    IEnumerable<(NodeDefinition Node, NodeState State)> NodeStates { get; }

    /// <summary>The state of a node; null for one without.</summary>
    NodeState? NodeState(string nodeId);
}
