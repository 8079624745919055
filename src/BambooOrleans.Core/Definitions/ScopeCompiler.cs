using System.Collections.ObjectModel;
using BambooOrleans.Core.Expressions;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Definitions;

/// <summary>Makes the definitions of one scope and of the nodes that stand directly in it.</summary>
internal sealed class ScopeCompiler(
    PipelineTree tree,
    string scopeId,
    IReadOnlyList<string> stack,
    RunPipelineOptions options,
    IReadOnlyDictionary<string, string> convergeGateways,
    EngineSettings settings)
{
    // The reference's column for context keys is this wide, and it refuses longer keys of lazy inputs.
    private const int LazyInputKeyCharactersMax = 128;

    private readonly List<ContextEntry> _context = [];
    private readonly HashSet<string> _contextKeys = new(StringComparer.Ordinal);

    // The keys whose templates count for the closure of references (observed: not those that only node outputs fill).
    private readonly Dictionary<string, IReadOnlyCollection<string>> _direct = new(StringComparer.Ordinal);

    private readonly Dictionary<string, Dictionary<string, string>> _outputKeys = new(StringComparer.Ordinal);

    private ExpressionOptions Expressions => settings.Expressions;

    private bool IsRoot => stack.Count == 1;

    public ScopeDefinition Compile(Dictionary<string, NodeDefinition> nodes)
    {
        if (!IsRoot)
        {
            AddOptionContext(options.SubprocessContext, "subprocess_context");
        }

        ReadVariables();
        foreach (TreeActivity activity in tree.Activities.Values)
        {
            nodes.Add(activity.Id, activity switch
            {
                TreeServiceActivity service => CompileActivity(service),
                TreeSubProcess subProcess => CompileSubProcess(subProcess),
                _ => throw new InvalidOperationException($"activity {activity.Id} is of an unknown type"),
            });
        }

        nodes.Add(tree.StartEvent.Id, CompileStartEvent());
        nodes.Add(tree.EndEvent.Id, CompileEndEvent());
        foreach (TreeGateway gateway in tree.Gateways.Values)
        {
            nodes.Add(gateway.Id, CompileGateway(gateway));
        }

        if (IsRoot)
        {
            AddOptionContext(options.RootPipelineContext, "root_pipeline_context");
        }

        return new ScopeDefinition
        {
            Id = scopeId,
            ParentId = IsRoot ? null : stack[^2],
            StartEventId = tree.StartEvent.Id,
            InitialContext = CloseReferences(),
            SecretKeys = [.. tree.Data.Inputs.Where(variable => variable.Value.IsSecret).Select(variable => variable.Key)],
        };
    }

    private void ReadVariables()
    {
        foreach ((string key, TreeVariable variable) in tree.Data.Inputs)
        {
            if (variable.Sources.Count == 0)
            {
                _direct[key] = Template.Parse(variable.Value, Expressions).References;
                AddVariable(key, variable);
            }

            foreach (NodeOutputSource source in variable.Sources)
            {
                if (!_outputKeys.TryGetValue(source.NodeId, out Dictionary<string, string>? keys))
                {
                    _outputKeys[source.NodeId] = keys = new(StringComparer.Ordinal);
                }

                keys[source.OutputKey] = key;
            }

            if (variable.NeedInitialization)
            {
                AddVariable(key, variable);
            }
        }
    }

    private NodeDefinition CompileActivity(TreeServiceActivity activity)
    {
        RawInputs inputs = CompileInputs(activity.Id, activity.Inputs);
        return Node(activity, NodeKind.ServiceActivity) with
        {
            CanSkip = activity.Skippable,
            CanRetry = activity.Retryable,
            Code = activity.ComponentCode,
            ComponentVersion = activity.ComponentVersion,
            ErrorIgnorable = activity.ErrorIgnorable,
            Loop = activity.LoopConfig,
            Inputs = inputs,
            SecretInputs = SecretOf(activity.Inputs),
            OutputKeys = OutputKeysOf(activity.Id),
            References = inputs.References,
        };
    }

    private NodeDefinition CompileSubProcess(TreeSubProcess subProcess)
    {
        RawInputs inputs = CompileInputs(subProcess.Id, subProcess.Params);
        return Node(subProcess, NodeKind.SubProcess) with
        {
            CanRetry = true,
            Inputs = inputs,
            SecretInputs = SecretOf(subProcess.Params),
            OutputKeys = OutputKeysOf(subProcess.Id),
            References = inputs.References,
        };
    }

    private NodeDefinition CompileStartEvent() => Node(tree.StartEvent, NodeKind.EmptyStartEvent) with
    {
        CanSkip = true,
        CanRetry = true,
        PreRenderKeys = tree.Data.PreRenderKeys.Count == 0 ? null : tree.Data.PreRenderKeys,
        References = tree.Data.PreRenderKeys,
    };

    private NodeDefinition CompileEndEvent()
    {
        bool isEmpty = tree.EndEvent.Type == NodeTypes.EmptyEndEvent;
        string[] outputs = [.. tree.Data.Outputs.Distinct(StringComparer.Ordinal)];
        return Node(tree.EndEvent, isEmpty ? NodeKind.EmptyEndEvent : NodeKind.ExecutableEndEvent) with
        {
            CanRetry = true,
            Code = isEmpty ? "" : tree.EndEvent.Type,
            PipelineOutputs = outputs,
            References = outputs,
        };
    }

    private NodeDefinition CompileGateway(TreeGateway gateway)
    {
        NodeKind kind = gateway.Type switch
        {
            NodeTypes.ExclusiveGateway => NodeKind.ExclusiveGateway,
            NodeTypes.ParallelGateway => NodeKind.ParallelGateway,
            NodeTypes.ConditionalParallelGateway => NodeKind.ConditionalParallelGateway,
            NodeTypes.ConvergeGateway => NodeKind.ConvergeGateway,
            _ => throw new InvalidOperationException($"gateway {gateway.Id} is of an unknown type"),
        };
        ConditionDefinition[] conditions =
        [
            .. gateway.Conditions.Select(condition => new ConditionDefinition(
                condition.Key, condition.Value, tree.Flows[condition.Key].Target, Template.Parse(condition.Value, Expressions))),
        ];
        return Node(gateway, kind) with
        {
            CanSkip = kind == NodeKind.ExclusiveGateway,
            CanRetry = true,
            Conditions = conditions,
            DefaultTarget = gateway.DefaultFlow is null ? null : tree.Flows[gateway.DefaultFlow].Target,
            Strategy = StrategyOf(gateway),
            ConvergeGatewayId = convergeGateways.GetValueOrDefault(gateway.Id) ?? "",
            References = [.. conditions.SelectMany(condition => condition.Template.References).Distinct(StringComparer.Ordinal)],
        };
    }

    private static ExclusiveGatewayStrategy? StrategyOf(TreeGateway gateway) =>
        gateway.ExtraInfo.TryGetValue("strategy", out Value? strategy) && strategy is TextValue name
            ? name.Value switch
            {
                "ONLY" => ExclusiveGatewayStrategy.Only,
                "FIRST" => ExclusiveGatewayStrategy.First,
                _ => null,
            }
            : null;

    private NodeDefinition Node(TreeNode node, NodeKind kind)
    {
        var targets = new OrderedDictionary<string, string>(StringComparer.Ordinal);
        if (kind is not (NodeKind.EmptyEndEvent or NodeKind.ExecutableEndEvent))
        {
            foreach (string flow in node.Outgoing)
            {
                targets[flow] = tree.Flows[flow].Target;
            }
        }

        return new NodeDefinition
        {
            Id = node.Id,
            Kind = kind,
            Name = node.Name,
            ScopeId = scopeId,
            ScopeStack = stack,
            Targets = targets,
            FirstTarget = targets.Count == 0 ? "" : targets.GetAt(0).Value,
            CanSkip = false,
            CanRetry = false,
            References = [],
        };
    }

    // A lazy input becomes a context key of its own, to which the input then refers (observed).
    private RawInputs CompileInputs(string nodeId, IReadOnlyDictionary<string, TreeVariable> variables)
    {
        var inputs = new OrderedDictionary<string, DataInput>(StringComparer.Ordinal);
        foreach ((string name, TreeVariable variable) in variables)
        {
            Value value = variable.Value;
            if (variable.Type == TreeVariableType.Lazy)
            {
                bool braced = name.StartsWith("${", StringComparison.Ordinal) && name.EndsWith('}');
                string key = $"${{{(braced ? ContextEntry.Bare(name) : name)}_{nodeId}}}";
                if (key.Length > LazyInputKeyCharactersMax)
                {
                    throw new InvalidArgumentException(
                        $"the key {key} of the lazy input {name} of {nodeId} is longer than {LazyInputKeyCharactersMax} characters");
                }

                _direct[key] = Template.Parse(variable.Value, Expressions).References;
                AddVariable(key, variable);
                value = key;
            }

            inputs[name] = new DataInput(variable.Type != TreeVariableType.Plain && variable.NeedRender, value);
        }

        return RawInputs.Parse(inputs, Expressions);
    }

    private static string[] SecretOf(IReadOnlyDictionary<string, TreeVariable> variables) =>
        [.. variables.Where(variable => variable.Value.IsSecret).Select(variable => variable.Key)];

    private IReadOnlyDictionary<string, string> OutputKeysOf(string nodeId) =>
        _outputKeys.TryGetValue(nodeId, out Dictionary<string, string>? keys) ? keys : ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The context entry of a variable as it is written.</summary>
    public static ContextEntry EntryOf(string key, TreeVariable variable) => new(
        key,
        variable.Type switch
        {
            TreeVariableType.Splice => ContextValueType.Splice,
            TreeVariableType.Lazy => ContextValueType.Compute,
            _ => ContextValueType.Plain,
        },
        variable.Value,
        variable.Type == TreeVariableType.Lazy ? variable.CustomType : null);

    private void AddVariable(string key, TreeVariable variable) => AddContext(EntryOf(key, variable), "data");

    private void AddOptionContext(MapValue? context, string option)
    {
        foreach ((string key, Value value) in context ?? MapValue.Empty)
        {
            AddContext(new ContextEntry(key, ContextValueType.Plain, value), option);
        }
    }

    private void AddContext(ContextEntry entry, string origin)
    {
        if (!_contextKeys.Add(entry.Key))
        {
            throw new AlreadyExistsException($"the context key {entry.Key} of {scopeId} is given twice (the second time by {origin})");
        }

        _context.Add(entry);
    }

    private List<ContextEntry> CloseReferences() =>
    [
        .. _context.Select(entry => _direct.TryGetValue(entry.Key, out IReadOnlyCollection<string>? direct) && direct.Count > 0
            ? new ContextEntry(entry.Key, entry.Type, entry.Value, entry.Code, ReferenceClosure.Of(direct, _direct))
            : entry),
    ];
}
