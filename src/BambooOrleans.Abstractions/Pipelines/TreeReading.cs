namespace BambooOrleans.Pipelines;

/// <summary>The reading of one tree. What must be unique in all of it is kept here while it goes down into sub-processes.</summary>
internal sealed class TreeReading
{
    private readonly Dictionary<string, TreePath> _ids = new(StringComparer.Ordinal);

    public PipelineTree Read(Value tree)
    {
        TreeMembers members = TreeMembers.Of(tree, TreePath.Root);
        string id = members.Id("id");
        _ids.Add(id, members.Path);
        return ReadPipeline(members, id, depth: 0);
    }

    private PipelineTree ReadPipeline(TreeMembers members, string id, int depth)
    {
        var tree = new PipelineTree
        {
            Id = id,
            StartEvent = ReadEvent(members.Object("start_event"), isStart: true),
            EndEvent = ReadEvent(members.Object("end_event"), isStart: false),
            Activities = ReadEach(members.Object("activities"), (key, activity) => ReadActivity(key, activity, depth)),
            Gateways = ReadEach(members.Object("gateways"), ReadGateway),
            Flows = ReadEach(members.Object("flows"), ReadFlow),
            Data = ReadData(members.Object("data")),
            Source = members.Source,
        };
        CheckFlows(tree, members.Path);
        return tree;
    }

    private TreeEvent ReadEvent(TreeMembers members, bool isStart)
    {
        string type = members.Text("type");
        bool fits = isStart ? type == NodeTypes.EmptyStartEvent : type.Length > 0 && (type == NodeTypes.EmptyEndEvent || !IsKnown(type));
        if (!fits)
        {
            throw UnknownType(
                members, type, isStart ? $"a start event is {NodeTypes.EmptyStartEvent}" : $"an end event is {NodeTypes.EmptyEndEvent} or the code of an executable one");
        }

        return new TreeEvent
        {
            Id = ClaimId(members),
            Type = type,
            Name = members.OptionalText("name") ?? string.Empty,
            Incoming = members.Flows("incoming"),
            Outgoing = members.Flows("outgoing"),
        };
    }

    private TreeActivity ReadActivity(string key, TreeMembers members, int depth) => members.Text("type") switch
    {
        NodeTypes.ServiceActivity => ReadServiceActivity(key, members),
        NodeTypes.SubProcess => ReadSubProcess(key, members, depth),
        string type => throw UnknownType(members, type, $"an activity is {NodeTypes.ServiceActivity} or {NodeTypes.SubProcess}"),
    };

    private TreeServiceActivity ReadServiceActivity(string key, TreeMembers members)
    {
        string id = ClaimId(members, key);
        TreeMembers component = members.Object("component");
        return new TreeServiceActivity
        {
            Id = id,
            Type = NodeTypes.ServiceActivity,
            Name = members.OptionalText("name") ?? string.Empty,
            Incoming = members.Flows("incoming"),
            Outgoing = members.Flows("outgoing"),
            ErrorIgnorable = members.Flag("error_ignorable", missing: false),
            Skippable = members.Flag("skippable", missing: true),
            Retryable = members.Flag("retryable", missing: true),
            ComponentCode = component.Id("code"),
            ComponentVersion = component.OptionalText("version") ?? "legacy",
            Inputs = ReadNodeInputs(component.Object("inputs"), id),
            LoopConfig = ReadLoopConfig(members.OptionalObject("loop_config")),
        };
    }

    // The nested pipeline goes by the id of its activity. Builders write that id into it too, but nothing hangs on it.
    private TreeSubProcess ReadSubProcess(string key, TreeMembers members, int depth)
    {
        string id = ClaimId(members, key);
        TreeMembers pipeline = members.Object("pipeline");
        if (depth == PipelineTreeReader.MaxSubProcessDepth)
        {
            throw new PipelineTreeException(
                PipelineTreeErrors.TooDeep,
                pipeline.Path.ToString(),
                $"sub-processes are nested deeper than {PipelineTreeReader.MaxSubProcessDepth} levels");
        }

        pipeline.OptionalText("id");
        return new TreeSubProcess
        {
            Id = id,
            Type = NodeTypes.SubProcess,
            Name = members.OptionalText("name") ?? string.Empty,
            Incoming = members.Flows("incoming"),
            Outgoing = members.Flows("outgoing"),
            Params = ReadNodeInputs(members.Object("params"), id),
            Pipeline = ReadPipeline(pipeline, id, depth + 1),
        };
    }

