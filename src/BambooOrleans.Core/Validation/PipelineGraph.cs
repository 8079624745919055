using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Validation;

/// <summary>What the rules tell apart in a node.</summary>
internal enum GraphNodeKind
{
    Start,
    End,
    Activity,
    Exclusive,
    Parallel,
    Converge,
}

/// <summary>
/// One pipeline as numbered nodes, so that the checks work on arrays. The numbers follow the order in which the reference
/// looks at nodes, which decides what it reports first: start, end, activities, gateways.
/// </summary>
internal sealed class PipelineGraph
{
    /// <summary>No node.</summary>
    public const int None = -1;

    /// <summary>The number of the start event.</summary>
    public const int Start = 0;

    /// <summary>The number of the end event.</summary>
    public const int End = 1;

    private readonly TreeNode[] _nodes;
    private readonly GraphNodeKind[] _kinds;
    private readonly Dictionary<string, int> _numbers;

    public PipelineGraph(PipelineTree tree)
    {
        Tree = tree;
        _nodes = [tree.StartEvent, tree.EndEvent, .. tree.Activities.Values, .. tree.Gateways.Values];
        FirstGateway = 2 + tree.Activities.Count;
        _kinds = [.. _nodes.Select(KindOf)];
        _numbers = new Dictionary<string, int>(_nodes.Length, StringComparer.Ordinal);
        for (int node = 0; node < _nodes.Length; node++)
        {
            _numbers.Add(_nodes[node].Id, node);
        }

        Targets = [.. _nodes.Select(node => node.Outgoing.Select(flow => _numbers[tree.Flows[flow].Target]).ToArray())];
        Sources = [.. _nodes.Select(node => node.Incoming.Select(flow => _numbers[tree.Flows[flow].Source]).ToArray())];
    }

    public PipelineTree Tree { get; }

    public int Count => _nodes.Length;

    /// <summary>The number of the first gateway; the others follow it to the end.</summary>
    public int FirstGateway { get; }

    /// <summary>Where the outgoing flows of each node lead.</summary>
    public int[][] Targets { get; }

    /// <summary>Where the incoming flows of each node come from.</summary>
    public int[][] Sources { get; }

    public string Id(int node) => _nodes[node].Id;

    public string Type(int node) => _nodes[node].Type;

    public GraphNodeKind Kind(int node) => _kinds[node];

    public int Number(string id) => _numbers[id];

    /// <summary>Whether a node is a parallel gateway, with conditions or without.</summary>
    public bool IsParallel(int node) => _kinds[node] == GraphNodeKind.Parallel;

    /// <summary>Whether a node is a gateway that splits: any but a converge gateway.</summary>
    public bool IsSplit(int node) => _kinds[node] is GraphNodeKind.Exclusive or GraphNodeKind.Parallel;

    public bool IsConverge(int node) => _kinds[node] == GraphNodeKind.Converge;

    public bool IsActivity(int node) => _kinds[node] == GraphNodeKind.Activity;

    private GraphNodeKind KindOf(TreeNode node, int number) => (number, node.Type) switch
    {
        (Start, _) => GraphNodeKind.Start,
        (End, _) => GraphNodeKind.End,
        (_, NodeTypes.ExclusiveGateway) => GraphNodeKind.Exclusive,
        (_, NodeTypes.ParallelGateway or NodeTypes.ConditionalParallelGateway) => GraphNodeKind.Parallel,
        (_, NodeTypes.ConvergeGateway) => GraphNodeKind.Converge,
        _ => GraphNodeKind.Activity,
    };
}
