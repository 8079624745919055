namespace BambooOrleans;

/// <summary>What a token waits for.</summary>
public enum WaitKind
{
    /// <summary>For a component's execution, poll or callback handling, which runs.</summary>
    RunningComponent,

    /// <summary>For lazy variables that are being computed.</summary>
    ComputingVariables,

    /// <summary>For an end event's code, which runs.</summary>
    RunningEndEvent,

    /// <summary>For the time of the next poll.</summary>
    Timer,

    /// <summary>For a callback.</summary>
    Callback,

    /// <summary>For an operator: the node, or the params of a sub-process, failed.</summary>
    Operator,

    /// <summary>For the end of a pause.</summary>
    Pause,

    /// <summary>For the branches that it forked into.</summary>
    Children,

    /// <summary>For nothing that can come: the node could not be entered in the state it was in.</summary>
    Stuck,
}

/// <summary>One token of a pipeline, where it stands, and why it does not go on.</summary>
public sealed record WaitInfo
{
    /// <summary>The token.</summary>
    public required string TokenId { get; init; }

    /// <summary>The node where it stands, or the sub-process that it is to enter.</summary>
    public required string NodeId { get; init; }

    /// <summary>The node's name, empty where it has none.</summary>
    public required string NodeName { get; init; }

    /// <summary>The pipeline or sub-process that it stands in.</summary>
    public required string ScopeId { get; init; }

    /// <summary>What it waits for.</summary>
    public required WaitKind Kind { get; init; }

    /// <summary>The same in words, for a person.</summary>
    public required string Text { get; init; }

    /// <summary>Since when; null where that is not known.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>When it goes on by itself: a poll, a callback's deadline, a resume that was appointed; null where it does not.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>The version of the node's attempt; what a callback has to name.</summary>
    public string? Version { get; init; }

    /// <summary>The error, where the node failed.</summary>
    public string? Error { get; init; }

    /// <summary>The pipeline or node whose pause holds it.</summary>
    public string? PausedBy { get; init; }

    /// <summary>Of a token that forked: how many branches have not arrived.</summary>
    public int? BranchesAwaited { get; init; }

    /// <summary>The verbs that would move it, by their names in the Engine API.</summary>
    public IReadOnlyList<string> Verbs { get; init; } = [];

    /// <summary>The wait as JSON.</summary>
    public MapValue ToValue() => Value.Map(
        ("token", TokenId),
        ("node_id", NodeId),
        ("node_name", NodeName),
        ("scope_id", ScopeId),
        ("kind", Kind.ToString()),
        ("text", Text),
        ("since", ApiTime.Text(Since)),
        ("due", ApiTime.Text(Due)),
        ("version", Version),
        ("error", Error),
        ("paused_by", PausedBy),
        ("branches_awaited", BranchesAwaited is { } awaited ? awaited : Value.Null),
        ("verbs", Value.List(Verbs.Select(verb => (Value)verb))));
}
