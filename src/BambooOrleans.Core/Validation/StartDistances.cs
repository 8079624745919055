namespace BambooOrleans.Core.Validation;

/// <summary>
/// Measures how far a node is from the start event by its longest way back, circles not counted. What is measured once is
/// kept, and a way back that returns to a node on it counts as none: the order of the questions is part of the rule.
/// </summary>
internal sealed class StartDistances(PipelineGraph graph, int[] distances)
{
    private readonly int[] _visitedFor = new int[graph.Count];
    private int _question;

    /// <summary>Measures a node and what is before it; false where there is no way from the start event.</summary>
    public bool Measure(int node)
    {
        _question++;
        var open = new Stack<Visit>();
        int result = Ask(node, open);
        while (open.TryPeek(out Visit? visit))
        {
            if (result != Pending)
            {
                visit.Longest = Math.Max(visit.Longest, result == NoWay ? NoWay : result + 1);
            }

            int[] sources = graph.Sources[visit.Node];
            if (visit.Next < sources.Length)
            {
                result = Ask(sources[visit.Next++], open);
                continue;
            }

            open.Pop();
            result = visit.Longest;
            distances[visit.Node] = result;
        }

        return result > 0;
    }

    private const int NoWay = PipelineGraph.None;
    private const int Pending = -2;

    private int Ask(int node, Stack<Visit> open)
    {
        if (distances[node] != NoWay)
        {
            return distances[node];
        }

        if (node == PipelineGraph.Start)
        {
            return 0;
        }

        if (_visitedFor[node] == _question)
        {
            return NoWay;
        }

        _visitedFor[node] = _question;
        open.Push(new Visit(node));
        return Pending;
    }

    private sealed class Visit(int node)
    {
        public int Node => node;

        public int Next { get; set; }

        public int Longest { get; set; } = NoWay;
    }
}
