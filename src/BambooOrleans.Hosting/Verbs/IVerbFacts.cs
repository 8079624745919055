using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Hosting;

/// <summary>What a verb has to know of a pipeline before a machine is asked.</summary>
public interface IVerbFacts
{
    /// <summary>The pipeline.</summary>
    PipelineDefinition Definition { get; }

    /// <summary>Whether a token waits at a node for those that it forked.</summary>
    bool IsJoiningAt(string nodeId);

    /// <summary>The state of the root pipeline or of a sub-process; null for a node, and for a sub-process that was never entered.</summary>
    NodeStateName? ScopeState(string id);
}
