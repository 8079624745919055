using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;

namespace BambooOrleans.Hosting;

/// <summary>The reads of the Engine API, over the states of one root pipeline's machines.</summary>
public static class StateReads
{
    /// <summary>No states: of an id that there is nothing of.</summary>
    public static IReadOnlyDictionary<string, NodeStateInfo> None { get; } = new Dictionary<string, NodeStateInfo>();

    /// <summary>What each token waits for.</summary>
    public static IReadOnlyList<WaitInfo> WaitsOf(IPipelineView view) =>
        Waits.Of(new PipelineMachine(view.Definition, view.State), view.NodeState);

    /// <summary>The root's state with all others below it, flat or nested.</summary>
    public static IReadOnlyDictionary<string, NodeStateInfo> Tree(IPipelineView view, bool flat)
    {
        NodeStateInfo[] children =
        [
            .. view.NodeStates.Where(node => node.State.Reached).Select(node => Info(view, node.Node, node.State)),
            .. view.State.Scopes.Where(scope => scope.Key != view.Definition.RootId).Select(scope => Info(view, scope.Key, scope.Value)),
        ];
        NodeStateInfo root = Info(view, view.Definition.RootId, view.State.Scopes[view.Definition.RootId]);
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
    public static IReadOnlyDictionary<string, NodeStateInfo> Children(IPipelineView view, string id)
    {
        if (view.State.Scopes.TryGetValue(id, out ScopeState? scope))
        {
            return Single(Info(view, id, scope) with
            {
                ParentId = view.Definition.RootId,
                Children = view.NodeStates
                    .Where(node => node.State.Reached && node.Node.ScopeId == id)
                    .Select(node => Info(view, node.Node, node.State))
                    .Concat(view.State.Scopes
                        .Where(inner => view.Definition.Scopes[inner.Key].ParentId == id)
                        .Select(inner => Info(view, inner.Key, inner.Value)))
                    .ToDictionary(child => child.Id, StringComparer.Ordinal),
            });
        }

        // The API gives the root's id as the parent of the id that was asked for (observed).
        return view.NodeState(id) is { } state
            ? Single(Info(view, view.Definition.Nodes[id], state) is var info ? info with { ParentId = info.RootId } : null!)
            : None;
    }

    /// <summary>The execution data of a node or scope; null where none was recorded.</summary>
    public static ExecutionData? Execution(IPipelineView view, string id) =>
        view.State.Scopes.TryGetValue(id, out ScopeState? scope)
            ? DataOf(scope.Inputs, scope.Outputs)
            : view.NodeState(id) is { } state ? DataOf(state.Inputs, state.Outputs) : null;

    /// <summary>The raw inputs and outputs of a node, or the data of the root pipeline; null for a node that has none.</summary>
    public static NodeData? Data(IPipelineView view, string id)
    {
        if (id == view.Definition.RootId)
        {
            return new NodeData(
                view.Definition.RootData.ToDictionary(
                    entry => entry.Key, entry => new DataInput(false, entry.Value), StringComparer.Ordinal),
                new Dictionary<string, string>());
        }

        NodeDefinition node = view.Definition.Nodes[id];
        RawInputs? replaced = view.State.RawInputs.GetValueOrDefault(id);
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

    /// <summary>The context of the root pipeline or of a sub-process.</summary>
    public static IReadOnlyList<ContextValue> Context(IPipelineView view, string scopeId) =>
    [
        .. view.State.ContextOf(scopeId).Values
            .Select(entry => new ContextValue(entry.Key, entry.Type, entry.Value, entry.Code)),
    ];

    /// <summary>The tokens.</summary>
    public static IReadOnlyList<TokenInfo> Tokens(IPipelineView view) =>
    [
        .. view.State.Tokens.Values.Select(token => new TokenInfo(
            token.Id,
            token.Node,
            token.Destination,
            token.Parent,
            token.Stack,
            token.HeldBy,
            token.Phase is TokenPhase.Asleep or TokenPhase.Joining
                || view.NodeState(token.Node)?.Phase is NodePhase.Waiting or NodePhase.Polling)),
    ];

    /// <summary>What a node is, with its data and state.</summary>
    public static NodeDebugInfo Debug(IPipelineView view, NodeDefinition node) => new(
        node.Id, node.Kind.ToString(), node.Name, node.Targets, Data(view, node.Id), InfoOf(view, node.Id));

    /// <summary>How long a node or scope has run up to <paramref name="now"/>, or ran; null where it has no state.</summary>
    public static ExecutionTime? ExecutionTime(IPipelineView view, string id, DateTimeOffset now) =>
        InfoOf(view, id) is { } info
            ? new ExecutionTime(info.State, info.StartedTime, info.ArchivedTime, (info.ArchivedTime ?? now) - info.StartedTime)
            : null;

    private static NodeStateInfo? InfoOf(IPipelineView view, string id) =>
        view.State.Scopes.TryGetValue(id, out ScopeState? scope) ? Info(view, id, scope)
        : view.NodeState(id) is { } state ? Info(view, view.Definition.Nodes[id], state)
        : null;

    private static ExecutionData? DataOf(MapValue? inputs, MapValue? outputs) =>
        inputs is null && outputs is null ? null : new ExecutionData(inputs ?? MapValue.Empty, outputs ?? MapValue.Empty);

    private static Dictionary<string, NodeStateInfo> Single(NodeStateInfo info) => new(StringComparer.Ordinal) { [info.Id] = info };

    private static NodeStateInfo Info(IPipelineView view, NodeDefinition node, NodeState state) => new()
    {
        Id = node.Id,
        State = state.State,
        RootId = state.Reached ? view.Definition.RootId : null,
        ParentId = state.Reached ? node.ScopeId : null,
        Version = state.Version,
        Loop = state.Loop,
        InnerLoop = state.Reached ? state.InnerLoopIn(view.State.Scopes[node.ScopeId].Run) : state.InnerLoop,
        Retry = state.Retry,
        Skip = state.Skip,
        ErrorIgnored = state.ErrorIgnored,
        CreatedTime = state.CreatedTime,
        StartedTime = state.StartedTime,
        ArchivedTime = state.ArchivedTime,
    };

    private static NodeStateInfo Info(IPipelineView view, string id, ScopeState state)
    {
        string? parent = view.Definition.Scopes[id].ParentId;
        return new NodeStateInfo
        {
            Id = id,
            State = state.State,
            RootId = view.Definition.RootId,
            ParentId = parent ?? view.Definition.RootId,
            Version = state.Version,
            Loop = state.Loop,
            InnerLoop = parent is null ? state.InnerLoop : state.InnerLoopIn(view.State.Scopes[parent].Run),
            Retry = state.Retry,
            Skip = state.Skip,
            ErrorIgnored = false,
            CreatedTime = state.CreatedTime,
            StartedTime = state.StartedTime,
            ArchivedTime = state.ArchivedTime,
        };
    }
}
