using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Events;

namespace BambooOrleans.Core.Machines;

/// <summary>
/// The machines' records and facts as JSON. Names in it are stable: what one version wrote, the next reads. It holds no type
/// names, and nothing in the data decides what is built from it.
/// </summary>
public static class MachineJson
{
    private static readonly MachineJsonContext Context = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = ValueJson.MaxDepth + 16,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter<NodeStateName>(), new JsonStringEnumConverter<NodePhase>(), new JsonStringEnumConverter<TokenPhase>(), new JsonStringEnumConverter<Inputs.RetryKind>(), new JsonStringEnumConverter<Inputs.NodeOutcome>() },
    });

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = ValueJson.MaxDepth + 16,
        SkipValidation = true,
    };

    /// <summary>Writes a node's state, with its execution data or without.</summary>
    public static byte[] Write(NodeState state, bool withData = true) =>
        withData ? StepJson.ToUtf8(state, StepJson.WriteWithData) : StepJson.ToUtf8(state, StepJson.WriteWithoutData);

    /// <summary>Reads a node's state.</summary>
    /// <param name="json">What was written.</param>
    /// <param name="data">Its execution data, where that was kept apart.</param>
    public static NodeState ReadNodeState(ReadOnlySpan<byte> json, NodeExecutionData? data = null)
    {
        NodeState state = JsonSerializer.Deserialize(json, Context.NodeState)!;
        if (data is not null)
        {
            state.SetData(data);
        }

        return state;
    }

    /// <summary>Writes execution data that is kept apart.</summary>
    public static byte[] Write(NodeExecutionData data) => JsonSerializer.SerializeToUtf8Bytes(data, Context.NodeExecutionData);

    /// <summary>Reads execution data that was kept apart.</summary>
    public static NodeExecutionData ReadExecutionData(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, Context.NodeExecutionData)!;

    /// <summary>Writes the state of a scope.</summary>
    public static byte[] Write(ScopeState state) => JsonSerializer.SerializeToUtf8Bytes(state, Context.ScopeState);

    /// <summary>Reads the state of a scope.</summary>
    public static ScopeState ReadScopeState(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Context.ScopeState)!;

    /// <summary>Writes a token.</summary>
    public static byte[] Write(Token token) => StepJson.ToUtf8(token, StepJson.Write);

    /// <summary>Reads a token.</summary>
    public static Token ReadToken(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Context.Token)!;

    /// <summary>Writes a key of a context.</summary>
    public static byte[] Write(string scopeId, ContextEntry entry) => JsonSerializer.SerializeToUtf8Bytes(
        new ContextRecord(scopeId, entry.Key, entry.Type, entry.Value, entry.Code, entry.References.Count == 0 ? null : [.. entry.References]),
        Context.ContextRecord);

    /// <summary>Reads a key of a context.</summary>
    public static (string ScopeId, ContextEntry Entry) ReadContextEntry(ReadOnlySpan<byte> json)
    {
        ContextRecord record = JsonSerializer.Deserialize(json, Context.ContextRecord)!;
        return (record.Scope, new ContextEntry(record.Key, record.Type, record.Value, record.Code, record.References));
    }

    /// <summary>Writes a history entry.</summary>
    public static byte[] Write(NodeHistory entry) => JsonSerializer.SerializeToUtf8Bytes(entry, Context.NodeHistory);

    /// <summary>Reads a history entry.</summary>
    public static NodeHistory ReadHistory(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Context.NodeHistory)!;

    /// <summary>Writes raw inputs that a retry replaced.</summary>
    public static byte[] Write(RawInputs inputs) => JsonSerializer.SerializeToUtf8Bytes(
        inputs.Inputs.ToDictionary(input => input.Key, input => input.Value, StringComparer.Ordinal), Context.DictionaryStringDataInput);

    /// <summary>Reads raw inputs that a retry replaced.</summary>
    public static RawInputs ReadRawInputs(ReadOnlySpan<byte> json, Expressions.ExpressionOptions options) =>
        RawInputs.Parse(JsonSerializer.Deserialize(json, Context.DictionaryStringDataInput)!, options);

    /// <summary>Writes the options that a pipeline was submitted with.</summary>
    public static byte[] Write(StoredOptions options) => JsonSerializer.SerializeToUtf8Bytes(options, Context.StoredOptions);

    /// <summary>Reads the options that a pipeline was submitted with.</summary>
    public static StoredOptions ReadOptions(ReadOnlySpan<byte> json) => JsonSerializer.Deserialize(json, Context.StoredOptions)!;

    /// <summary>Writes the facts of one turn to a journal row: a JSON array of facts.</summary>
    public static void WriteEvents(Utf8JsonWriter writer, IReadOnlyList<MachineEvent> events)
    {
        writer.WriteStartArray();
        foreach (MachineEvent item in events)
        {
            if (!StepJson.TryWrite(writer, item))
            {
                JsonSerializer.Serialize(writer, item, Context.MachineEvent);
            }
        }

        writer.WriteEndArray();
    }

    /// <summary>Reads the facts of one turn.</summary>
    public static IReadOnlyList<MachineEvent> ReadEvents(JsonElement events) =>
        [.. events.EnumerateArray().Select(item => item.Deserialize(Context.MachineEvent)!)];

    /// <summary>The facts of one turn as a value.</summary>
    public static ListValue ToValue(IReadOnlyList<MachineEvent> events)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (Utf8JsonWriter writer = CreateWriter(buffer))
        {
            WriteEvents(writer, events);
        }

        return (ListValue)ValueJson.Parse(buffer.WrittenSpan);
    }

    /// <summary>A writer with the settings that records and journal rows are written with.</summary>
    public static Utf8JsonWriter CreateWriter(IBufferWriter<byte> buffer) => new(buffer, WriterOptions);

    internal static void Write(Utf8JsonWriter writer, NodeSchedule schedule) =>
        JsonSerializer.Serialize(writer, schedule, Context.NodeSchedule);

    internal static void Write(Utf8JsonWriter writer, HeldOutcome held) => JsonSerializer.Serialize(writer, held, Context.HeldOutcome);

    internal static void Write(Utf8JsonWriter writer, WakeUp wakes) => JsonSerializer.Serialize(writer, wakes, Context.WakeUp);
}

