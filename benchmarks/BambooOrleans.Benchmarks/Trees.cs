using BambooOrleans.Pipelines;

namespace BambooOrleans.Benchmarks;

/// <summary>A tree that can be made any number of times, each with ids of its own.</summary>
/// <param name="Nodes">How many nodes it has, events and gateways too; every one of them is entered once.</param>
/// <param name="Make">Makes one whose activities have a component's code.</param>
internal sealed record TreeShape(int Nodes, Func<string, PipelineTree> Make);

/// <summary>The trees that are measured.</summary>
internal static class Trees
{
    /// <summary>
    /// Start, end, a parallel gateway with three branches of two activities, its converge gateway, and an exclusive
    /// gateway of which one flow leads to an activity that the other one passes by; 12 activities in all.
    /// </summary>
    public static TreeShape Seventeen { get; } = new(17, MakeSeventeen);

    /// <summary>Start, activities one after the other, end.</summary>
    public static TreeShape Sequence(int activities) => new(activities + 2, code => MakeSequence(activities, code));

    /// <summary>An id as editors of pipelines make them.</summary>
    public static string NewId(string prefix) => prefix + Guid.NewGuid().ToString("N");

    private static PipelineTree MakeSequence(int activities, string code)
    {
        var tree = new Drawing(code);
        string last = tree.Start;
        for (int i = 0; i < activities; i++)
        {
            last = tree.Then(last, tree.Activity());
        }

        tree.Flow(last, tree.End);
        return tree.Read();
    }

    private static PipelineTree MakeSeventeen(string code)
    {
        var tree = new Drawing(code);
        string last = tree.Then(tree.Then(tree.Start, tree.Activity()), tree.Activity());
        string fork = tree.Then(last, tree.Gateway("ParallelGateway"));
        string join = tree.Gateway("ConvergeGateway");
        for (int branch = 0; branch < 3; branch++)
        {
            tree.Flow(tree.Then(tree.Then(fork, tree.Activity()), tree.Activity()), join);
        }

        string choice = tree.Then(tree.Then(join, tree.Activity()), tree.Gateway("ExclusiveGateway"));
        string chosen = tree.Then(choice, tree.Activity(), "1 == 1");
        string meeting = tree.Then(chosen, tree.Activity());
        tree.Flow(choice, meeting, "1 == 2");
        tree.Flow(tree.Then(meeting, tree.Activity()), tree.End);
        return tree.Read();
    }

    /// <summary>A tree while it is being put together.</summary>
    private sealed class Drawing(string code)
    {
        private readonly List<(string Id, string Type)> _activities = [];
        private readonly List<(string Id, string Type)> _gateways = [];
        private readonly List<(string Id, string Source, string Target, string? Condition)> _flows = [];

        public string Start { get; } = NewId("n");

        public string End { get; } = NewId("n");

        public string Activity() => Add(_activities, "ServiceActivity");

        public string Gateway(string type) => Add(_gateways, type);

        public void Flow(string source, string target, string? condition = null) =>
            _flows.Add((NewId("f"), source, target, condition));

        public string Then(string source, string target, string? condition = null)
        {
            Flow(source, target, condition);
            return target;
        }

        public PipelineTree Read()
        {
            ILookup<string, string> incoming = _flows.ToLookup(flow => flow.Target, flow => flow.Id);
            ILookup<string, string> outgoing = _flows.ToLookup(flow => flow.Source, flow => flow.Id);
            return PipelineTreeReader.Read(Value.Map(
                ("id", NewId("p")),
                ("start_event", Node(Start, "EmptyStartEvent")),
                ("end_event", Node(End, "EmptyEndEvent")),
                ("activities", Value.Map(_activities.Select(node => (node.Id, (Value)Node(node.Id, node.Type)
                    .With("component", Value.Map(("code", code), ("inputs", MapValue.Empty))))))),
                ("gateways", Value.Map(_gateways.Select(node => (node.Id, (Value)WithConditions(Node(node.Id, node.Type)))))),
                ("flows", Value.Map(_flows.Select(flow => (flow.Id, (Value)Value.Map(
                    ("id", flow.Id), ("source", flow.Source), ("target", flow.Target), ("is_default", false)))))),
                ("data", Value.Map(("inputs", MapValue.Empty), ("outputs", ListValue.Empty), ("pre_render_keys", ListValue.Empty)))));

            MapValue Node(string id, string type) => Value.Map(
                ("id", id),
                ("type", type),
                ("name", ""),
                ("incoming", Value.List(incoming[id].Select(flow => (Value)flow))),
                ("outgoing", Value.List(outgoing[id].Select(flow => (Value)flow))));
        }

        private static string Add(List<(string Id, string Type)> nodes, string type)
        {
            string id = NewId("n");
            nodes.Add((id, type));
            return id;
        }

        private MapValue WithConditions(MapValue gateway)
        {
            (string Name, Value Value)[] conditions =
            [
                .. _flows.Where(flow => flow.Condition is not null && ((TextValue)gateway["id"]).Value == flow.Source)
                    .Select(flow => (flow.Id, (Value)Value.Map(("evaluate", flow.Condition)))),
            ];
            return conditions.Length == 0 ? gateway : gateway.With("conditions", Value.Map(conditions));
        }
    }
}
