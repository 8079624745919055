using BambooOrleans.Tests;

namespace BambooOrleans.Core.Tests.Machines.Races;

/// <summary>A random small pipeline of every kind of node, loops by gateways and sub-processes included.</summary>
internal sealed class RaceTree(Random random)
{
    private static readonly string[] Codes = ["ok", "ok", "flaky", "poll", "wait", "multi"];

    private int _count;

    public TreeSketch Build() => Pipeline("p", depth: 0);

    private TreeSketch Pipeline(string id, int depth)
    {
        var sketch = new TreeSketch(id, $"{id}-start", $"{id}-end");
        if (random.Next(4) == 0)
        {
            sketch.Var("${lazy}", TreeSketch.LazyOf("lazy", "v"));
            sketch.PreRender("${lazy}");
        }

        string last = Sequence(sketch, $"{id}-start", random.Next(1, 4), depth);
        sketch.Flow(last, $"{id}-end");
        if (random.Next(3) == 0)
        {
            sketch.EndsWith("notify");
        }

        return sketch;
    }

    // Blocks one after the other; answers the node that they end at.
    private string Sequence(TreeSketch sketch, string from, int blocks, int depth)
    {
        string? before = null;
        for (int block = 0; block < blocks; block++)
        {
            (from, before) = random.Next(depth > 2 || _count > 12 ? 5 : 10) switch
            {
                5 => (Parallel(sketch, from, depth), null),
                6 => (Exclusive(sketch, from, depth), null),
                7 => (SubProcess(sketch, from, depth, before), null),
                8 => (Loop(sketch, from, depth), null),
                9 => (ConditionalParallel(sketch, from, depth), null),
                _ => Activity(sketch, from, before),
            };
        }

        return from;
    }

    private (string Node, string Key) Activity(TreeSketch sketch, string from, string? before)
    {
        string node = $"a{_count++}";
        string key = $"${{o_{node}}}";
        List<(string, Value)> inputs = before is null ? [] : [("before", before)];
        if (random.Next(6) == 0)
        {
            sketch.Var($"${{z_{node}}}", TreeSketch.LazyOf("lazy", "v"));
            inputs.Add(("lazy", $"${{z_{node}}}"));
        }

        sketch.Flow(from, node)
            .Activity(node, Codes[random.Next(Codes.Length)], "legacy",
                Value.Map(inputs.Select(input => (input.Item1, (Value)TreeSketch.Splice(input.Item2)))),
                Value.Map(("error_ignorable", random.Next(10) == 0)))
            .Fill(key, node, "out", "none");
        return (node, key);
    }

    private string Parallel(TreeSketch sketch, string from, int depth)
    {
        (string gateway, string converge) = ($"pg{_count}", $"cg{_count++}");
        sketch.Flow(from, gateway);
        Branches(sketch, gateway, converge, depth);
        return converge;
    }

    private string ConditionalParallel(TreeSketch sketch, string from, int depth)
    {
        (string gateway, string converge) = ($"cpg{_count}", $"cg{_count++}");
        sketch.Flow(from, gateway);
        List<string> targets = Branches(sketch, gateway, converge, depth);
        bool fails = random.Next(4) == 0;
        for (int index = 0; index < targets.Count; index++)
        {
            sketch.When(gateway, targets[index], fails ? "1 == 2" : index == 0 || random.Next(2) == 0 ? "1 == 1" : "1 == 2");
        }

        return converge;
    }

    private string Exclusive(TreeSketch sketch, string from, int depth)
    {
        (string gateway, string converge) = ($"eg{_count}", $"cg{_count++}");
        sketch.Flow(from, gateway);
        List<string> targets = Branches(sketch, gateway, converge, depth);
        int taken = random.Next(4) == 0 ? -1 : random.Next(targets.Count);
        for (int index = 0; index < targets.Count; index++)
        {
            sketch.When(gateway, targets[index], index == taken ? "1 == 1" : "1 == 2");
        }

        return converge;
    }

    private List<string> Branches(TreeSketch sketch, string gateway, string converge, int depth)
    {
        List<string> targets = [];
        int branches = random.Next(2, 4);
        for (int branch = 0; branch < branches; branch++)
        {
            (string first, string key) = Activity(sketch, gateway, null);
            targets.Add(first);
            string last = random.Next(2) == 0 ? first : Sequence(sketch, first, 1, depth + 1);
            sketch.Flow(last, converge);
            _ = key;
        }

        return targets;
    }

    private string Loop(TreeSketch sketch, string from, int depth)
    {
        string head = $"a{_count++}";
        string gateway = $"eg{_count++}";
        string exit = $"a{_count++}";
        string key = $"n_{head}";
        sketch.Flow(from, head)
            .Activity(head, "ok")
            .Fill($"${{{key}}}", head, "_loop", 0);
        string last = random.Next(2) == 0 ? head : Sequence(sketch, head, 1, depth + 1);
        sketch.Flow(last, gateway, head)
            .Flow(gateway, exit)
            .When(gateway, head, $"${{{key}}} < {random.Next(2, 4)}")
            .When(gateway, exit, "1 == 2")
            .Default(gateway, exit);
        return exit;
    }

    private string SubProcess(TreeSketch sketch, string from, int depth, string? before)
    {
        string node = $"sp{_count++}";
        var parameters = before is null ? new List<(string, Value)>() : [("${param}", before)];
        if (random.Next(3) == 0)
        {
            sketch.Var($"${{z_{node}}}", TreeSketch.LazyOf("lazy", "v"));
            parameters.Add(("${lazyparam}", $"${{z_{node}}}"));
        }

        sketch.Flow(from, node).Sub(node, Pipeline(node, depth + 1), [.. parameters]);
        return node;
    }
}
