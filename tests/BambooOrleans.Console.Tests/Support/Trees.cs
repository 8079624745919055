using BambooOrleans.Building;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Console.Tests.Support;

/// <summary>Pipelines for the tests. Nodes have ids that begin with that of the pipeline.</summary>
internal static class Trees
{
    /// <summary>Activities one after the other, each named by its component.</summary>
    public static PipelineTree Chain(string id, params ServiceActivity[] activities) => Chain(id, null, activities);

    public static PipelineTree Chain(string id, Data? data, params ServiceActivity[] activities)
    {
        var start = new EmptyStartEvent($"{id}_start");
        Element at = start;
        foreach (ServiceActivity activity in activities)
        {
            at = at.Extend(activity);
        }

        at.Extend(new EmptyEndEvent($"{id}_end"));
        return Build(id, start, data);
    }

    /// <summary>The tree behind a start event, with a name that people would give it.</summary>
    public static PipelineTree Build(string id, EmptyStartEvent start, Data? data = null)
    {
        int flows = 0;
        PipelineTree tree = PipelineBuilder.BuildTree(start, data, id, prefix => $"{id}_{prefix}{++flows}");
        return PipelineTreeReader.Read(tree.Source.With("name", $"The {id}"));
    }

    public static ServiceActivity Held(string id) => new("held", id, $"Hold {id}");

    public static ServiceActivity Picky(string id, Var answer) => new("picky", id, $"Ask {id}") { Inputs = { { "answer", answer } } };

    public static ServiceActivity Echo(string id, string? name = null) => new("echo", id, name ?? $"Echo {id}") { Inputs = { { "said", id } } };

    public static ServiceActivity Callback(string id) => new("wait_callback", id, $"Wait {id}");

    /// <summary>
    /// As many nodes as wanted, those in sub-processes included. The first activity is held. Two hundred stand in twenty parallel branches,
    /// of which every second is a sub-process; then come parallel stages of sixty activities, and a chain of what is left, whose last is
    /// <c>ID_last</c>.
    /// </summary>
    public static PipelineTree Large(string id, int nodes)
    {
        var start = new EmptyStartEvent($"{id}_start");
        Element at = start.Extend(Held($"{id}_gate"));

        // The start, the gate, the last activity and the end.
        int left = nodes - 4;
        at = Branches(at, $"{id}_first", 20, branch => branch % 2 == 0 ? Line($"{id}_b{branch}", 10) : Sub($"{id}_sub{branch}", 7));
        left -= 2 + (10 * 10) + (10 * 10);
        for (int stage = 1; left > 100; stage++)
        {
            int number = stage;
            at = Branches(at, $"{id}_s{number}", 10, branch => Line($"{id}_s{number}_{branch}", 6));
            left -= 62;
        }

        for (int number = 1; number <= left; number++)
        {
            at = at.Extend(Echo($"{id}_c{number}"));
        }

        at.Extend(Echo($"{id}_last")).Extend(new EmptyEndEvent($"{id}_end"));
        return Build(id, start);
    }

    private static ConvergeGateway Branches(Element at, string id, int count, Func<int, (Element First, Element Last)> branchOf)
    {
        ParallelGateway fork = at.Extend(new ParallelGateway($"{id}_fork"));
        var join = new ConvergeGateway($"{id}_join");
        for (int branch = 0; branch < count; branch++)
        {
            (Element first, Element last) = branchOf(branch);
            fork.Extend(first);
            last.Extend(join);
        }

        return join;
    }

    private static (Element First, Element Last) Line(string id, int count)
    {
        Element first = Echo($"{id}_a1");
        Element at = first;
        for (int number = 2; number <= count; number++)
        {
            at = at.Extend(Echo($"{id}_a{number}"));
        }

        return (first, at);
    }

    // With itself, its start and its end, three nodes more than its activities.
    private static (Element First, Element Last) Sub(string id, int activities)
    {
        var start = new EmptyStartEvent($"{id}_start");
        (Element first, Element last) = Line(id, activities);
        start.Extend(first);
        last.Extend(new EmptyEndEvent($"{id}_end"));
        var sub = new SubProcess(start, id, $"Part {id}");
        return (sub, sub);
    }
}
