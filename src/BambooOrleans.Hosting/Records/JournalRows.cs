using BambooOrleans.Storage;

namespace BambooOrleans.Hosting;

/// <summary>Reads the turns that a journal row holds: <c>[{"machine": id, "events": [...]}, ...]</c>, at successive positions.</summary>
public static class JournalRows
{
    /// <summary>The turns of a row, in order.</summary>
    public static IEnumerable<JournalTurn> Turns(JournalRow row)
    {
        var turns = (ListValue)ValueJson.Parse(row.Payload.Span);
        for (int index = 0; index < turns.Count; index++)
        {
            var turn = (MapValue)turns[index];
            yield return new JournalTurn(
                row.Position + index, row.RootId, ((TextValue)turn["machine"]).Value, (ListValue)turn["events"]);
        }
    }
}