    private TreeGateway ReadGateway(string key, TreeMembers members)
    {
        string type = members.Text("type");
        bool hasConditions = type is NodeTypes.ExclusiveGateway or NodeTypes.ConditionalParallelGateway;
        if (!hasConditions && type is not (NodeTypes.ParallelGateway or NodeTypes.ConvergeGateway))
        {
            throw UnknownType(
                members,
                type,
                $"a gateway is {NodeTypes.ExclusiveGateway}, {NodeTypes.ParallelGateway}, {NodeTypes.ConditionalParallelGateway} or {NodeTypes.ConvergeGateway}");
        }

        IReadOnlyList<string> outgoing = members.Flows("outgoing");
        return new TreeGateway
        {
            Id = ClaimId(members, key),
            Type = type,
            Name = members.OptionalText("name") ?? string.Empty,
            Incoming = members.Flows("incoming"),
            Outgoing = outgoing,
            Conditions = hasConditions ? ReadConditions(members.Object("conditions"), outgoing) : new OrderedDictionary<string, string>(),
            DefaultFlow = hasConditions ? ReadDefaultFlow(members.OptionalObject("default_condition"), outgoing) : null,
            ExtraInfo = hasConditions ? members.OptionalObject("extra_info")?.Source ?? MapValue.Empty : MapValue.Empty,
            ConvergeGatewayId = members.OptionalText("converge_gateway_id"),
        };
    }

    private static OrderedDictionary<string, string> ReadConditions(TreeMembers members, IReadOnlyList<string> outgoing)
    {
        HashSet<string> flows = new(outgoing, StringComparer.Ordinal);
        return ReadEach(members, (flow, condition) => flows.Contains(flow)
            ? condition.Text("evaluate")
            : throw NoOutgoingFlow(condition.Path, flow));
    }

    private static string? ReadDefaultFlow(TreeMembers? condition, IReadOnlyList<string> outgoing)
    {
        if (condition is not { Source.Count: > 0 } members)
        {
            return null;
        }

        string flow = members.Text("flow_id");
        return outgoing.Contains(flow) ? flow : throw NoOutgoingFlow(members.Path / "flow_id", flow);
    }

    // A flow goes by its key. The reference never looks at the id inside, and trees in the wild have others there.
    private static TreeFlow ReadFlow(string key, TreeMembers members) => TreeMembers.IsId(key)
        ? new TreeFlow(key, members.Text("source"), members.Text("target"), members.Flag("is_default", missing: false))
        : throw TreeMembers.NoId(key, members.Path);

    private static TreeData ReadData(TreeMembers members) => new()
    {
        Inputs = ReadEach(members.Object("inputs"), ReadVariable),
        Outputs = ReadOutputs(members),
        PreRenderKeys = members.OptionalTextList("pre_render_keys"),
    };

    // Old trees have an object here, whose keys count, as they do in the reference.
    private static IReadOnlyList<string> ReadOutputs(TreeMembers members) =>
        members.Required("outputs") is MapValue outputs ? [.. outputs.Keys] : members.TextList("outputs");

    /// <summary>A variable of a pipeline. One that node outputs fill, and that has no value before, needs neither type nor value.</summary>
    private static TreeVariable ReadVariable(string key, TreeMembers members)
    {
        CheckKeyLength(key, members.Path);
        IReadOnlyList<NodeOutputSource> sources = ReadSources(members);
        bool needInitialization = members.Flag("need_initialization", missing: false);
        bool needsValue = sources.Count == 0 || needInitialization;
        return new TreeVariable
        {
            Type = needsValue || members.Optional("type") is not null ? ReadVariableType(members) : TreeVariableType.Plain,
            Value = ReadVariableValue(members, needsValue),
            CustomType = members.OptionalText("custom_type"),
            Sources = sources,
            NeedInitialization = needInitialization,
            NeedRender = members.Flag("need_render", missing: true),
            IsSecret = members.Flag("secret", missing: false),
        };
    }

