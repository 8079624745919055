namespace BambooOrleans.Hosting.Wire;

/// <summary>What the debugging functions give, as data.</summary>
internal static class DebugData
{
    public static Value Write(PipelineDebugInfo info) => Value.Map(
        ("context_values", ContextValueData.Write(info.ContextValues)),
        ("processes", Value.List(info.Processes.Select(token => (Value)Value.Map(
            ("id", token.Id),
            ("current_node_id", token.CurrentNodeId),
            ("destination_id", token.DestinationId),
            ("parent_id", token.ParentId),
            ("pipeline_stack", Value.List(token.PipelineStack.Select(id => (Value)id))),
            ("suspended_by", token.SuspendedBy),
            ("asleep", token.IsAsleep))))));

    public static PipelineDebugInfo ReadPipeline(Value data, string path)
    {
        AnswerMembers members = AnswerMembers.Of(data, path);
        return new PipelineDebugInfo(
            ContextValueData.Read(members.Required("context_values"), members.PathOf("context_values")),
            AnswerMembers.ListOf(members.Required("processes"), members.PathOf("processes"), (item, at) =>
            {
                AnswerMembers token = AnswerMembers.Of(item, at);
                return new TokenInfo(
                    token.Text("id"),
                    token.Text("current_node_id"),
                    token.OptionalText("destination_id"),
                    token.OptionalText("parent_id"),
                    token.Texts("pipeline_stack"),
                    token.OptionalText("suspended_by"),
                    token.Flag("asleep"));
            }));
    }

    public static Value Write(NodeDebugInfo info) => Value.Map(
        ("id", info.NodeId),
        ("type", info.Type),
        ("name", info.Name),
        ("targets", ExecutionRecords.Texts(info.Targets)),
        ("data", info.Data is null ? Value.Null : ExecutionRecords.Write(info.Data)),
        ("state", info.State is null ? Value.Null : StateData.Write(info.State)));

    public static NodeDebugInfo ReadNode(Value data, string path)
    {
        AnswerMembers members = AnswerMembers.Of(data, path);
        return new NodeDebugInfo(
            members.Text("id"),
            members.Text("type"),
            members.Text("name"),
            ExecutionRecords.ReadTexts(members.Required("targets"), members.PathOf("targets")),
            members.Optional("data") is { } raw ? ExecutionRecords.ReadNodeData(raw, members.PathOf("data")) : null,
            members.Optional("state") is { } state ? StateData.ReadState(state, members.PathOf("state")) : null);
    }

    public static Value Write(IReadOnlySet<string> ids) => Value.List(ids.Order(StringComparer.Ordinal).Select(id => (Value)id));

    public static IReadOnlySet<string> ReadIds(Value data, string path) =>
        new HashSet<string>(AnswerMembers.ListOf(data, path, AnswerMembers.TextOf), StringComparer.Ordinal);
}
