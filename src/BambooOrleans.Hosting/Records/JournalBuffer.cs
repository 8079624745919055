using System.Buffers;
using System.Text.Json;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Storage;

namespace BambooOrleans.Hosting;

/// <summary>
/// Writes the turns of one batch to a journal row, in order: <c>[{"machine": id, "events": [...]}, ...]</c>, as
/// <see cref="JournalRows"/> reads them.
/// </summary>
/// <param name="root">The number of the root pipeline in the store.</param>
public sealed class JournalBuffer(long root)
{
    private readonly ArrayBufferWriter<byte> _json = new(256);
    private Utf8JsonWriter? _writer;
    private int _turns;

    /// <summary>Adds a turn.</summary>
    /// <param name="machine">The node whose machine it was, or the root pipeline.</param>
    /// <param name="events">The facts.</param>
    public void Add(string machine, IReadOnlyList<MachineEvent> events)
    {
        _writer ??= MachineJson.CreateWriter(_json);
        if (_turns++ == 0)
        {
            _writer.WriteStartArray();
        }

        _writer.WriteStartObject();
        _writer.WriteString("machine", machine);
        _writer.WritePropertyName("events");
        MachineJson.WriteEvents(_writer, events);
        _writer.WriteEndObject();
    }

    /// <summary>Puts the turns into a batch as one row, and starts again.</summary>
    /// <returns>The next journal position.</returns>
    public long Seal(CommitBatch batch, long position)
    {
        if (_turns == 0)
        {
            return position;
        }

        _writer!.WriteEndArray();
        _writer.Flush();
        batch.Journal.Add(new JournalWrite(position, _turns, root, _json.WrittenSpan.ToArray()));
        position += _turns;
        _turns = 0;
        _json.ResetWrittenCount();
        _writer.Reset(_json);
        return position;
    }
}
