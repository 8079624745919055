using BambooOrleans.Core.Definitions;
using BambooOrleans.Simulation.Scenarios;

namespace BambooOrleans.Simulation.Runs;

/// <summary>What a number of runs have come across. One for each worker, added up at the end.</summary>
internal sealed class Coverage
{
    private static readonly int States = Enum.GetValues<NodeStateName>().Length;

    private readonly long[,] _transitions = new long[States + 1, States];
    private readonly long[] _nodes = new long[Enum.GetValues<NodeKind>().Length];
    private readonly long[] _taken = new long[Enum.GetValues<VerbKind>().Length];
    private readonly long[] _refused = new long[Enum.GetValues<VerbKind>().Length];
    private readonly long[] _faults = new long[Enum.GetValues<FaultKind>().Length];
    private readonly List<int> _nodeCounts = [];
    private readonly List<int> _verbCounts = [];
    private readonly List<int> _faultCounts = [];

    /// <summary>How many runs were counted.</summary>
    public int Runs => _nodeCounts.Count;

    public void Transition(NodeStateName? from, NodeStateName to)
    {
        if (from != to)
        {
            _transitions[from is { } state ? (int)state + 1 : 0, (int)to]++;
        }
    }

    public void Node(NodeKind kind) => _nodes[(int)kind]++;

    public void Verb(VerbKind verb, bool isTaken) => (isTaken ? _taken : _refused)[(int)verb]++;

    public void Fault(FaultKind fault) => _faults[(int)fault]++;

    public void Run(int nodes, int verbs, int faults)
    {
        _nodeCounts.Add(nodes);
        _verbCounts.Add(verbs);
        _faultCounts.Add(faults);
    }

    public long Of(NodeKind kind) => _nodes[(int)kind];

    public long Of(FaultKind fault) => _faults[(int)fault];

    public (long Taken, long Refused) Of(VerbKind verb) => (_taken[(int)verb], _refused[(int)verb]);

    public (int Nodes, int Verbs, int Faults) Medians() => (Median(_nodeCounts), Median(_verbCounts), Median(_faultCounts));

    public void Add(Coverage other)
    {
        for (int from = 0; from <= States; from++)
        {
            for (int to = 0; to < States; to++)
            {
                _transitions[from, to] += other._transitions[from, to];
            }
        }

        Add(_nodes, other._nodes);
        Add(_taken, other._taken);
        Add(_refused, other._refused);
        Add(_faults, other._faults);
        _nodeCounts.AddRange(other._nodeCounts);
        _verbCounts.AddRange(other._verbCounts);
        _faultCounts.AddRange(other._faultCounts);
    }

    public void Write(TextWriter output)
    {
        output.WriteLine("nodes entered");
        foreach (NodeKind kind in Enum.GetValues<NodeKind>())
        {
            output.WriteLine($"  {kind,-34}{Of(kind),12:N0}");
        }

        output.WriteLine("verbs                                    taken     refused");
        foreach (VerbKind verb in Enum.GetValues<VerbKind>())
        {
            output.WriteLine($"  {verb,-34}{Of(verb).Taken,12:N0}{Of(verb).Refused,12:N0}");
        }

        output.WriteLine("faults");
        foreach (FaultKind fault in Enum.GetValues<FaultKind>())
        {
            output.WriteLine($"  {fault,-34}{Of(fault),12:N0}");
        }

        output.WriteLine("transitions");
        for (int from = 0; from <= States; from++)
        {
            for (int to = 0; to < States; to++)
            {
                if (_transitions[from, to] > 0)
                {
                    string name = from == 0 ? "nothing" : ((NodeStateName)(from - 1)).ToString();
                    output.WriteLine($"  {$"{name} -> {(NodeStateName)to}",-34}{_transitions[from, to],12:N0}");
                }
            }
        }

        (int nodes, int verbs, int faults) = Medians();
        output.WriteLine($"medians of a seed: {nodes} nodes, {verbs} verbs, {faults} faults");
    }

    private static void Add(long[] to, long[] from)
    {
        for (int index = 0; index < to.Length; index++)
        {
            to[index] += from[index];
        }
    }

    private static int Median(List<int> counts)
    {
        if (counts.Count == 0)
        {
            return 0;
        }

        int[] sorted = [.. counts];
        Array.Sort(sorted);
        return sorted[sorted.Length / 2];
    }
}
