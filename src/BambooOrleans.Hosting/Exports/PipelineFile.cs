using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using BambooOrleans.Storage;

namespace BambooOrleans.Hosting;

/// <summary>
/// One root pipeline with its whole history as a file: JSON documents, one a line. The first says what it is and of which
/// schema; then come the tree, the options, records, history entries and journal rows, as they are stored; the last has a
/// checksum of all lines before it.
/// </summary>
public static class PipelineFile
{
    /// <summary>The schema that is written; older ones are read.</summary>
    public const int Schema = 1;

    private const byte LineEnd = (byte)'\n';

    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = DepthMax,
        SkipValidation = true,
    };

    private static readonly JsonDocumentOptions ReaderOptions = new() { MaxDepth = DepthMax };

    private const int DepthMax = ValueJson.MaxDepth + 32;

    private const string TimeFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    /// <summary>Writes a pipeline.</summary>
    public static async Task WriteAsync(Stream file, PipelineExport export, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(export);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var line = new ArrayBufferWriter<byte>();
        var writer = new Utf8JsonWriter(line, WriterOptions);
        await using (writer.ConfigureAwait(false))
        {
            foreach (Action<Utf8JsonWriter> content in Lines(export))
            {
                await WriteLineAsync(content).ConfigureAwait(false);
            }

            string checksum = Convert.ToHexStringLower(hash.GetCurrentHash());
            await WriteLineAsync(json => json.WriteString("sha256", checksum)).ConfigureAwait(false);
        }

        await file.FlushAsync(cancellationToken).ConfigureAwait(false);

        async Task WriteLineAsync(Action<Utf8JsonWriter> content)
        {
            writer.WriteStartObject();
            content(writer);
            writer.WriteEndObject();
            writer.Flush();
            line.Write([LineEnd]);
            hash.AppendData(line.WrittenSpan);
            await file.WriteAsync(line.WrittenMemory, cancellationToken).ConfigureAwait(false);
            line.ResetWrittenCount();
            writer.Reset();
        }
    }

    /// <summary>Reads a pipeline.</summary>
    /// <exception cref="PipelineFileException">The file is no export, one of a newer schema, or damaged.</exception>
    public static async Task<PipelineExport> ReadAsync(Stream file, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var content = new MemoryStream();
        await file.CopyToAsync(content, cancellationToken).ConfigureAwait(false);
        return Read(content.GetBuffer().AsMemory(0, (int)content.Length));
    }

    private static IEnumerable<Action<Utf8JsonWriter>> Lines(PipelineExport export)
    {
        StoredPipeline stored = export.Stored;
        yield return json =>
        {
            json.WriteNumber("bamboo_export", Schema);
            json.WriteString("root_id", stored.RootId);
            json.WriteString("state", export.State);
            json.WriteString("created_time", Text(stored.CreatedTime));
            if (export.ArchivedTime is { } archived)
            {
                json.WriteString("archived_time", Text(archived));
            }
        };
        yield return json => WritePayload(json, "tree", stored.Tree);
        yield return json => WritePayload(json, "options", stored.Options);
        foreach (StoredRecord record in stored.Records)
        {
            yield return json =>
            {
                json.WriteString("record", NameOf(record.Kind));
                json.WriteString("key", record.Key);
                WritePayload(json, "payload", record.Payload);
            };
        }

        foreach (StoredHistory history in export.Histories)
        {
            yield return json =>
            {
                json.WriteString("history", history.NodeId);
                json.WriteNumber("sequence", history.Entry.Sequence);
                json.WriteNumber("loop", history.Entry.Loop);
                WritePayload(json, "payload", history.Entry.Payload);
            };
        }

        foreach (JournalRow row in export.Journal)
        {
            yield return json =>
            {
                json.WriteNumber("position", row.Position);
                json.WriteNumber("turns", row.Turns);
                WritePayload(json, "payload", row.Payload);
            };
        }
    }

    private static void WritePayload(Utf8JsonWriter json, string name, ReadOnlyMemory<byte> payload)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(payload.Span, skipInputValidation: true);
    }

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture);

    private static string NameOf(RecordKind kind) => kind switch
    {
        RecordKind.Scope => "scope",
        RecordKind.Token => "token",
        RecordKind.Node => "node",
        RecordKind.Data => "data",
        RecordKind.Context => "context",
        RecordKind.RawInputs => "raw_inputs",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such kind of record"),
    };

    private static PipelineExport Read(ReadOnlyMemory<byte> file)
    {
        int headEnd = file.Span.IndexOf(LineEnd);
        ReadHead(headEnd < 0 ? file : file[..headEnd]);
        CheckSum(file);
        Dictionary<string, RecordKind> kinds = Enum.GetValues<RecordKind>().ToDictionary(NameOf, StringComparer.Ordinal);
        JsonElement head = default;
        byte[]? tree = null;
        byte[]? options = null;
        List<StoredRecord> records = [];
        List<StoredHistory> histories = [];
        List<JournalRow> journal = [];
        int number = 0;
        try
        {
            for (ReadOnlyMemory<byte> rest = file; !rest.IsEmpty;)
            {
                int end = rest.Span.IndexOf(LineEnd);
                number++;
                using JsonDocument document = JsonDocument.Parse(rest[..end], ReaderOptions);
                JsonElement line = document.RootElement;
                if (line.TryGetProperty("bamboo_export", out _) && number == 1)
                {
                    head = line.Clone();
                }
                else if (line.TryGetProperty("tree", out JsonElement treeJson) && tree is null)
                {
                    tree = Payload(treeJson);
                }
                else if (line.TryGetProperty("options", out JsonElement optionsJson) && options is null)
                {
                    options = Payload(optionsJson);
                }
                else if (line.TryGetProperty("record", out JsonElement kind))
                {
                    records.Add(new StoredRecord(kinds[kind.GetString()!], TextOf(line, "key"), PayloadOf(line)));
                }
                else if (line.TryGetProperty("history", out JsonElement node))
                {
                    histories.Add(new StoredHistory(node.GetString()!, new HistoryRow(
                        line.GetProperty("sequence").GetInt64(), line.GetProperty("loop").GetInt32(), PayloadOf(line))));
                }
                else if (line.TryGetProperty("turns", out JsonElement turns))
                {
                    journal.Add(new JournalRow(
                        line.GetProperty("position").GetInt64(), turns.GetInt32(), TextOf(head, "root_id"), PayloadOf(line)));
                }
                else if (!line.TryGetProperty("sha256", out _) || end + 1 != rest.Length)
                {
                    throw Damaged($"line {number} is none that such a file has there");
                }

                rest = rest[(end + 1)..];
            }

            return new PipelineExport(
                new StoredPipeline(
                    0,
                    TextOf(head, "root_id"),
                    tree ?? throw Damaged("it has no tree"),
                    options ?? throw Damaged("it has no options"),
                    TimeOf(head, "created_time"),
                    records),
                TextOf(head, "state"),
                head.TryGetProperty("archived_time", out _) ? TimeOf(head, "archived_time") : null,
                histories,
                journal);
        }
        catch (Exception failure) when (
            failure is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw Damaged($"line {number}: {failure.Message}", failure);
        }
    }

    private static void ReadHead(ReadOnlyMemory<byte> line)
    {
        int schema;
        try
        {
            using JsonDocument document = JsonDocument.Parse(line, ReaderOptions);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("bamboo_export", out JsonElement number)
                || !number.TryGetInt32(out schema)
                || schema < 1)
            {
                throw NoExport();
            }
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            throw NoExport(failure);
        }

        if (schema > Schema)
        {
            throw new PipelineFileException(
                "export.newer-schema",
                $"the file has schema {schema}, and this program knows schemas up to {Schema}: it was written by a newer one");
        }
    }

    private static void CheckSum(ReadOnlyMemory<byte> file)
    {
        ReadOnlySpan<byte> bytes = file.Span;
        int lastLine = bytes.IsEmpty || bytes[^1] != LineEnd ? -1 : bytes[..^1].LastIndexOf(LineEnd) + 1;
        if (lastLine <= 0 || !bytes[lastLine..].StartsWith("{\"sha256\":"u8))
        {
            throw Damaged("its last line is missing");
        }

        string expected = $"{{\"sha256\":\"{Convert.ToHexStringLower(SHA256.HashData(bytes[..lastLine]))}\"}}\n";
        if (!bytes[lastLine..].SequenceEqual(Encoding.UTF8.GetBytes(expected)))
        {
            throw Damaged("its checksum is another");
        }
    }

    private static byte[] PayloadOf(JsonElement line) => Payload(line.GetProperty("payload"));

    // Byte for byte as it was stored.
    private static byte[] Payload(JsonElement json) => Encoding.UTF8.GetBytes(json.GetRawText());

    private static string TextOf(JsonElement line, string name) =>
        line.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");

    private static DateTimeOffset TimeOf(JsonElement line, string name) => DateTimeOffset.ParseExact(
        TextOf(line, name), TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static PipelineFileException NoExport(Exception? cause = null) =>
        new("export.not-an-export", "the file is no exported pipeline: its first line does not say so", cause);

    internal static PipelineFileException Damaged(string reason, Exception? cause = null) =>
        new("export.damaged", $"the file is damaged: {reason}", cause);
}
