using System.Text.Json;
using BambooOrleans.Storage;

namespace BambooOrleans.Hosting;

/// <summary>Reads the turns that a journal row holds: <c>[{"machine": id, "events": [...]}, ...]</c>, at successive positions.</summary>
public static class JournalRows
{
    // A fact has values in it that may be as deep as values are.
    private static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = ValueJson.MaxDepth + 32 };

    /// <summary>The turns of a row, in order.</summary>
    public static IEnumerable<JournalTurn> Turns(JournalRow row)
    {
        ListValue turns = Read(row.Payload.Span);
        for (int index = 0; index < turns.Count; index++)
        {
            var turn = (MapValue)turns[index];
            yield return new JournalTurn(
                row.Position + index, row.RootId, ((TextValue)turn["machine"]).Value, (ListValue)turn["events"]);
        }
    }

    private static ListValue Read(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload, ReaderOptions);
        reader.Read();
        return (ListValue)ValueJson.Read(ref reader);
    }
}
