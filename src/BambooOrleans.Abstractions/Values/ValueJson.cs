using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BambooOrleans;

/// <summary>Reads and writes <see cref="Value"/> as JSON. Whole numbers keep every digit; a number with a point or an exponent is a float.</summary>
public static class ValueJson
{
    /// <summary>The deepest nesting that is read or written, in levels.</summary>
    public const int MaxDepth = 512;

    private const int KeptBytesMax = 16 * 1024;

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth + 1,
        SkipValidation = true,
    };

    private static readonly JsonWriterOptions IndentedWriterOptions = WriterOptions with { Indented = true };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth };

    /// <summary>Whether a value is nested deeper than <see cref="MaxDepth"/>, and so cannot be written.</summary>
    public static bool IsTooDeep(Value value)
    {
        return IsDeeper(value, MaxDepth);

        // As deep as it may be, and so no deeper than the levels that are left.
        static bool IsDeeper(Value value, int left) => value switch
        {
            MapValue map => left == 0 || map.Values.Any(entry => IsDeeper(entry, left - 1)),
            ListValue list => left == 0 || list.Any(item => IsDeeper(item, left - 1)),
            _ => false,
        };
    }

    /// <summary>Reads one JSON value.</summary>
    /// <exception cref="JsonException">The text is not one JSON value, or is nested deeper than <see cref="MaxDepth"/>.</exception>
    public static Value Parse(string json) => Parse(Encoding.UTF8.GetBytes(json));

    /// <summary>Reads one JSON value from UTF-8.</summary>
    /// <exception cref="JsonException">The bytes are not one JSON value, or are nested deeper than <see cref="MaxDepth"/>.</exception>
    public static Value Parse(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8, ReaderOptions);
        reader.Read();
        Value value = Read(ref reader);
        reader.Read();
        return value;
    }

    /// <summary>Reads the value at which <paramref name="reader"/> stands, and leaves it at the value's last token.</summary>
    public static Value Read(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                return Value.Null;
            case JsonTokenType.True:
                return BoolValue.True;
            case JsonTokenType.False:
                return BoolValue.False;
            case JsonTokenType.String:
                return new TextValue(ReadText(ref reader));
            case JsonTokenType.Number:
                return ReadNumber(ref reader);
            case JsonTokenType.StartArray:
                var items = new List<Value>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Read(ref reader));
                }

                return items.Count == 0 ? ListValue.Empty : new ListValue([.. items]);
            case JsonTokenType.StartObject:
                var map = new MapValue.Builder();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    string name = ReadText(ref reader);
                    reader.Read();
                    map[name] = Read(ref reader);
                }

                return map.Count == 0 ? MapValue.Empty : map.Build();
            default:
                throw new JsonException($"Unexpected {reader.TokenType} at byte {reader.TokenStartIndex}.");
        }
    }

    /// <summary>Writes one value.</summary>
    public static void Write(Utf8JsonWriter writer, Value value)
    {
        switch (value)
        {
            case TextValue text:
                writer.WriteStringValue(text.Value);
                break;
            case IntValue number:
                if (number.TryGetInt64(out long small))
                {
                    writer.WriteNumberValue(small);
                }
                else
                {
                    writer.WriteRawValue(number.Value.ToString(CultureInfo.InvariantCulture), skipInputValidation: true);
                }

                break;
            case BoolValue flag:
                writer.WriteBooleanValue(flag.Value);
                break;
            case FloatValue number:
                writer.WriteRawValue(FloatText(number.Value), skipInputValidation: true);
                break;
            case MapValue map:
                writer.WriteStartObject();
                foreach ((string name, Value entry) in map)
                {
                    writer.WritePropertyName(name);
                    Write(writer, entry);
                }

                writer.WriteEndObject();
                break;
            case ListValue list:
                writer.WriteStartArray();
                foreach (Value item in list)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }

    /// <summary>The value as UTF-8 JSON without white space.</summary>
    public static byte[] ToUtf8(Value value)
    {
        ArrayBufferWriter<byte> buffer = _buffer ?? new(KeptBytesMax);
        _buffer = null; // nobody else's while it is being written to
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
        {
            Write(writer, value);
        }

        byte[] bytes = buffer.WrittenSpan.ToArray();
        if (buffer.Capacity <= KeptBytesMax)
        {
            buffer.ResetWrittenCount();
            _buffer = buffer;
        }

        return bytes;
    }

    /// <summary>The value as JSON text, indented or without white space.</summary>
    public static string ToText(Value value, bool indented = false)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, indented ? IndentedWriterOptions : WriterOptions))
        {
            Write(writer, value);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static Value ReadNumber(ref Utf8JsonReader reader)
    {
        if (reader.TryGetInt64(out long small) && reader.ValueSpan.IndexOfAny((byte)'.', (byte)'e', (byte)'E') < 0)
        {
            return IntValue.Of(small);
        }

        string text = Encoding.ASCII.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan);
        return text.AsSpan().IndexOfAny('.', 'e', 'E') < 0
            ? new IntValue(BigInteger.Parse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))
            : new FloatValue(double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    // A lone surrogate is legal JSON text but not UTF-16; it is refused like any other malformed input.
    private static string ReadText(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException cause)
        {
            throw new JsonException($"The text at byte {reader.TokenStartIndex} is not valid Unicode.", cause);
        }
    }

    // JSON has no infinities and no NaN: they become null, as a value that is not a number.
    private static string FloatText(double number)
    {
        if (!double.IsFinite(number))
        {
            return "null";
        }

        string text = number.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'e', 'E') < 0 ? text + ".0" : text;
    }
}

/// <summary>Lets the platform's serializer read and write <see cref="Value"/> and its kinds.</summary>
/// <typeparam name="T">The declared type; a value of another kind is refused.</typeparam>
public sealed class ValueJsonConverter<T> : JsonConverter<T>
    where T : Value
{
    /// <inheritdoc/>
    public override bool HandleNull => typeof(T) == typeof(Value);

    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ValueJson.Read(ref reader) as T ?? throw new JsonException($"Expected {typeof(T).Name}.");

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
        ValueJson.Write(writer, value);
}
