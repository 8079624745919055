using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Validation;

/// <summary>Looks for a circle in the flows of a pipeline.</summary>
internal static class CycleSearch
{
    /// <summary>Refuses a pipeline whose flows lead round in a circle, and names the first circle that a walk in depth meets.</summary>
    public static void Check(PipelineGraph graph)
    {
        if (Find(graph) is { } cycle)
        {
            throw new TreeInvalidException(cycle, "the flows of the pipeline lead round in a circle");
        }
    }

    private static List<string>? Find(PipelineGraph graph)
    {
        List<int>[] targets = TargetsOfFlows(graph);
        bool[] isVisited = new bool[graph.Count];
        bool[] isOnPath = new bool[graph.Count];
        var path = new List<int>();
        int[] next = new int[graph.Count];
        foreach (int root in StartingPoints(graph))
        {
            if (isVisited[root])
            {
                continue;
            }

            Enter(root);
            while (path.Count > 0)
            {
                int node = path[^1];
                if (next[node] == targets[node].Count)
                {
                    isOnPath[node] = false;
                    path.RemoveAt(path.Count - 1);
                    continue;
                }

                int target = targets[node][next[node]++];
                if (isOnPath[target])
                {
                    return [.. path.Skip(path.IndexOf(target)).Append(target).Select(graph.Id)];
                }

                if (!isVisited[target])
                {
                    Enter(target);
                }
            }
        }

        return null;

        void Enter(int node)
        {
            isVisited[node] = true;
            isOnPath[node] = true;
            path.Add(node);
        }
    }

    // Gateways before activities, as the reference does: it decides which circle is named.
    private static IEnumerable<int> StartingPoints(PipelineGraph graph) =>
        Enumerable.Range(0, 2)
            .Concat(Enumerable.Range(graph.FirstGateway, graph.Count - graph.FirstGateway))
            .Concat(Enumerable.Range(2, graph.FirstGateway - 2));

    // By the flows themselves and not by what nodes list, again as the reference does.
    private static List<int>[] TargetsOfFlows(PipelineGraph graph)
    {
        var targets = new List<int>[graph.Count];
        for (int node = 0; node < targets.Length; node++)
        {
            targets[node] = [];
        }

        foreach (TreeFlow flow in graph.Tree.Flows.Values)
        {
            targets[graph.Number(flow.Source)].Add(graph.Number(flow.Target));
        }

        return targets;
    }
}
