namespace BambooOrleans.Conformance.Replay;

/// <summary>States as the corpus writes them.</summary>
internal static class StateRecords
{
    /// <summary>All states at all levels, by id.</summary>
    public static IEnumerable<NodeStateInfo> Flatten(IReadOnlyDictionary<string, NodeStateInfo> states) =>
        states.Values.SelectMany(state => Flatten(state.Children).Prepend(state));

    /// <summary>Which id stands below which.</summary>
    public static MapValue Nesting(IReadOnlyDictionary<string, NodeStateInfo> states) =>
        Value.Map(states.Select(state => (state.Key, (Value)Nesting(state.Value.Children))));

    /// <summary>One state in the check <c>pipeline_states</c>.</summary>
    public static MapValue Row(NodeStateInfo state, string rootId)
    {
        MapValue row = Value.Map(
            ("id", state.Id),
            ("state", state.State.ToApiName()),
            ("parent_id", state.ParentId),
            ("root_id", state.RootId),
            ("loop", state.Loop),
            ("inner_loop", state.InnerLoop),
            ("retry", state.Retry),
            ("skip", state.Skip),
            ("started", state.StartedTime is not null),
            ("archived", state.ArchivedTime is not null));

        // The reference shows the root with the flag of whatever child it read last: the corpus leaves it out.
        return state.Id == rootId ? row : row.With("error_ignored", state.ErrorIgnored);
    }

    /// <summary>One state in the check <c>hidden_states</c>: it is in no pipeline yet, which the reference writes as empty ids.</summary>
    public static MapValue HiddenRow(NodeStateInfo state) => Value.Map(
        ("state", state.State.ToApiName()),
        ("root_id", state.RootId ?? ""),
        ("parent_id", state.ParentId ?? ""));

    /// <summary>States as <c>get_pipeline_states</c> and <c>get_children_states</c> give them, without versions and times.</summary>
    public static MapValue ApiData(IReadOnlyDictionary<string, NodeStateInfo> states) =>
        Value.Map(states.Select(state => (state.Key, (Value)ApiData(state.Value))));

    private static MapValue ApiData(NodeStateInfo state)
    {
        MapValue.Builder data = state.ToValue().ToBuilder();
        foreach (string varying in (ReadOnlySpan<string>)["version", "created_time", "started_time", "archived_time"])
        {
            data.Remove(varying);
        }

        data["children"] = ApiData(state.Children);
        return data.Build();
    }
}
