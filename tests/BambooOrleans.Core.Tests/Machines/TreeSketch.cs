using BambooOrleans.Pipelines;

namespace BambooOrleans.Tests;

/// <summary>
/// A pipeline tree from short texts. <c>Flow("start", "pg", "a", "cg", "end")</c> joins nodes along a path; what a node is follows
/// from the letters its id begins with: pg, cpg, cg, eg, sp, start and end; all else are activities of the component <c>ok</c>.
/// </summary>
internal sealed class TreeSketch(string id = "p", string start = "start", string end = "end")
{
    private readonly List<string> _nodes = [start, end];
    private readonly List<(string Id, string Source, string Target)> _flows = [];
    private readonly Dictionary<string, (string Code, string Version, MapValue Inputs, MapValue Settings)> _activities = [];
    private readonly Dictionary<string, (TreeSketch Pipeline, MapValue Params)> _subProcesses = [];
    private readonly Dictionary<string, List<(string Target, string Condition)>> _conditions = [];
    private readonly Dictionary<string, string> _defaults = [];
    private readonly Dictionary<string, MapValue> _extraInfo = [];
    private readonly MapValue.Builder _inputs = new();
    private readonly List<Value> _outputs = [];
    private readonly List<Value> _preRender = [];
    private string _endType = NodeTypes.EmptyEndEvent;

    public static MapValue Plain(Value value) => Value.Map(("type", "plain"), ("value", value));

    public static MapValue Splice(Value value) => Value.Map(("type", "splice"), ("value", value));

    public static MapValue LazyOf(string code, Value value) =>
        Value.Map(("type", "lazy"), ("value", value), ("custom_type", code));

    /// <summary>The id of the flow between two nodes.</summary>
    public string FlowId(string source, string target) => $"{id}:{source}>{target}";

    /// <summary>Joins nodes along a path; a flow that is there already is not made again.</summary>
    public TreeSketch Flow(params string[] path)
    {
        foreach (string node in path)
        {
            if (!_nodes.Contains(node))
            {
                _nodes.Add(node);
            }
        }

        foreach ((string source, string target) in path.Zip(path.Skip(1)))
        {
            string flow = FlowId(source, target);
            if (_flows.All(item => item.Id != flow))
            {
                _flows.Add((flow, source, target));
            }
        }

        return this;
    }

    /// <summary>Says what an activity runs, and with which inputs (templates are rendered).</summary>
    public TreeSketch Activity(string node, string code, params (string Name, Value Value)[] inputs) => Activity(
        node, code, "legacy", Value.Map(inputs.Select(input => (input.Name, (Value)Splice(input.Value)))), MapValue.Empty);

    /// <summary>Says what an activity runs, with its inputs as the tree has them and other members beside.</summary>
    public TreeSketch Activity(string node, string code, string version, MapValue inputs, MapValue settings)
    {
        _activities[node] = (code, version, inputs, settings);
        return this;
    }

    /// <summary>Puts a pipeline into a sub-process.</summary>
    public TreeSketch Sub(string node, TreeSketch pipeline, params (string Key, Value Value)[] parameters)
    {
        _subProcesses[node] = (pipeline, Value.Map(parameters.Select(entry => (entry.Key, (Value)Splice(entry.Value)))));
        return this;
    }

    /// <summary>The condition of the flow from a gateway to a node.</summary>
    public TreeSketch When(string gateway, string target, string condition)
    {
        (_conditions.TryGetValue(gateway, out List<(string, string)>? list) ? list : _conditions[gateway] = []).Add((target, condition));
        return this;
    }

    /// <summary>The default flow of a gateway.</summary>
    public TreeSketch Default(string gateway, string target)
    {
        _defaults[gateway] = target;
        return this;
    }

    /// <summary>The strategy of an exclusive gateway.</summary>
    public TreeSketch Strategy(string gateway, string strategy)
    {
        _extraInfo[gateway] = Value.Map(("strategy", strategy));
        return this;
    }

    /// <summary>A context key: <see cref="Plain"/>, <see cref="Splice"/> or <see cref="LazyOf"/>.</summary>
    public TreeSketch Var(string key, MapValue variable)
    {
        _inputs[key] = variable;
        return this;
    }

