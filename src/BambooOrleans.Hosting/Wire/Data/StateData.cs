namespace BambooOrleans.Hosting.Wire;

/// <summary>States and how long they lasted, as data.</summary>
internal static class StateData
{
    public static Value Write(IReadOnlyDictionary<string, NodeStateInfo> states) =>
        Value.Map(states.Select(state => (state.Key, Write(state.Value))));

    public static IReadOnlyDictionary<string, NodeStateInfo> Read(Value data, string path) => AnswerMembers.MapOf(data, path, ReadState);

    // The documents' examples write the root's id under "root_id:" with the colon; it stands under its plain name too.
    // A node that was appointed and never reached belongs nowhere yet; there the reference's members are empty texts.
    public static Value Write(NodeStateInfo state) => Value.Map(
        ("id", state.Id),
        ("state", state.State.ToApiName()),
        ("root_id:", state.RootId ?? ""),
        ("root_id", state.RootId),
        ("parent_id", state.ParentId ?? ""),
        ("version", state.Version),
        ("loop", state.Loop),
        ("inner_loop", state.InnerLoop),
        ("retry", state.Retry),
        ("skip", state.Skip),
        ("error_ignorable", state.ErrorIgnored),
        ("error_ignored", state.ErrorIgnored),
        ("created_time", ApiTime.Text(state.CreatedTime)),
        ("started_time", ApiTime.Text(state.StartedTime)),
        ("archived_time", ApiTime.Text(state.ArchivedTime)),
        ("children", Write(state.Children)));

    public static NodeStateInfo ReadState(Value data, string path)
    {
        AnswerMembers members = AnswerMembers.Of(data, path);
        return new NodeStateInfo
        {
            Id = members.Text("id"),
            State = members.State("state"),
            RootId = members.OptionalText("root_id"),
            ParentId = members.OptionalText("parent_id") is { Length: > 0 } parent ? parent : null,
            Version = members.Text("version"),
            Loop = members.Int("loop"),
            InnerLoop = members.Int("inner_loop"),
            Retry = members.Int("retry"),
            Skip = members.Flag("skip"),
            ErrorIgnored = members.Flag("error_ignored"),
            CreatedTime = members.Time("created_time"),
            StartedTime = members.OptionalTime("started_time"),
            ArchivedTime = members.OptionalTime("archived_time"),
            Children = Read(members.Required("children"), members.PathOf("children")),
        };
    }

    public static Value Write(ExecutionTime time) => Value.Map(
        ("state", time.State.ToApiName()),
        ("start_time", ApiTime.Text(time.StartTime)),
        ("archived_time", ApiTime.Text(time.ArchivedTime)),
        ("duration", time.Duration is { } duration ? (double)duration.Ticks / TimeSpan.TicksPerSecond : Value.Null));

    public static ExecutionTime ReadExecutionTime(Value data, string path)
    {
        AnswerMembers members = AnswerMembers.Of(data, path);
        return new ExecutionTime(
            members.State("state"),
            members.OptionalTime("start_time"),
            members.OptionalTime("archived_time"),
            members.Optional("duration") switch
            {
                null => null,
                FloatValue seconds => new TimeSpan((long)Math.Round(seconds.Value * TimeSpan.TicksPerSecond)),
                { } other => throw AnswerMembers.Wrong(members.PathOf("duration"), "a number of seconds", other),
            });
    }
}
