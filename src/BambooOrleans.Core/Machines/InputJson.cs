using System.Runtime.CompilerServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Expressions;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines;

/// <summary>
/// What machines are told, as JSON, for hosts whose machines stand in several processes. Members that a reader does not know
/// are passed over, so that processes of two versions can tell each other; it holds no type names but a case's own, under <c>input</c>.
/// </summary>
/// <remarks>
/// Writer and reader have the same definition. The raw inputs of an <see cref="Enter"/>, which are the definition's own but
/// after a retry that replaced them, are written only where they are others.
/// </remarks>
public static class InputJson
{
    private static readonly InputJsonContext Writing = ContextFor(ExpressionOptions.Default);

    // Raw inputs are parsed as they are read, which depends on the options. A process has one set of them.
    private static readonly ConditionalWeakTable<ExpressionOptions, InputJsonContext> Reading = [];

    /// <summary>Writes what a node is told.</summary>
    public static byte[] Write(NodeInput input, NodeDefinition definition)
    {
        if (input is Enter enter && ReferenceEquals(enter.Inputs, definition.Inputs))
        {
            input = enter with { Inputs = null! };
        }

        return JsonSerializer.SerializeToUtf8Bytes(input, Writing.NodeInput);
    }

    /// <summary>Writes what a pipeline is told.</summary>
    public static byte[] Write(PipelineInput input) => JsonSerializer.SerializeToUtf8Bytes(input, Writing.PipelineInput);

    /// <summary>Reads what a node is told.</summary>
    /// <param name="json">What was written.</param>
    /// <param name="definition">The node.</param>
    /// <param name="options">How its templates are parsed.</param>
    /// <exception cref="JsonException">It is no input, or a case that this version does not know.</exception>
    public static NodeInput ReadNode(ReadOnlySpan<byte> json, NodeDefinition definition, ExpressionOptions options)
    {
        NodeInput input = Read(json, ReadingWith(options).NodeInput);
        return input is Enter { Inputs: null } enter ? enter with { Inputs = definition.Inputs } : input;
    }

    /// <summary>Reads what a pipeline is told.</summary>
    /// <param name="json">What was written.</param>
    /// <param name="definition">The pipeline.</param>
    /// <exception cref="JsonException">It is no input, or a case that this version does not know.</exception>
    public static PipelineInput ReadPipeline(ReadOnlySpan<byte> json, PipelineDefinition definition) =>
        Read(json, ReadingWith(definition.Settings.Expressions).PipelineInput);

    private static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new JsonException("null is no input of a machine");
        }
        catch (NotSupportedException failure)
        {
            // How the serializer says that there is no discriminator.
            throw new JsonException("the JSON does not say under \"input\" which input of a machine it is", failure);
        }
    }

    private static InputJsonContext ReadingWith(ExpressionOptions options) => Reading.GetValue(options, ContextFor);

    private static InputJsonContext ContextFor(ExpressionOptions options) => new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = ValueJson.MaxDepth + 16,
        RespectNullableAnnotations = true,
        Converters =
        {
            new RawInputsConverter(options),
            new JsonStringEnumConverter<NodeOutcome>(),
            new JsonStringEnumConverter<RetryKind>(),
            new JsonStringEnumConverter<ScheduleKind>(),
            new JsonStringEnumConverter<ContextValueType>(),
        },
    });

    private sealed class RawInputsConverter(ExpressionOptions options) : JsonConverter<RawInputs>
    {
        public override RawInputs Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions jsonOptions) =>
            RawInputs.Parse(
                JsonSerializer.Deserialize(ref reader, InputsInfo(jsonOptions)) ?? throw new JsonException("raw inputs are null"), options);

        public override void Write(Utf8JsonWriter writer, RawInputs value, JsonSerializerOptions jsonOptions) => JsonSerializer.Serialize(
            writer, value.Inputs.ToDictionary(input => input.Key, input => input.Value, StringComparer.Ordinal), InputsInfo(jsonOptions));

        private static JsonTypeInfo<Dictionary<string, DataInput>> InputsInfo(
            JsonSerializerOptions options) =>
            (JsonTypeInfo<Dictionary<string, DataInput>>)options.GetTypeInfo(typeof(Dictionary<string, DataInput>));
    }
}

[JsonSerializable(typeof(NodeInput))]
[JsonSerializable(typeof(PipelineInput))]
[JsonSerializable(typeof(Dictionary<string, DataInput>))]
internal sealed partial class InputJsonContext : JsonSerializerContext;
