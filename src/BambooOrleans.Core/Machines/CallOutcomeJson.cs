using System.Text.Json;
using System.Text.Json.Serialization;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines;

/// <summary>
/// Writes and reads <see cref="CallOutcome"/>. Outputs that are recorded as they go to the context are one object in memory, are written
/// once, and are one object again where they are read: what a node decides must not depend on whether its answer travelled.
/// </summary>
internal sealed class CallOutcomeJson : JsonConverter<CallOutcome>
{
    private const string IsSuccess = "isSuccess";
    private const string ContextOutputs = "contextOutputs";
    private const string Inputs = "inputs";
    private const string Outputs = "outputs";

    private static readonly ValueJsonConverter<MapValue> Maps = new();

    public override CallOutcome Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        bool? isSuccess = null;
        (MapValue? contextOutputs, MapValue? inputs, MapValue? outputs) = (null, null, null);
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("the outcome of a call is no object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            reader.Read();
            switch (name)
            {
                case IsSuccess:
                    isSuccess = reader.GetBoolean();
                    break;
                case ContextOutputs:
                    contextOutputs = Maps.Read(ref reader, typeof(MapValue), options);
                    break;
                case Inputs:
                    inputs = Maps.Read(ref reader, typeof(MapValue), options);
                    break;
                case Outputs:
                    outputs = Maps.Read(ref reader, typeof(MapValue), options);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        return new CallOutcome(
            isSuccess ?? throw Missing(IsSuccess),
            contextOutputs ?? throw Missing(ContextOutputs),
            inputs ?? throw Missing(Inputs),
            outputs ?? contextOutputs);
    }

    public override void Write(Utf8JsonWriter writer, CallOutcome value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteBoolean(IsSuccess, value.IsSuccess);
        Write(ContextOutputs, value.ContextOutputs);
        Write(Inputs, value.Inputs);
        if (!ReferenceEquals(value.Outputs, value.ContextOutputs))
        {
            Write(Outputs, value.Outputs);
        }

        writer.WriteEndObject();

        void Write(string name, MapValue map)
        {
            writer.WritePropertyName(name);
            Maps.Write(writer, map, options);
        }
    }

    private static JsonException Missing(string member) => new($"the outcome of a call has no {member}");
}
