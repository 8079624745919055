using BambooOrleans.Pipelines;

namespace BambooOrleans.Simulation.Plans;

/// <summary>Makes the pipeline tree of a plan.</summary>
internal sealed class PlanTree
{
    private readonly Plan _plan;
    private readonly OrderedDictionary<string, TreeActivity> _activities = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, TreeGateway> _gateways = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, TreeFlow> _flows = new(StringComparer.Ordinal);
    private readonly OrderedDictionary<string, TreeVariable> _variables = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (List<string> Incoming, List<string> Outgoing)> _ends = new(StringComparer.Ordinal);
    private string? _lastKey;

    private PlanTree(Plan plan)
    {
        _plan = plan;
    }

    public static PipelineTree Of(Plan plan) => new PlanTree(plan).Build();

    private PipelineTree Build()
    {
        string start = $"{_plan.Name}-start";
        string end = $"{_plan.Name}-end";
        string last = Sequence(start, _plan.Blocks);
        Flow(last, end);
        List<string> preRendered = [];
        if (_plan.PreRenders)
        {
            _variables["${lazy}"] = Lazy();
            preRendered.Add("${lazy}");
        }

        return new PipelineTree
        {
            Id = _plan.Name,
            StartEvent = Event(start, NodeTypes.EmptyStartEvent),
            EndEvent = Event(end, _plan.EndRunsCode ? ComponentCodes.EndEvent : NodeTypes.EmptyEndEvent),
            Activities = _activities,
            Gateways = _gateways,
            Flows = _flows,
            Data = new TreeData
            {
                Inputs = _variables,
                Outputs = _plan.HasOutput && _lastKey is not null ? [_lastKey] : [],
                PreRenderKeys = preRendered,
            },
            Source = MapValue.Empty,
        };
    }

    // Puts blocks one after the other, and answers the node that they end at.
    private string Sequence(string from, IReadOnlyList<Block> blocks)
    {
        string? before = null;
        foreach (Block block in blocks)
        {
            (from, before) = Add(from, block, before);
        }

        _lastKey = before ?? _lastKey;
        return from;
    }

    private (string Node, string? Key) Add(string from, Block block, string? before) => block switch
    {
        ActivityBlock activity => Activity(from, activity, before),
        SubProcessBlock subProcess => SubProcess(from, subProcess, before),
        ForkBlock fork => (Fork(from, fork), null),
        LoopBlock loop => (Loop(from, loop), null),
        _ => throw new InvalidOperationException(block.GetType().Name),
    };

    private (string Node, string Key) Activity(string from, ActivityBlock block, string? before)
    {
        string id = $"a{block.Number}";
        string key = $"${{o_{id}}}";
        OrderedDictionary<string, TreeVariable> inputs = References(
            id, "before", block.ReadsBefore ? before : null, block.ReadsLazy ? "lazy" : null);
        if (block.ReadsSplice)
        {
            _variables[$"${{s_{id}}}"] = Splice(before is null ? "nothing" : $"after {before}");
            inputs["splice"] = Splice($"it is ${{s_{id}}}");
        }

        Flow(from, id);
        (List<string> incoming, List<string> outgoing) = EndsOf(id);
        _activities[id] = new TreeServiceActivity
        {
            Id = id,
            Type = NodeTypes.ServiceActivity,
            Name = "",
            Incoming = incoming,
            Outgoing = outgoing,
            ErrorIgnorable = block.IsErrorIgnorable,
            Skippable = block.IsSkippable,
            Retryable = block.IsRetryable,
            ComponentCode = block.Code,
            ComponentVersion = "legacy",
            Inputs = inputs,
            LoopConfig = block.OwnLoopTimes == 0 ? null : new TreeLoopConfig
            {
                LoopTimes = block.OwnLoopTimes,
                FailSkip = block.PassesFailedRounds,
                Retryable = block.IsRetryable,
                Skippable = block.IsSkippable,
                OutputsKey = $"${{rounds_{id}}}",
            },
        };
        Fill(key, id, "out", "none");
        return (id, key);
    }

    private (string Node, string? Key) SubProcess(string from, SubProcessBlock block, string? before)
    {
        string id = $"sp{block.Number}";
        OrderedDictionary<string, TreeVariable> parameters = References(
            id, "${param}", block.ReadsBefore ? before : null, block.ReadsLazy ? "${lazy_param}" : null);
        Flow(from, id);
        (List<string> incoming, List<string> outgoing) = EndsOf(id);
        PipelineTree inner = Of(block.Inner);
        _activities[id] = new TreeSubProcess
        {
            Id = id,
            Type = NodeTypes.SubProcess,
            Name = "",
            Incoming = incoming,
            Outgoing = outgoing,
            Params = parameters,
            Pipeline = inner,
        };
        if (inner.Data.Outputs.Count == 0)
        {
            return (id, null);
        }

        Fill($"${{o_{id}}}", id, inner.Data.Outputs[0], "none");
        return (id, $"${{o_{id}}}");
    }

