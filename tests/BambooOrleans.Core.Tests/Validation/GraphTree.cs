using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Tests.Validation;

/// <summary>
/// Trees from short texts: <c>start: pg; pg: a b; a: cg; b: cg; cg: end</c>. What a node is follows from the letters its id
/// begins with: a, eg, pg, cpg, cg, sp, start and end.
/// </summary>
internal static class GraphTree
{
    public static PipelineTree Of(string text) => Of(text
        .Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(line => line.Split(':'))
        .Select(parts => (parts[0].Trim(), parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries))));

    public static PipelineTree Of(IEnumerable<(string Node, string[] Targets)> lines, Value? nested = null)
    {
        List<string> nodes = [];
        Dictionary<string, List<string>> incoming = [];
        Dictionary<string, List<string>> outgoing = [];
        var flows = new MapValue.Builder();
        foreach ((string node, string[] targets) in lines.Append(("end", [])))
        {
            if (outgoing.TryAdd(node, []))
            {
                nodes.Add(node);
            }

            foreach (string target in targets)
            {
                string flow = "f" + (flows.Count + 1);
                flows[flow] = Value.Map(("id", flow), ("source", node), ("target", target));
                outgoing[node].Add(flow);
                (incoming.TryGetValue(target, out List<string>? list) ? list : incoming[target] = []).Add(flow);
            }
        }

        MapValue Node(string id) => Value.Map(
            ("id", id),
            ("type", Type(id)),
            ("incoming", Texts(incoming.GetValueOrDefault(id) ?? [])),
            ("outgoing", Texts(outgoing[id])),
            ("component", Value.Map(("code", "c"), ("inputs", MapValue.Empty))),
            ("params", MapValue.Empty),
            ("pipeline", nested ?? Value.Null),
            ("conditions", MapValue.Empty));

        return PipelineTreeReader.Read(Value.Map(
            ("id", "pipeline"),
            ("start_event", Node("start")),
            ("end_event", Node("end")),
            ("activities", Value.Map(nodes.Where(id => Type(id) is "ServiceActivity" or "SubProcess").Select(id => (id, (Value)Node(id))))),
            ("gateways", Value.Map(nodes.Where(id => Type(id).EndsWith("Gateway")).Select(id => (id, (Value)Node(id))))),
            ("flows", flows.Build()),
            ("data", Value.Map(("inputs", MapValue.Empty), ("outputs", ListValue.Empty)))));
    }

    private static ListValue Texts(IEnumerable<string> texts) => Value.List(texts.Select(text => (Value)text));

    private static string Type(string id) => id switch
    {
        "start" => NodeTypes.EmptyStartEvent,
        "end" => NodeTypes.EmptyEndEvent,
        _ when id.StartsWith("cpg", StringComparison.Ordinal) => NodeTypes.ConditionalParallelGateway,
        _ when id.StartsWith("cg", StringComparison.Ordinal) => NodeTypes.ConvergeGateway,
        _ when id.StartsWith("pg", StringComparison.Ordinal) => NodeTypes.ParallelGateway,
        _ when id.StartsWith("eg", StringComparison.Ordinal) => NodeTypes.ExclusiveGateway,
        _ when id.StartsWith("sp", StringComparison.Ordinal) => NodeTypes.SubProcess,
        _ => NodeTypes.ServiceActivity,
    };
}
