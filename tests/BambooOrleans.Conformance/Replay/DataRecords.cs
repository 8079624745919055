namespace BambooOrleans.Conformance.Replay;

/// <summary>Data, histories and context as the corpus writes them.</summary>
internal static class DataRecords
{
    public static MapValue ExecutionData(ExecutionData data) => Value.Map(("inputs", data.Inputs), ("outputs", data.Outputs));

    public static MapValue NodeData(NodeData data) => Value.Map(
        ("inputs", Value.Map(data.Inputs.Select(input =>
            (input.Key, (Value)Value.Map(("need_render", input.Value.NeedRender), ("value", input.Value.Value)))))),
        ("outputs", Value.Map(data.Outputs.Select(output => (output.Key, (Value)output.Value)))));

    /// <summary>The check <c>histories</c> of one node.</summary>
    public static ListValue Histories(IReadOnlyList<NodeHistory> histories) => Value.List(histories
        .OrderBy(history => history.Loop)
        .Select(history => (Value)Value.Map(
            ("loop", history.Loop),
            ("retry", history.Retry),
            ("skip", history.Skip),
            ("inputs", history.Inputs),
            ("outputs", history.Outputs))));

    /// <summary>The check <c>short_histories</c> of one node.</summary>
    public static ListValue ShortHistories(IReadOnlyList<NodeShortHistory> histories) => Value.List(histories
        .OrderBy(history => history.Loop)
        .Select(history => (Value)Value.Map(("loop", history.Loop), ("skip", history.Skip))));

    /// <summary>What <c>get_node_histories</c> gives, without ids, versions and times.</summary>
    public static ListValue HistoriesData(IReadOnlyList<NodeHistory> histories) => Value.List(histories
        .OrderBy(history => history.Loop)
        .Select(history => (Value)Value.Map(
            ("node_id", history.NodeId),
            ("loop", history.Loop),
            ("retry", history.Retry),
            ("skip", history.Skip),
            ("inputs", history.Inputs),
            ("outputs", history.Outputs))));

    /// <summary>What <c>get_node_short_histories</c> gives, without ids, versions and times.</summary>
    public static ListValue ShortHistoriesData(IReadOnlyList<NodeShortHistory> histories) => Value.List(histories
        .OrderBy(history => history.Loop)
        .Select(history => (Value)Value.Map(("node_id", history.NodeId), ("loop", history.Loop), ("skip", history.Skip))));

    /// <summary>The check <c>context</c> of one pipeline.</summary>
    public static MapValue Context(IEnumerable<ContextValue> context) => Value.Map(context.Select(value =>
    {
        MapValue entry = Value.Map(("type", value.Type.ToString().ToUpperInvariant()), ("value", value.Value));
        return (value.Key, (Value)(value.Code is null ? entry : entry.With("code", value.Code)));
    }));
}