    // Inputs or params that refer to what came before, and to a lazy variable of the node's own, where they are to.
    private OrderedDictionary<string, TreeVariable> References(string id, string beforeKey, string? before, string? lazyKey)
    {
        var references = new OrderedDictionary<string, TreeVariable>(StringComparer.Ordinal);
        if (before is not null)
        {
            references[beforeKey] = Splice(before);
        }

        if (lazyKey is not null)
        {
            _variables[$"${{z_{id}}}"] = Lazy();
            references[lazyKey] = Splice($"${{z_{id}}}");
        }

        return references;
    }

    private string Fork(string from, ForkBlock block)
    {
        string type = block.Kind switch
        {
            ForkKind.All => NodeTypes.ParallelGateway,
            ForkKind.Some => NodeTypes.ConditionalParallelGateway,
            _ => NodeTypes.ExclusiveGateway,
        };
        string gateway = block.Kind == ForkKind.One ? $"eg{block.Number}" : block.Kind == ForkKind.Some ? $"cpg{block.Number}" : $"pg{block.Number}";
        string converge = $"cg{block.Number}";
        Flow(from, gateway);
        var conditions = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        string? defaultFlow = null;
        for (int index = 0; index < block.Branches.Count; index++)
        {
            Branch branch = block.Branches[index];
            string last = Sequence(gateway, branch.Blocks);
            Flow(last, converge);
            string flow = EndsOf(gateway).Outgoing[index];
            conditions[flow] = branch.Condition;
            if (index == block.Default)
            {
                defaultFlow = flow;
            }
        }

        Gateway(gateway, type, block.Kind == ForkKind.All ? [] : conditions, defaultFlow, block.TakesFirst ? Value.Map(("strategy", "FIRST")) : MapValue.Empty);
        Gateway(converge, NodeTypes.ConvergeGateway, [], null, MapValue.Empty);
        return converge;
    }

    private string Loop(string from, LoopBlock block)
    {
        string head = $"a{block.Number}";
        string gateway = $"eg{block.Number}";
        string exit = $"a{block.Number}x";
        string key = $"${{n_{head}}}";
        Plain(from, head);
        Fill(key, head, "_loop", 0);
        string last = Sequence(head, block.Body);
        Flow(last, gateway);
        Flow(gateway, head);
        Plain(gateway, exit);
        List<string> outgoing = EndsOf(gateway).Outgoing;
        Gateway(
            gateway,
            NodeTypes.ExclusiveGateway,
            new OrderedDictionary<string, string>(StringComparer.Ordinal) { [outgoing[0]] = $"{key} < {block.Rounds}", [outgoing[1]] = "1 == 2" },
            outgoing[1],
            MapValue.Empty);
        return exit;
    }

    private void Plain(string from, string id)
    {
        Flow(from, id);
        (List<string> incoming, List<string> outgoing) = EndsOf(id);
        _activities[id] = new TreeServiceActivity
        {
            Id = id,
            Type = NodeTypes.ServiceActivity,
            Name = "",
            Incoming = incoming,
            Outgoing = outgoing,
            ErrorIgnorable = false,
            Skippable = true,
            Retryable = true,
            ComponentCode = ComponentCodes.Plain,
            ComponentVersion = "legacy",
            Inputs = new Dictionary<string, TreeVariable>(),
            LoopConfig = null,
        };
    }

    private void Gateway(string id, string type, OrderedDictionary<string, string> conditions, string? defaultFlow, MapValue extra)
    {
        (List<string> incoming, List<string> outgoing) = EndsOf(id);
        _gateways[id] = new TreeGateway
        {
            Id = id,
            Type = type,
            Name = "",
            Incoming = incoming,
            Outgoing = outgoing,
            Conditions = conditions,
            DefaultFlow = defaultFlow,
            ExtraInfo = extra,
            ConvergeGatewayId = null,
        };
    }

    private TreeEvent Event(string id, string type)
    {
        (List<string> incoming, List<string> outgoing) = EndsOf(id);
        return new TreeEvent { Id = id, Type = type, Name = "", Incoming = incoming, Outgoing = outgoing };
    }

    private void Flow(string source, string target)
    {
        string id = $"{source}>{target}";
        _flows.Add(id, new TreeFlow(id, source, target, IsDefault: false));
        EndsOf(source).Outgoing.Add(id);
        EndsOf(target).Incoming.Add(id);
    }

    // The lists are filled while flows are added: nodes may be made before all of their flows are known.
    private (List<string> Incoming, List<string> Outgoing) EndsOf(string node)
    {
        if (!_ends.TryGetValue(node, out (List<string> Incoming, List<string> Outgoing) ends))
        {
            _ends[node] = ends = ([], []);
        }

        return ends;
    }

    private void Fill(string key, string node, string output, Value before) => _variables[key] = new TreeVariable
    {
        Type = TreeVariableType.Plain,
        Value = before,
        Sources = [new NodeOutputSource(node, output)],
        NeedInitialization = true,
    };

    private static TreeVariable Splice(string text) => new() { Type = TreeVariableType.Splice, Value = text };

    private static TreeVariable Lazy() => new() { Type = TreeVariableType.Lazy, Value = "value", CustomType = ComponentCodes.Lazy };
}
