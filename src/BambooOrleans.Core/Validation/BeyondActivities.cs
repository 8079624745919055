using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Validation;

/// <summary>Follows chains of activities to what comes first behind them: a gateway or the end.</summary>
internal sealed class BeyondActivities
{
    private const int Unknown = -1;
    private const int OnChain = -2;

    private readonly PipelineGraph _graph;
    private readonly int[] _first;

    public BeyondActivities(PipelineGraph graph)
    {
        _graph = graph;
        _first = new int[graph.Count];
        Array.Fill(_first, Unknown);
    }

    /// <summary>The node itself where it is no activity, otherwise the first behind it that is none.</summary>
    public int FirstFrom(int node)
    {
        var chain = new List<int>();
        int at = node;
        while (_graph.IsActivity(at) && _first[at] == Unknown)
        {
            if (_graph.Targets[at].Length == 0)
            {
                throw ConnectionRules.LeadsNowhere(_graph, at);
            }

            chain.Add(at);
            _first[at] = OnChain;
            at = _graph.Targets[at][0];
        }

        int first = _graph.IsActivity(at) ? _first[at] : at;
        if (first == OnChain)
        {
            // The reference follows such a circle for ever.
            throw new TreeInvalidException(
                [.. chain.Skip(chain.IndexOf(at)).Append(at).Select(_graph.Id)],
                "the flows lead into a circle of activities that has no way out");
        }

        foreach (int activity in chain)
        {
            _first[activity] = first;
        }

        return first;
    }
}
