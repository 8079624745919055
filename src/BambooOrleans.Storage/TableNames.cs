namespace BambooOrleans.Storage;

/// <summary>The tables of a store, as statistics and schemas name them.</summary>
internal static class TableNames
{
    public const string Pipelines = "pipelines";
    public const string Trees = "trees";
    public const string Claims = "claims";
    public const string Histories = "histories";
    public const string Journal = "journal";

    /// <summary>The table of each kind of record, by the kind's number.</summary>
    public static readonly string[] Records = [.. Enum.GetValues<RecordKind>().Select(Of)];

    public static string Of(RecordKind kind) => kind switch
    {
        RecordKind.Scope => "scopes",
        RecordKind.Token => "tokens",
        RecordKind.Node => "nodes",
        RecordKind.Data => "data",
        RecordKind.Context => "context",
        RecordKind.RawInputs => "raw_inputs",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind of record"),
    };
}