    /// <summary>A context key that an output of a node fills, with a value before where one is given.</summary>
    public TreeSketch Fill(string key, string node, string output, Value? before = null)
    {
        _inputs[key] = Value.Map(
            ("type", "plain"), ("value", before ?? ""), ("source_act", node), ("source_key", output), ("need_initialization", before is not null));
        return this;
    }

    /// <summary>The context keys that are the pipeline's outputs.</summary>
    public TreeSketch Outputs(params string[] keys)
    {
        _outputs.AddRange(keys.Select(key => (Value)key));
        return this;
    }

    /// <summary>The context keys that the start event renders.</summary>
    public TreeSketch PreRender(params string[] keys)
    {
        _preRender.AddRange(keys.Select(key => (Value)key));
        return this;
    }

    /// <summary>Makes the end event one that runs code.</summary>
    public TreeSketch EndsWith(string code)
    {
        _endType = code;
        return this;
    }

    public PipelineTree Build() => PipelineTreeReader.Read(ToValue());

    public MapValue ToValue() => Value.Map(
        ("id", id),
        ("start_event", Node(start, NodeTypes.EmptyStartEvent).Build()),
        ("end_event", Node(end, _endType).Build()),
        ("activities", Value.Map(_nodes.Where(IsActivity).Select(node => (node, (Value)Activity(node))))),
        ("gateways", Value.Map(_nodes.Where(IsGateway).Select(node => (node, (Value)Gateway(node))))),
        ("flows", Value.Map(_flows.Select(flow =>
            (flow.Id, (Value)Value.Map(("id", flow.Id), ("source", flow.Source), ("target", flow.Target)))))),
        ("data", Value.Map(
            ("inputs", _inputs.Build()), ("outputs", Value.List(_outputs)), ("pre_render_keys", Value.List(_preRender)))));

    private static string TypeOf(string node) => node switch
    {
        _ when node.StartsWith("cpg", StringComparison.Ordinal) => NodeTypes.ConditionalParallelGateway,
        _ when node.StartsWith("cg", StringComparison.Ordinal) => NodeTypes.ConvergeGateway,
        _ when node.StartsWith("pg", StringComparison.Ordinal) => NodeTypes.ParallelGateway,
        _ when node.StartsWith("eg", StringComparison.Ordinal) => NodeTypes.ExclusiveGateway,
        _ when node.StartsWith("sp", StringComparison.Ordinal) => NodeTypes.SubProcess,
        _ => NodeTypes.ServiceActivity,
    };

    private bool IsEvent(string node) => node == start || node == end;

    private bool IsGateway(string node) => !IsEvent(node) && TypeOf(node).EndsWith("Gateway", StringComparison.Ordinal);

    private bool IsActivity(string node) => !IsEvent(node) && !IsGateway(node);

    private MapValue.Builder Node(string node, string type) => new()
    {
        { "id", node },
        { "type", type },
        { "name", $"name of {node}" },
        { "incoming", Value.List(_flows.Where(flow => flow.Target == node).Select(flow => (Value)flow.Id)) },
        { "outgoing", Value.List(_flows.Where(flow => flow.Source == node).Select(flow => (Value)flow.Id)) },
    };

    private MapValue Activity(string node)
    {
        MapValue.Builder members = Node(node, TypeOf(node));
        if (_subProcesses.TryGetValue(node, out (TreeSketch Pipeline, MapValue Params) sub))
        {
            members["params"] = sub.Params;
            members["pipeline"] = sub.Pipeline.ToValue();
            return members.Build();
        }

        (string code, string version, MapValue inputs, MapValue settings) =
            _activities.GetValueOrDefault(node, ("ok", "legacy", MapValue.Empty, MapValue.Empty));
        members["component"] = Value.Map(("code", code), ("version", version), ("inputs", inputs));
        members.SetAll(settings);
        return members.Build();
    }

    private MapValue Gateway(string node)
    {
        MapValue.Builder members = Node(node, TypeOf(node));
        members["conditions"] = Value.Map((_conditions.GetValueOrDefault(node) ?? []).Select(entry =>
            (FlowId(node, entry.Target), (Value)Value.Map(("evaluate", entry.Condition)))));
        if (_defaults.TryGetValue(node, out string? target))
        {
            members["default_condition"] = Value.Map(("flow_id", FlowId(node, target)));
        }

        if (_extraInfo.TryGetValue(node, out MapValue? extra))
        {
            members["extra_info"] = extra;
        }

        return members.Build();
    }
}
