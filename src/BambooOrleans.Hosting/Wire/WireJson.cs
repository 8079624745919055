using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace BambooOrleans.Hosting.Wire;

/// <summary>
/// Arguments and answers of the Engine API as UTF-8 JSON. Beside the <see cref="ValueJson.MaxDepth"/> levels that one value may
/// have there is room for the levels of the answer around it, so that whatever the engine keeps can be sent.
/// </summary>
public static class WireJson
{
    /// <summary>The deepest nesting of a whole call or answer, in levels.</summary>
    public const int MaxDepth = ValueJson.MaxDepth + 32;

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = MaxDepth,
        SkipValidation = true,
    };

    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = MaxDepth };

    /// <summary>Writes arguments or an answer.</summary>
    /// <exception cref="InvalidArgumentException">They are nested deeper than <see cref="MaxDepth"/>.</exception>
    public static byte[] ToUtf8(MapValue map)
    {
        ArgumentNullException.ThrowIfNull(map);
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, WriterOptions);
        try
        {
            ValueJson.Write(writer, map);
        }
        catch (InvalidOperationException) when (writer.CurrentDepth >= MaxDepth)
        {
            throw TooDeep();
        }

        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Reads arguments or an answer.</summary>
    /// <exception cref="InvalidArgumentException">The bytes are not one JSON object, or are nested deeper than <see cref="MaxDepth"/>.</exception>
    public static MapValue Parse(ReadOnlySpan<byte> utf8)
    {
        Value value;
        try
        {
            var reader = new Utf8JsonReader(utf8, ReaderOptions);
            reader.Read();
            value = ValueJson.Read(ref reader);
            reader.Read();
        }
        catch (JsonException failure)
        {
            throw IsTooDeep(utf8) ? TooDeep() : new InvalidArgumentException($"the JSON cannot be read: {Problem(failure)}");
        }

        return value as MapValue ?? throw new InvalidArgumentException($"the JSON must be an object, but is {value.Describe()}");
    }

    private static InvalidArgumentException TooDeep() => new($"the JSON is nested deeper than {MaxDepth} levels");

    /// <summary>What is wrong with a text that is no JSON, with its line and column, counted from 1, before it.</summary>
    public static string Problem(JsonException failure)
    {
        ArgumentNullException.ThrowIfNull(failure);

        // The platform ends some of its messages with the place, which is of use only with its line put first.
        int end = failure.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        string problem = end < 0 ? failure.Message : failure.Message[..end];
        return failure.LineNumber is { } line ? $"line {line + 1}, column {(failure.BytePositionInLine ?? 0) + 1}: {problem}" : problem;
    }

    private static bool IsTooDeep(ReadOnlySpan<byte> utf8)
    {
        int depth = 0;
        bool inText = false;
        for (int index = 0; index < utf8.Length && depth <= MaxDepth; index++)
        {
            switch (utf8[index])
            {
                case (byte)'\\' when inText:
                    index++;
                    break;
                case (byte)'"':
                    inText = !inText;
                    break;
                case (byte)'{' or (byte)'[' when !inText:
                    depth++;
                    break;
                case (byte)'}' or (byte)']' when !inText:
                    depth--;
                    break;
            }
        }

        return depth > MaxDepth;
    }
}
