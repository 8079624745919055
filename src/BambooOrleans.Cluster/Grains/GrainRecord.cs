using System.Buffers;
using System.Text.Json;
using BambooOrleans.Core.Machines;
using BambooOrleans.Storage;
using Orleans.Storage;

namespace BambooOrleans.Cluster;

/// <summary>
/// What a grain keeps in grain storage, as JSON: the machine's own state, and the log of those of its writes that the shared
/// tables may not have. The log is what makes two storages that cannot be written together safe: the grain's write comes first
/// and holds everything, the tables follow.
/// </summary>
/// <remarks>
/// <c>{"schema", "root", "number", "sequence", "timer"?, "apart"?, "state", "log": [{"sequence", "turns", "journal", "records",
/// "status"?, "timers"?}]}</c>. Histories stand in the journal's facts, and a node's records in its state.
/// </remarks>
public sealed class GrainRecord
{
    /// <summary>The JSON in UTF-8; empty where nothing was written yet, and where the shared tables hold the state.</summary>
    public ReadOnlyMemory<byte> Json { get; set; }

    /// <summary>The same, not written as JSON: given by storage in the shared tables.</summary>
    internal GrainContent? Content { get; init; }

    /// <summary>What the shared tables get of the write.</summary>
    internal MachineWrite? Write { get; init; }
}

/// <summary>Hands the JSON of a <see cref="GrainRecord"/> to grain storage as it is.</summary>
internal sealed class GrainRecordSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => input is GrainRecord record
        ? new BinaryData(record.Json)
        : throw new NotSupportedException($"{typeof(T)} is no state of this engine's grains");

    public T Deserialize<T>(BinaryData input) => new GrainRecord { Json = input.ToMemory() } is T record
        ? record
        : throw new NotSupportedException($"{typeof(T)} is no state of this engine's grains");
}

/// <summary>Writes and reads <see cref="GrainRecord"/>.</summary>
internal static class GrainRecordJson
{
    /// <summary>The version of the layout that is written. A record of a newer one is refused, not guessed at.</summary>
    public const int Schema = 1;

    /// <summary>Writes a record.</summary>
    /// <param name="content">What it holds beside the log.</param>
    /// <param name="log">The writes that were not delivered, the oldest first, the new one last.</param>
    public static byte[] Write(GrainContent content, IReadOnlyCollection<LogEntry> log)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using Utf8JsonWriter writer = MachineJson.CreateWriter(buffer);
        writer.WriteStartObject();
        writer.WriteNumber("schema", Schema);
        writer.WriteString("root", content.RootId);
        writer.WriteNumber("number", content.Root);
        writer.WriteNumber("sequence", content.Sequence);
        if (content.Timer is { } timer)
        {
            writer.WriteString("timer", timer);
        }

        if (content.IsDataApart)
        {
            writer.WriteBoolean("apart", true);
        }

        if (content.State.Length > 0)
        {
            writer.WritePropertyName("state");
            writer.WriteRawValue(content.State.Span, skipInputValidation: true);
        }

        writer.WriteStartArray("log");
        foreach (LogEntry entry in log)
        {
            Write(writer, entry);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <exception cref="InvalidDataException">It was written by a newer version, or is no such record.</exception>
    public static (GrainContent Content, List<LogEntry> Log) Read(ReadOnlyMemory<byte> json, string machine)
    {
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = ValueJson.MaxDepth + 32 });
        JsonElement record = document.RootElement;
        int schema = record.GetProperty("schema").GetInt32();
        if (schema > Schema)
        {
            throw new InvalidDataException(
                $"the state of {machine} has schema {schema}, and this version reads up to {Schema}: a newer version of the silo wrote it");
        }

