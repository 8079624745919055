namespace BambooOrleans.Hosting.Wire;

/// <summary>What nodes were given and gave, as data.</summary>
public static class ExecutionRecords
{
    internal static Value Write(ExecutionData data) => Value.Map(("inputs", data.Inputs), ("outputs", data.Outputs));

    internal static ExecutionData ReadExecution(Value data, string path)
    {
        AnswerMembers members = AnswerMembers.Of(data, path);
        return new ExecutionData(members.Map("inputs"), members.Map("outputs"));
    }

    internal static Value Write(NodeData data) => Value.Map(
        ("inputs", Value.Map(data.Inputs.Select(input =>
            (input.Key, (Value)Value.Map(("need_render", input.Value.NeedRender), ("value", input.Value.Value)))))),
        ("outputs", Texts(data.Outputs)));

    internal static NodeData ReadNodeData(Value data, string path)
    {
        AnswerMembers members = AnswerMembers.Of(data, path);
        return new NodeData(
            AnswerMembers.MapOf(members.Required("inputs"), members.PathOf("inputs"), (item, at) =>
            {
                AnswerMembers input = AnswerMembers.Of(item, at);
                return new DataInput(input.Flag("need_render"), input.Required("value"));
            }),
            ReadTexts(members.Required("outputs"), members.PathOf("outputs")));
    }

    /// <summary>The attempts of a node that were ended, as a list.</summary>
    public static Value Write(IReadOnlyList<NodeHistory> histories) => Value.List(histories.Select(entry => (Value)Value.Map(
        ("id", entry.Id),
        ("node_id", entry.NodeId),
        ("started_time", ApiTime.Text(entry.StartedTime)),
        ("archived_time", ApiTime.Text(entry.ArchivedTime)),
        ("loop", entry.Loop),
        ("retry", entry.Retry),
        ("skip", entry.Skip),
        ("version", entry.Version),
        ("inputs", entry.Inputs),
        ("outputs", entry.Outputs))));

    internal static IReadOnlyList<NodeHistory> ReadHistories(Value data, string path) => AnswerMembers.ListOf(data, path, (item, at) =>
    {
        AnswerMembers members = AnswerMembers.Of(item, at);
        return new NodeHistory
        {
            Id = members.Long("id"),
            NodeId = members.Text("node_id"),
            StartedTime = members.OptionalTime("started_time"),
            ArchivedTime = members.OptionalTime("archived_time"),
            Loop = members.Int("loop"),
            Retry = members.Int("retry"),
            Skip = members.Flag("skip"),
            Version = members.Text("version"),
            Inputs = members.Map("inputs"),
            Outputs = members.Map("outputs"),
        };
    });

    internal static Value Write(IReadOnlyList<NodeShortHistory> histories) => Value.List(histories.Select(entry => (Value)Value.Map(
        ("id", entry.Id),
        ("node_id", entry.NodeId),
        ("started_time", ApiTime.Text(entry.StartedTime)),
        ("archived_time", ApiTime.Text(entry.ArchivedTime)),
        ("loop", entry.Loop),
        ("skip", entry.Skip),
        ("version", entry.Version))));

    internal static IReadOnlyList<NodeShortHistory> ReadShortHistories(Value data, string path) => AnswerMembers.ListOf(data, path, (item, at) =>
    {
        AnswerMembers members = AnswerMembers.Of(item, at);
        return new NodeShortHistory
        {
            Id = members.Long("id"),
            NodeId = members.Text("node_id"),
            StartedTime = members.OptionalTime("started_time"),
            ArchivedTime = members.OptionalTime("archived_time"),
            Loop = members.Int("loop"),
            Skip = members.Flag("skip"),
            Version = members.Text("version"),
        };
    });

    internal static Value Texts(IReadOnlyDictionary<string, string> texts) => Value.Map(texts.Select(text => (text.Key, (Value)text.Value)));

    internal static IReadOnlyDictionary<string, string> ReadTexts(Value data, string path) =>
        AnswerMembers.MapOf(data, path, AnswerMembers.TextOf);
}
