using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Validation;

/// <summary>
/// Decides whether the graph of a pipeline makes sense, and which converge gateway belongs to which gateway. The rules,
/// and which of them is reported where several are broken, are the reference's.
/// </summary>
public static class PipelineValidator
{
    /// <summary>Validates a tree and all of its sub-processes; a sub-process comes before the pipeline it stands in.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="cycleTolerate">Whether flows may lead back to nodes before.</param>
    /// <exception cref="PipelineValidationException">A rule is broken; the type says which.</exception>
    public static ValidationResult Validate(PipelineTree tree, bool cycleTolerate)
    {
        ArgumentNullException.ThrowIfNull(tree);
        var converges = new Dictionary<string, string>(StringComparer.Ordinal);
        PipelineGraph[] graphs = [.. InnermostFirst(tree).Select(pipeline => new PipelineGraph(pipeline))];
        foreach (PipelineGraph graph in graphs)
        {
            ValidateOne(graph, cycleTolerate, converges);
        }

        foreach (PipelineGraph graph in graphs)
        {
            ConnectionRules.CheckWaysOn(graph);
        }

        return new ValidationResult { ConvergeGateways = converges };
    }

    /// <summary>Checks that a pipeline can start at a node: at its start event or one of <see cref="AllowedStartNodes"/>.</summary>
    /// <exception cref="StartPositionInvalidException">It cannot.</exception>
    /// <exception cref="PipelineValidationException">The tree breaks a rule of gateways.</exception>
    public static void ValidateStartNode(PipelineTree tree, string startNodeId)
    {
        ArgumentNullException.ThrowIfNull(tree);
        if (startNodeId != tree.StartEvent.Id && !AllowedStartNodes(tree).Contains(startNodeId))
        {
            throw new StartPositionInvalidException(startNodeId);
        }
    }

    /// <summary>
    /// The nodes at which a pipeline can start: the start event, and whatever comes after it outside every parallel block,
    /// but for converge gateways, sub-processes and the end.
    /// </summary>
    /// <exception cref="PipelineValidationException">The tree breaks a rule of gateways.</exception>
    public static IReadOnlySet<string> AllowedStartNodes(PipelineTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        var graph = new PipelineGraph(tree);
        return StartPositions.Find(graph, GatewayMatching.Run(graph));
    }

    /// <summary>The nodes that a start at a node passes over; none where it is the start event.</summary>
    /// <exception cref="StartPositionInvalidException">The pipeline cannot start there.</exception>
    /// <exception cref="PipelineValidationException">The tree breaks a rule of gateways.</exception>
    public static IReadOnlySet<string> SkippedNodes(PipelineTree tree, string startNodeId)
    {
        ValidateStartNode(tree, startNodeId);
        return StartPositions.FindSkipped(new PipelineGraph(tree), startNodeId);
    }

    private static void ValidateOne(PipelineGraph graph, bool cycleTolerate, Dictionary<string, string> converges)
    {
        ConnectionRules.Check(graph);
        if (!cycleTolerate)
        {
            CycleSearch.Check(graph);
        }

        int[] converge = GatewayMatching.Run(graph);
        StreamCheck.Check(graph, converge);
        for (int node = 0; node < graph.Count; node++)
        {
            if (converge[node] != PipelineGraph.None)
            {
                converges.Add(graph.Id(node), graph.Id(converge[node]));
            }
        }
    }

    private static List<PipelineTree> InnermostFirst(PipelineTree root)
    {
        var found = new List<PipelineTree>();
        var open = new Stack<(PipelineTree Tree, bool IsDone)>();
        open.Push((root, false));
        while (open.TryPop(out (PipelineTree Tree, bool IsDone) at))
        {
            if (at.IsDone)
            {
                found.Add(at.Tree);
                continue;
            }

            open.Push((at.Tree, true));
            foreach (TreeSubProcess subProcess in at.Tree.Activities.Values.OfType<TreeSubProcess>().Reverse())
            {
                open.Push((subProcess.Pipeline, false));
            }
        }

        return found;
    }
}