        long root = record.GetProperty("number").GetInt64();
        var content = new GrainContent(record.GetProperty("root").GetString()!, root, record.GetProperty("sequence").GetInt64())
        {
            Timer = record.TryGetProperty("timer", out JsonElement timer) ? timer.GetDateTimeOffset() : null,
            IsDataApart = record.TryGetProperty("apart", out JsonElement apart) && apart.GetBoolean(),
            State = record.TryGetProperty("state", out JsonElement state) ? Raw(state) : default,
        };
        return (content, [.. record.GetProperty("log").EnumerateArray().Select(entry => ReadEntry(entry, root))]);
    }

    private static void Write(Utf8JsonWriter writer, LogEntry entry)
    {
        writer.WriteStartObject();
        writer.WriteNumber("sequence", entry.Sequence);
        writer.WriteNumber("turns", entry.Turns);
        writer.WritePropertyName("journal");
        writer.WriteRawValue(entry.Journal.Span, skipInputValidation: true);
        if (entry.Records.Count > 0)
        {
            writer.WriteStartArray("records");
            foreach (RecordWrite record in entry.Records)
            {
                writer.WriteStartObject();
                writer.WriteString("kind", NameOf(record.Kind));
                writer.WriteString("key", record.Key);
                if (record.Payload is { } payload)
                {
                    writer.WritePropertyName("payload");
                    writer.WriteRawValue(payload.Span, skipInputValidation: true);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (entry.Status is { } status)
        {
            writer.WriteStartObject("status");
            writer.WriteString("state", status.State);
            if (status.ArchivedTime is { } archived)
            {
                writer.WriteString("archived", archived);
            }

            writer.WriteEndObject();
        }

        if (entry.Timers.Count > 0)
        {
            writer.WriteStartArray("timers");
            foreach (TimerWrite timer in entry.Timers)
            {
                writer.WriteStartObject();
                writer.WriteString("id", timer.Id);
                if (timer.Due is { } due)
                {
                    writer.WriteString("due", due);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static LogEntry ReadEntry(JsonElement entry, long root) => new(
        entry.GetProperty("sequence").GetInt64(),
        entry.GetProperty("turns").GetInt32(),
        Raw(entry.GetProperty("journal")),
        entry.TryGetProperty("records", out JsonElement records)
            ? [.. records.EnumerateArray().Select(record => new RecordWrite(
                KindOf(record.GetProperty("kind").GetString()!),
                root,
                record.GetProperty("key").GetString()!,
                // The type has to be said: a plain null would be converted to memory of no bytes, and a removal to a record of nothing.
                record.TryGetProperty("payload", out JsonElement payload) ? (ReadOnlyMemory<byte>?)Raw(payload) : null))]
            : [],
        entry.TryGetProperty("status", out JsonElement status)
            ? new PipelineStatus(
                root,
                status.GetProperty("state").GetString()!,
                status.TryGetProperty("archived", out JsonElement archived) ? archived.GetDateTimeOffset() : null)
            : null,
        entry.TryGetProperty("timers", out JsonElement timers)
            ? [.. timers.EnumerateArray().Select(timer => new TimerWrite(
                timer.GetProperty("id").GetString()!,
                timer.TryGetProperty("due", out JsonElement due) ? due.GetDateTimeOffset() : null))]
            : []);

    private static ReadOnlyMemory<byte> Raw(JsonElement element) => System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(element).ToArray();

    // Names, not numbers: what is kept must not change its meaning with the order of an enumeration.
    private static string NameOf(RecordKind kind) => kind switch
    {
        RecordKind.Scope => "scope",
        RecordKind.Token => "token",
        RecordKind.Node => "node",
        RecordKind.Data => "data",
        RecordKind.Context => "context",
        RecordKind.RawInputs => "raw-inputs",
        _ => throw new InvalidOperationException($"unknown record kind {kind}"),
    };

    private static RecordKind KindOf(string name) => name switch
    {
        "scope" => RecordKind.Scope,
        "token" => RecordKind.Token,
        "node" => RecordKind.Node,
        "data" => RecordKind.Data,
        "context" => RecordKind.Context,
        "raw-inputs" => RecordKind.RawInputs,
        _ => throw new InvalidDataException($"there is no kind of record {name}"),
    };
}

/// <summary>What a grain's record holds beside the log.</summary>
/// <param name="RootId">The id of the root pipeline.</param>
/// <param name="Root">Its number.</param>
/// <param name="Sequence">The number of the last write.</param>
internal sealed record GrainContent(string RootId, long Root, long Sequence)
{
    /// <summary>Of a node: the timer that the table of timers holds for it.</summary>
    public DateTimeOffset? Timer { get; init; }

    /// <summary>Of a node: whether the tables hold its execution data in a record of its own.</summary>
    public bool IsDataApart { get; init; }

    /// <summary>Of a node whose state the shared tables hold: execution data that they hold in a record of its own.</summary>
    public NodeExecutionData? Data { get; init; }

    /// <summary>The machine's state, as JSON: a node's, or the root scope's of a pipeline.</summary>
    public ReadOnlyMemory<byte> State { get; init; }
}

/// <summary>One write of a machine, as its grain's log keeps it until it is delivered.</summary>
/// <param name="Sequence">The number of the write.</param>
/// <param name="Turns">How many turns it holds.</param>
/// <param name="Journal">The turns, as a JSON array.</param>
/// <param name="Records">Of a pipeline: the records that changed.</param>
/// <param name="Status">A new state for lists.</param>
/// <param name="Timers">Timers that were set or taken away.</param>
internal sealed record LogEntry(
    long Sequence, int Turns, ReadOnlyMemory<byte> Journal, IReadOnlyList<RecordWrite> Records, PipelineStatus? Status,
    IReadOnlyList<TimerWrite> Timers)
{
    /// <summary>Of a node: its records. Not kept in the log, as the state says them.</summary>
    public IReadOnlyList<RecordWrite> StateRecords { get; init; } = [];

    /// <summary>The history entries in it. Not kept in the log, as the facts say them.</summary>
    public IReadOnlyList<HistoryWrite> Histories { get; init; } = [];

    /// <summary>What the shared tables get.</summary>
    public MachineWrite ToWrite(long root, string machine) => new(
        root, machine, Sequence, Records.Count == 0 ? StateRecords : Records, Histories, Status, Turns, Journal, Timers);
}
