using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Reports;

/// <summary>The nodes of a tree in the order in which people read them: along the flows, sub-processes opened where they stand.</summary>
internal sealed class PipelineOutline
{
    private PipelineOutline(PipelineTree tree, IReadOnlyList<OutlineNode> nodes)
    {
        Tree = tree;
        Nodes = nodes;
    }

    public PipelineTree Tree { get; }

    public IReadOnlyList<OutlineNode> Nodes { get; }

    public static PipelineOutline Of(PipelineTree tree)
    {
        var nodes = new List<OutlineNode>();
        Add(tree, 0, nodes);
        return new PipelineOutline(tree, nodes);
    }

    // As deep as sub-processes are nested, which the tree's reader limits.
    private static void Add(PipelineTree tree, int depth, List<OutlineNode> nodes)
    {
        foreach (TreeNode node in InOrder(tree))
        {
            nodes.Add(new OutlineNode(node, depth));
            if (node is TreeSubProcess subProcess)
            {
                Add(subProcess.Pipeline, depth + 1, nodes);
            }
        }
    }

    private static IEnumerable<TreeNode> InOrder(PipelineTree tree)
    {
        Dictionary<string, TreeNode> all = tree.Nodes.ToDictionary(node => node.Id, StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal) { tree.StartEvent.Id, tree.EndEvent.Id };
        var open = new Queue<TreeNode>([tree.StartEvent]);
        while (open.TryDequeue(out TreeNode? node))
        {
            yield return node;
            foreach (string flow in node.Outgoing)
            {
                if (tree.Flows.TryGetValue(flow, out TreeFlow? way) && seen.Add(way.Target))
                {
                    open.Enqueue(all[way.Target]);
                }
            }
        }

        yield return tree.EndEvent;
    }
}

/// <summary>A node and how many sub-processes it stands in.</summary>
internal sealed record OutlineNode(TreeNode Node, int Depth)
{
    /// <summary>Whether people want to see it although nothing is wrong with it.</summary>
    public bool IsShown => Node.Type is not (NodeTypes.EmptyStartEvent or NodeTypes.EmptyEndEvent);

    public string Label => Node.Name.Length == 0 || Node.Name == Node.Id ? Node.Id : $"{Node.Id} ({Node.Name})";
}
