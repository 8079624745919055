namespace BambooOrleans;

/// <summary>What <c>get_pipeline_debug_info</c> gives.</summary>
/// <param name="ContextValues">The context.</param>
/// <param name="Processes">The tokens of the root pipeline, which the reference calls processes.</param>
public sealed record PipelineDebugInfo(IReadOnlyList<ContextValue> ContextValues, IReadOnlyList<TokenInfo> Processes);

/// <summary>A token: one thread of control in a root pipeline.</summary>
/// <param name="Id">Its id.</param>
/// <param name="CurrentNodeId">The node where it stands.</param>
/// <param name="DestinationId">The converge gateway at which it ends; null for the first.</param>
/// <param name="ParentId">The token that forked it; null for the first.</param>
/// <param name="PipelineStack">The root pipeline and the sub-processes around it, root first.</param>
/// <param name="SuspendedBy">The pipeline or node whose pause holds it; null where none does.</param>
/// <param name="IsAsleep">Whether it sleeps at its node: it waits for an operator, a callback or its branches.</param>
public sealed record TokenInfo(
    string Id,
    string CurrentNodeId,
    string? DestinationId,
    string? ParentId,
    IReadOnlyList<string> PipelineStack,
    string? SuspendedBy,
    bool IsAsleep);

/// <summary>What <c>get_node_debug_info</c> gives.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Type">Its type.</param>
/// <param name="Name">Its name, empty where it has none.</param>
/// <param name="Targets">Target nodes by outgoing flow.</param>
/// <param name="Data">Its raw data; null where it has none.</param>
/// <param name="State">Its state; null where it has none.</param>
public sealed record NodeDebugInfo(
    string NodeId, string Type, string Name, IReadOnlyDictionary<string, string> Targets, NodeData? Data, NodeStateInfo? State);

/// <summary>How long a pipeline or a node has run.</summary>
/// <param name="State">Its state.</param>
/// <param name="StartTime">When the attempt started; null where it has not.</param>
/// <param name="ArchivedTime">When the attempt ended; null where it has not.</param>
/// <param name="Duration">From the start to the end, or to now; null where it has not started.</param>
public sealed record ExecutionTime(
    NodeStateName State, DateTimeOffset? StartTime, DateTimeOffset? ArchivedTime, TimeSpan? Duration);
