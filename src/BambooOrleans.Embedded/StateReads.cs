using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;

namespace BambooOrleans.Embedded;

/// <summary>The reads of the Engine API, over the machines of one root pipeline.</summary>
internal static class StateReads
{
    public static IReadOnlyDictionary<string, NodeStateInfo> None { get; } = new Dictionary<string, NodeStateInfo>();

    /// <summary>The root's state with all others below it, flat or nested.</summary>
    public static IReadOnlyDictionary<string, NodeStateInfo> Tree(PipelineInstance instance, bool flat)
    {
        NodeStateInfo[] children =
        [
            .. instance.NodeStates.Where(node => node.State.Reached).Select(node => Info(instance, node.Node, node.State)),
            .. instance.Pipeline.State.Scopes.Where(scope => scope.Key != instance.RootId).Select(scope => Info(instance, scope.Key, scope.Value)),
        ];
        NodeStateInfo root = Info(instance, instance.RootId, instance.Pipeline.State.Scopes[instance.RootId]);
        if (flat)
        {
            return Single(root with { Children = children.ToDictionary(child => child.Id, StringComparer.Ordinal) });
        }

        ILookup<string, NodeStateInfo> byParent = children.ToLookup(child => child.ParentId!, StringComparer.Ordinal);
        return Single(Nest(root));

        // As deep as sub-processes are nested, which the tree's reader limits.
        NodeStateInfo Nest(NodeStateInfo parent) => parent with
        {
            Children = byParent[parent.Id].Select(Nest).ToDictionary(child => child.Id, StringComparer.Ordinal),
        };
    }

    /// <summary>The state of one id with those directly in it.</summary>
    public static IReadOnlyDictionary<string, NodeStateInfo> Children(PipelineInstance instance, string id)
    {
        if (instance.Pipeline.State.Scopes.TryGetValue(id, out ScopeState? scope))
        {
            return Single(Info(instance, id, scope) with
            {
                ParentId = instance.RootId,
                Children = instance.NodeStates
                    .Where(node => node.State.Reached && node.Node.ScopeId == id)
                    .Select(node => Info(instance, node.Node, node.State))
                    .Concat(instance.Pipeline.State.Scopes
                        .Where(inner => instance.Definition.Scopes[inner.Key].ParentId == id)
                        .Select(inner => Info(instance, inner.Key, inner.Value)))
                    .ToDictionary(child => child.Id, StringComparer.Ordinal),
            });
        }

        // The API gives the root's id as the parent of the id that was asked for (observed).
        return instance.NodeState(id) is { } state
            ? Single(Info(instance, instance.Definition.Nodes[id], state) is var info ? info with { ParentId = info.RootId } : null!)
            : None;
    }

    public static ExecutionData? Execution(PipelineInstance instance, string id) =>
        instance.Pipeline.State.Scopes.TryGetValue(id, out ScopeState? scope)
            ? DataOf(scope.Inputs, scope.Outputs)
            : instance.NodeState(id) is { } state ? DataOf(state.Inputs, state.Outputs) : null;

    public static NodeData? Data(PipelineInstance instance, string id)
    {
        if (id == instance.RootId)
        {
            return new NodeData(
                instance.Definition.RootData.ToDictionary(
                    entry => entry.Key, entry => new DataInput(false, entry.Value), StringComparer.Ordinal),
                new Dictionary<string, string>());
        }

        NodeDefinition node = instance.Definition.Nodes[id];
        RawInputs? replaced = instance.Pipeline.State.RawInputs.GetValueOrDefault(id);
        return node.Kind switch
        {
            // What a retry gave a gateway or an event is kept for it, and shown (observed).
            _ when replaced is not null => new NodeData(replaced.Inputs, node.OutputKeys),
            NodeKind.ServiceActivity or NodeKind.SubProcess => new NodeData(
                node.Inputs.Inputs, node.OutputKeys),
            NodeKind.EmptyStartEvent when node.PreRenderKeys is { } keys => new NodeData(
                new Dictionary<string, DataInput>
                {
                    ["pre_render_keys"] = new(false, Value.List(keys.Select(key => (Value)key))),
                },
                new Dictionary<string, string>()),
            _ => null,
        };
    }

