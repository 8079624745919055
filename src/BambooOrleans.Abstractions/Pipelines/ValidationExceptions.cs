namespace BambooOrleans.Pipelines;

/// <summary>A pipeline tree is whole, but its graph breaks a rule. Each rule has a type of its own.</summary>
/// <param name="code">The stable code of the rule.</param>
/// <param name="message">Which nodes break it, and how.</param>
public abstract class PipelineValidationException(string code, string message) : BambooException(code, message);

/// <summary>
/// A node has too few or too many flows, or leads to a node that cannot follow it. The reference's <c>ConnectionValidateError</c>.
/// </summary>
/// <param name="failedNodes">What is wrong with each node, by node id.</param>
public sealed class ConnectionValidateException(IReadOnlyDictionary<string, IReadOnlyList<string>> failedNodes)
    : PipelineValidationException(
        "tree.connection",
        string.Join("; ", failedNodes.Select(node => $"node \"{node.Key}\" {string.Join(", and ", node.Value)}")))
{
    /// <summary>What is wrong with each node, by node id.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> FailedNodes { get; } = failedNodes;
}

/// <summary>
/// The flows lead round in a circle where none is tolerated, or into one that has no way out. The reference's <c>TreeInvalidException</c>.
/// </summary>
/// <param name="cycle">The ids of the nodes along the circle; the first one is the last one too.</param>
/// <param name="problem">What is wrong with the circle.</param>
public sealed class TreeInvalidException(IReadOnlyList<string> cycle, string problem)
    : PipelineValidationException("tree.cycle", $"{problem}: {DescribeCycle(cycle)}")
{
    private const int NamedNodes = 20;

    /// <summary>The ids of the nodes along the circle; the first one is the last one too.</summary>
    public IReadOnlyList<string> Cycle { get; } = cycle;

    private static string DescribeCycle(IReadOnlyList<string> cycle) => cycle.Count <= NamedNodes
        ? string.Join(" -> ", cycle)
        : $"{string.Join(" -> ", cycle.Take(NamedNodes - 1))} -> ... ({cycle.Count - NamedNodes} more) -> {cycle[^1]}";
}

/// <summary>A gateway has no converge gateway that fits its branches. The reference's <c>ConvergeMatchError</c>.</summary>
/// <param name="gatewayId">The gateway that breaks the rule.</param>
/// <param name="problem">How.</param>
public sealed class ConvergeMatchException(string gatewayId, string problem)
    : PipelineValidationException("tree.converge", $"gateway \"{gatewayId}\" {problem}")
{
    /// <summary>The gateway that breaks the rule; a converge gateway where that is what breaks it.</summary>
    public string GatewayId { get; } = gatewayId;
}

/// <summary>
/// A node stands on two branches of a parallel gateway at once, or on none. The reference's <c>StreamValidateError</c>.
/// </summary>
/// <param name="nodeId">The node.</param>
/// <param name="problem">How.</param>
public sealed class StreamValidateException(string nodeId, string problem)
    : PipelineValidationException("tree.stream", $"node \"{nodeId}\" {problem}")
{
    /// <summary>The node that stands on two branches, or on none.</summary>
    public string NodeId { get; } = nodeId;
}

/// <summary>
/// A node has no stream at all. The reference's <c>IsolateNodeError</c>, which it never raises either: a node that cannot
/// be reached is a <see cref="StreamValidateException"/> first. It is here so that its meaning has its type.
/// </summary>
/// <param name="nodeId">The node.</param>
public sealed class IsolateNodeException(string nodeId)
    : PipelineValidationException("tree.isolated-node", $"node \"{nodeId}\" is isolated")
{
    /// <summary>The node without a stream.</summary>
    public string NodeId { get; } = nodeId;
}

/// <summary>
/// The pipeline cannot be started at a node: it is not there, or a branch of a parallel gateway, a sub-process, a converge
/// gateway or the end. The reference's <c>StartPositionInvalidException</c>.
/// </summary>
/// <param name="nodeId">The node at which the pipeline was to start.</param>
public sealed class StartPositionInvalidException(string nodeId)
    : BambooException("start-position-invalid", $"the pipeline cannot start at node \"{nodeId}\"")
{
    /// <summary>The node at which the pipeline was to start.</summary>
    public string NodeId { get; } = nodeId;
}
