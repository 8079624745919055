namespace BambooOrleans.Core.Validation;

/// <summary>Finds the nodes at which a pipeline may be started: those outside of every parallel block.</summary>
internal static class StartPositions
{
    public static HashSet<string> Find(PipelineGraph graph, int[] converge)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        bool[] isVisited = new bool[graph.Count];
        var open = new Stack<int>();
        open.Push(PipelineGraph.Start);
        while (open.TryPop(out int node))
        {
            if (isVisited[node])
            {
                continue;
            }

            isVisited[node] = true;
            if (graph.Type(node) != Pipelines.NodeTypes.SubProcess && graph.Kind(node) is not (GraphNodeKind.Converge or GraphNodeKind.End))
            {
                found.Add(graph.Id(node));
            }

            if (graph.IsParallel(node))
            {
                open.Push(converge[node]);
            }
            else
            {
                foreach (int target in graph.Targets[node].Reverse())
                {
                    open.Push(target);
                }
            }
        }

        return found;
    }

    /// <summary>
    /// The nodes that are passed over by a start at <paramref name="startNodeId"/>: those before it, as far as the first
    /// exclusive gateway, itself included. What lies in its branches may or may not have run, and is left out (as in the reference).
    /// </summary>
    public static HashSet<string> FindSkipped(PipelineGraph graph, string startNodeId)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<int>();
        open.Push(PipelineGraph.Start);
        while (open.TryPop(out int node))
        {
            if (graph.Id(node) == startNodeId || !found.Add(graph.Id(node)) || graph.Type(node) == Pipelines.NodeTypes.ExclusiveGateway)
            {
                continue;
            }

            foreach (int target in graph.Targets[node])
            {
                open.Push(target);
            }
        }

        return found;
    }
}