    public static IReadOnlyList<ContextValue> Context(PipelineInstance instance, string scopeId) =>
    [
        .. instance.Pipeline.State.ContextOf(scopeId).Values
            .Select(entry => new ContextValue(entry.Key, entry.Type, entry.Value, entry.Code)),
    ];

    public static IReadOnlyList<TokenInfo> Tokens(PipelineInstance instance) =>
    [
        .. instance.Pipeline.State.Tokens.Values.Select(token => new TokenInfo(
            token.Id,
            token.Node,
            token.Destination,
            token.Parent,
            token.Stack,
            token.HeldBy,
            token.Phase is TokenPhase.Asleep or TokenPhase.Joining
                || instance.NodeState(token.Node)?.Phase is NodePhase.Waiting or NodePhase.Polling)),
    ];

    public static NodeDebugInfo Debug(PipelineInstance instance, NodeDefinition node) => new(
        node.Id, node.Kind.ToString(), node.Name, node.Targets, Data(instance, node.Id), InfoOf(instance, node.Id));

    public static ExecutionTime? ExecutionTime(PipelineInstance instance, string id, DateTimeOffset now) =>
        InfoOf(instance, id) is { } info
            ? new ExecutionTime(info.State, info.StartedTime, info.ArchivedTime, (info.ArchivedTime ?? now) - info.StartedTime)
            : null;

    private static NodeStateInfo? InfoOf(PipelineInstance instance, string id) =>
        instance.Pipeline.State.Scopes.TryGetValue(id, out ScopeState? scope) ? Info(instance, id, scope)
        : instance.NodeState(id) is { } state ? Info(instance, instance.Definition.Nodes[id], state)
        : null;

    private static ExecutionData? DataOf(MapValue? inputs, MapValue? outputs) =>
        inputs is null && outputs is null ? null : new ExecutionData(inputs ?? MapValue.Empty, outputs ?? MapValue.Empty);

    private static Dictionary<string, NodeStateInfo> Single(NodeStateInfo info) => new(StringComparer.Ordinal) { [info.Id] = info };

    private static NodeStateInfo Info(PipelineInstance instance, NodeDefinition node, NodeState state) => new()
    {
        Id = node.Id,
        State = state.State,
        RootId = state.Reached ? instance.RootId : null,
        ParentId = state.Reached ? node.ScopeId : null,
        Version = state.Version,
        Loop = state.Loop,
        InnerLoop = state.Reached ? state.InnerLoopIn(instance.Pipeline.State.Scopes[node.ScopeId].Run) : state.InnerLoop,
        Retry = state.Retry,
        Skip = state.Skip,
        ErrorIgnored = state.ErrorIgnored,
        CreatedTime = state.CreatedTime,
        StartedTime = state.StartedTime,
        ArchivedTime = state.ArchivedTime,
    };

    private static NodeStateInfo Info(PipelineInstance instance, string id, ScopeState state)
    {
        string? parent = instance.Definition.Scopes[id].ParentId;
        return new NodeStateInfo
        {
            Id = id,
            State = state.State,
            RootId = instance.RootId,
            ParentId = parent ?? instance.RootId,
            Version = state.Version,
            Loop = state.Loop,
            InnerLoop = parent is null ? state.InnerLoop : state.InnerLoopIn(instance.Pipeline.State.Scopes[parent].Run),
            Retry = state.Retry,
            Skip = state.Skip,
            ErrorIgnored = false,
            CreatedTime = state.CreatedTime,
            StartedTime = state.StartedTime,
            ArchivedTime = state.ArchivedTime,
        };
    }
}