    private static OrderedDictionary<string, TreeVariable> ReadNodeInputs(TreeMembers inputs, string nodeId) =>
        ReadEach(inputs, (key, members) =>
        {
            TreeVariableType type = ReadVariableType(members);
            if (type == TreeVariableType.Lazy)
            {
                string name = key.StartsWith("${", StringComparison.Ordinal) && key.EndsWith('}') ? key[2..^1] : key;
                CheckKeyLength($"${{{name}_{nodeId}}}", members.Path);
            }

            return new TreeVariable
            {
                Type = type,
                Value = ReadVariableValue(members, isNeeded: true),
                CustomType = members.OptionalText("custom_type"),
                NeedRender = members.Flag("need_render", missing: true),
                IsSecret = members.Flag("secret", missing: false),
            };
        });

    private static TreeVariableType ReadVariableType(TreeMembers members) => members.Text("type") switch
    {
        "plain" => TreeVariableType.Plain,
        "splice" => TreeVariableType.Splice,
        "lazy" => TreeVariableType.Lazy,
        string type => throw new PipelineTreeException(
            PipelineTreeErrors.UnknownVariableType,
            (members.Path / "type").ToString(),
            $"\"{type}\" is no type of variable; it must be plain, splice or lazy"),
    };

    // Null is a value like any other here.
    private static Value ReadVariableValue(TreeMembers members, bool isNeeded)
    {
        if (members.Source.TryGetValue("value", out Value? value))
        {
            return value;
        }

        return isNeeded
            ? throw new PipelineTreeException(PipelineTreeErrors.MissingMember, (members.Path / "value").ToString(), "is missing")
            : Value.Null;
    }

    private static IReadOnlyList<NodeOutputSource> ReadSources(TreeMembers members)
    {
        switch (members.Optional("source_act"))
        {
            case null:
            case TextValue { Value.Length: 0 }:
                return [];
            case TextValue node:
                return [new NodeOutputSource(node.Value, members.Text("source_key"))];
            case ListValue list:
                var sources = new NodeOutputSource[list.Count];
                for (int i = 0; i < sources.Length; i++)
                {
                    TreeMembers source = TreeMembers.Of(list[i], members.Path / "source_act" / i);
                    sources[i] = new NodeOutputSource(source.Text("source_act"), source.Text("source_key"));
                }

                return sources;
            case Value other:
                throw TreeMembers.WrongType(members.Path / "source_act", "the id of a node or a list of sources", other);
        }
    }

    private static TreeLoopConfig? ReadLoopConfig(TreeMembers? config)
    {
        if (config is not { } members || !(members.Optional("enable")?.IsTruthy ?? false))
        {
            return null;
        }

        return new TreeLoopConfig
        {
            LoopTimes = ReadLoopTimes(members),
            FailSkip = members.Flag("fail_skip", missing: false),
            Retryable = members.Flag("retryable", missing: false),
            Skippable = members.Flag("skippable", missing: false),
            OutputsKey = members.OptionalText("outputs_key") ?? "outputs",
        };
    }

    private static int? ReadLoopTimes(TreeMembers members) => members.Optional("loop_times") switch
    {
        null => null,
        IntValue number when number.TryGetInt64(out long times) && times is >= int.MinValue and <= int.MaxValue => (int)times,
        Value other => throw TreeMembers.WrongType(
            members.Path / "loop_times", $"a whole number of at most {int.MaxValue}", other),
    };

    /// <summary>Flows join nodes of their pipeline, and nodes list flows that are theirs.</summary>
    private static void CheckFlows(PipelineTree tree, TreePath path)
    {
        bool IsNode(string id) =>
            tree.Activities.ContainsKey(id) || tree.Gateways.ContainsKey(id) || id == tree.StartEvent.Id || id == tree.EndEvent.Id;

        foreach (TreeFlow flow in tree.Flows.Values)
        {
            if (!IsNode(flow.Source))
            {
                throw NoNode(path / "flows" / flow.Id / "source", flow.Source);
            }

            if (!IsNode(flow.Target))
            {
                throw NoNode(path / "flows" / flow.Id / "target", flow.Target);
            }
        }

        CheckNodeFlows(tree, tree.StartEvent, path / "start_event");
        CheckNodeFlows(tree, tree.EndEvent, path / "end_event");
        foreach (TreeActivity activity in tree.Activities.Values)
        {
            CheckNodeFlows(tree, activity, path / "activities" / activity.Id);
        }

        foreach (TreeGateway gateway in tree.Gateways.Values)
        {
            CheckNodeFlows(tree, gateway, path / "gateways" / gateway.Id);
        }
    }

