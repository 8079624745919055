using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Validation;

/// <summary>How many flows may enter and leave a node of each kind, and what may follow it.</summary>
internal static class ConnectionRules
{
    /// <summary>The most flows that may enter or leave any node.</summary>
    public const int MaxFlows = 1000;

    /// <summary>
    /// Checks each node that leads anywhere, and reports the first one that breaks a rule. Nodes that lead nowhere are left
    /// to later rules, as the reference leaves them.
    /// </summary>
    public static void Check(PipelineGraph graph)
    {
        for (int node = 0; node < graph.Count; node++)
        {
            if (graph.Targets[node].Length > 0 && Problems(graph, node) is { Count: > 0 } problems)
            {
                throw Failed(graph, node, problems);
            }
        }
    }

    /// <summary>
    /// Checks that a token can go on from every start event, activity and converge gateway. The reference has no such rule
    /// and breaks with an untyped error when it submits such a tree; so this check comes after all of its rules, for every pipeline of the tree.
    /// </summary>
    public static void CheckWaysOn(PipelineGraph graph)
    {
        for (int node = 0; node < graph.Count; node++)
        {
            if (graph.Targets[node].Length == 0
                && graph.Kind(node) is GraphNodeKind.Start or GraphNodeKind.Activity or GraphNodeKind.Converge)
            {
                throw LeadsNowhere(graph, node);
            }
        }
    }

    public static ConnectionValidateException LeadsNowhere(PipelineGraph graph, int node) =>
        Failed(graph, node, ["has no outgoing flow"]);

    private static List<string> Problems(PipelineGraph graph, int node)
    {
        (int minIn, int maxIn, int minOut, int maxOut) = graph.Kind(node) switch
        {
            GraphNodeKind.Start => (0, 0, 1, 1),
            GraphNodeKind.End => (1, MaxFlows, 0, 0),
            GraphNodeKind.Activity or GraphNodeKind.Converge => (1, MaxFlows, 1, 1),
            _ => (1, MaxFlows, 1, MaxFlows),
        };
        int incoming = graph.Sources[node].Length;
        int[] targets = graph.Targets[node];
        if (incoming >= minIn && incoming <= maxIn && targets.Length >= minOut && targets.Length <= maxOut
            && CanAllFollow(graph, node, targets))
        {
            return [];
        }

        var problems = new List<string>();
        CheckCount(problems, "incoming", incoming, minIn, maxIn);
        CheckCount(problems, "outgoing", targets.Length, minOut, maxOut);
        foreach (int target in targets.Where(target => !CanFollow(graph, node, target)).Distinct())
        {
            problems.Add($"leads to \"{graph.Id(target)}\", but {graph.Type(target)} cannot follow {graph.Type(node)}");
        }

        return problems;
    }

    private static bool CanAllFollow(PipelineGraph graph, int node, int[] targets)
    {
        foreach (int target in targets)
        {
            if (!CanFollow(graph, node, target))
            {
                return false;
            }
        }

        return true;
    }

    private static bool CanFollow(PipelineGraph graph, int node, int target) => graph.Kind(target) switch
    {
        GraphNodeKind.Start => false,
        GraphNodeKind.End => graph.Kind(node) is not (GraphNodeKind.Start or GraphNodeKind.End),
        _ => graph.Kind(node) != GraphNodeKind.End,
    };

    private static void CheckCount(List<string> problems, string which, int count, int min, int max)
    {
        if (count < min || count > max)
        {
            string allowed = (min, max) switch
            {
                (_, 0) => "it must have none",
                _ when min == max => $"it must have {min}",
                _ => $"it must have {min} to {max}",
            };
            problems.Add($"has {count} {which} flow{(count == 1 ? string.Empty : "s")}, but {allowed}");
        }
    }

    private static ConnectionValidateException Failed(PipelineGraph graph, int node, IReadOnlyList<string> problems) =>
        new(new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { [graph.Id(node)] = problems });
}