/// <summary>Execution data of a node that is kept apart from its state.</summary>
/// <param name="RunningInputs">The inputs of an execution that has not ended.</param>
/// <param name="Inputs">The recorded inputs.</param>
/// <param name="Outputs">The recorded outputs.</param>
public sealed record NodeExecutionData(MapValue? RunningInputs, MapValue? Inputs, MapValue? Outputs);

/// <summary>What a pipeline was submitted with, and what validation found.</summary>
/// <param name="Options">The options.</param>
/// <param name="ConvergeGateways">Which gateway each parallel gateway's branches meet at.</param>
public sealed record StoredOptions(RunPipelineOptions Options, IReadOnlyDictionary<string, string> ConvergeGateways)
{
    /// <summary>Whether the pipeline has secrets, which are masked where they are shown.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HasSecrets { get; init; }

    /// <summary>By node, the inputs that components declared as secret; null for none.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? DeclaredSecrets { get; init; }
}

internal sealed record ContextRecord(
    string Scope, string Key, ContextValueType Type, Value Value, string? Code, IReadOnlyList<string>? References);

[JsonSerializable(typeof(NodeState))]
[JsonSerializable(typeof(NodeExecutionData))]
[JsonSerializable(typeof(ScopeState))]
[JsonSerializable(typeof(Token))]
[JsonSerializable(typeof(ContextRecord))]
[JsonSerializable(typeof(NodeHistory))]
[JsonSerializable(typeof(Dictionary<string, DataInput>))]
[JsonSerializable(typeof(StoredOptions))]
[JsonSerializable(typeof(MachineEvent))]
internal sealed partial class MachineJsonContext : JsonSerializerContext;