    private static void CheckNodeFlows(PipelineTree tree, TreeNode node, TreePath path)
    {
        foreach (string id in node.Incoming)
        {
            if (FlowOf(tree, id, path / "incoming") is { } flow && flow.Target != node.Id)
            {
                throw new PipelineTreeException(
                    PipelineTreeErrors.FlowMismatch,
                    (path / "incoming").ToString(),
                    $"lists flow \"{id}\", but that flow enters node \"{flow.Target}\"");
            }
        }

        foreach (string id in node.Outgoing)
        {
            if (FlowOf(tree, id, path / "outgoing") is { } flow && flow.Source != node.Id)
            {
                throw new PipelineTreeException(
                    PipelineTreeErrors.FlowMismatch,
                    (path / "outgoing").ToString(),
                    $"lists flow \"{id}\", but that flow leaves node \"{flow.Source}\"");
            }
        }
    }

    private static TreeFlow FlowOf(PipelineTree tree, string id, TreePath path) =>
        tree.Flows.TryGetValue(id, out TreeFlow? flow)
            ? flow
            : throw new PipelineTreeException(
                PipelineTreeErrors.UnknownFlow, path.ToString(), $"names flow \"{id}\", which is not in the pipeline");

    private static OrderedDictionary<string, T> ReadEach<T>(TreeMembers members, Func<string, TreeMembers, T> read)
    {
        var items = new OrderedDictionary<string, T>(members.Source.Count, StringComparer.Ordinal);
        foreach ((string key, Value value) in members.Source)
        {
            TreePath path = members.Path / key;
            items.Add(key, read(key, TreeMembers.Of(value, path)));
        }

        return items;
    }

    private string ClaimId(TreeMembers members, string? key = null)
    {
        string id = members.Id("id");
        if (key is not null && id != key)
        {
            throw IdMismatch(members, id, key);
        }

        if (!_ids.TryAdd(id, members.Path))
        {
            throw new PipelineTreeException(
                PipelineTreeErrors.DuplicateId,
                (members.Path / "id").ToString(),
                $"\"{id}\" is the id of {_ids[id]} too");
        }

        // The root pipeline's own id is among them.
        if (_ids.Count - 1 > PipelineTreeReader.MaxNodes)
        {
            throw new PipelineTreeException(
                PipelineTreeErrors.TooManyNodes,
                TreePath.Root.ToString(),
                $"the tree has more than {PipelineTreeReader.MaxNodes} nodes");
        }

        return id;
    }

    private static void CheckKeyLength(string key, TreePath path)
    {
        // Counted in characters as people and databases count them, not in UTF-16 units.
        int length = key.Length <= PipelineTreeReader.MaxContextKeyLength ? 0 : key.EnumerateRunes().Count();
        if (length > PipelineTreeReader.MaxContextKeyLength)
        {
            throw new PipelineTreeException(
                PipelineTreeErrors.KeyTooLong,
                path.ToString(),
                $"its context key {key} has {length} characters, but {PipelineTreeReader.MaxContextKeyLength} at most are allowed");
        }
    }

    private static bool IsKnown(string type) => type is NodeTypes.ServiceActivity or NodeTypes.SubProcess
        or NodeTypes.ExclusiveGateway or NodeTypes.ParallelGateway or NodeTypes.ConditionalParallelGateway
        or NodeTypes.ConvergeGateway or NodeTypes.EmptyStartEvent or NodeTypes.EmptyEndEvent;

    private static PipelineTreeException UnknownType(TreeMembers members, string type, string allowed) => new(
        PipelineTreeErrors.UnknownNodeType, (members.Path / "type").ToString(), $"\"{type}\" cannot stand here; {allowed}");

    private static PipelineTreeException IdMismatch(TreeMembers members, string id, string key) => new(
        PipelineTreeErrors.IdMismatch, (members.Path / "id").ToString(), $"is \"{id}\", but stands under the key \"{key}\"");

    private static PipelineTreeException NoNode(TreePath path, string id) => new(
        PipelineTreeErrors.UnknownNode, path.ToString(), $"names node \"{id}\", which is not in the pipeline");

    private static PipelineTreeException NoOutgoingFlow(TreePath path, string flow) => new(
        PipelineTreeErrors.UnknownFlow, path.ToString(), $"names flow \"{flow}\", which is not an outgoing flow of the gateway");
}
