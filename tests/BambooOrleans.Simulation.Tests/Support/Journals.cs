using System.Text.RegularExpressions;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;

namespace BambooOrleans.Tests;

/// <summary>What the machines of a pipeline decided, without times, versions, hosts and the marks that make ids unique.</summary>
internal static partial class Journals
{
    private static readonly string[] Begun =
        ["node-execution-began", "node-poll-began", "node-hydration-began", "node-end-event-began"];

    /// <summary>The facts of each machine, in order.</summary>
    /// <param name="store">The store.</param>
    /// <param name="rootId">The root pipeline.</param>
    /// <param name="mark">What its ids contain and others' do not.</param>
    public static async Task<SortedDictionary<string, List<string>>> ReadAsync(IEngineReads store, string rootId, string mark)
    {
        var machines = new SortedDictionary<string, List<string>>(StringComparer.Ordinal);
        var versions = new Dictionary<(string Machine, string Version), int>();
        long position = 0;
        while (await store.ReadJournalAsync(position, rootId, 1000, CancellationToken.None) is { Count: > 0 } rows)
        {
            foreach (JournalTurn turn in rows.SelectMany(JournalRows.Turns))
            {
                string machine = turn.MachineId.Replace(mark, "", StringComparison.Ordinal);
                if (!machines.TryGetValue(machine, out List<string>? facts))
                {
                    machines[machine] = facts = [];
                }

                foreach (MapValue fact in turn.Events.OfType<MapValue>())
                {
                    Add(facts, Normalize(fact, machine, mark, versions));
                }
            }

            position = rows[^1].Position + rows[^1].Turns;
        }

        return machines;
    }

    /// <summary>As one text. The pipeline's facts stand in no order where its branches run at once.</summary>
    public static async Task<string> DescribeAsync(IEngineReads store, string rootId, string mark, bool isOrdered = false)
    {
        string root = rootId.Replace(mark, "", StringComparison.Ordinal);
        return string.Join('\n', (await ReadAsync(store, rootId, mark)).SelectMany(machine =>
            (machine.Key == root && !isOrdered ? machine.Value.Order(StringComparer.Ordinal) : (IEnumerable<string>)machine.Value)
                .Select(fact => $"{machine.Key}: {fact}")));
    }

    private static string Normalize(MapValue fact, string machine, string mark, Dictionary<(string, string), int> versions)
    {
        var kept = new MapValue.Builder();

        // The simulator numbers its verbs there.
        bool isVerb = ((TextValue)fact["event"]).Value.EndsWith("-verb-taken", StringComparison.Ordinal);
        bool isBegun = Begun.Contains(((TextValue)fact["event"]).Value);
        foreach ((string key, Value value) in fact)
        {
            // The inputs that an attempt ended with are only told where a death may have changed them; its state has them in any case.
            if ((key != "inputs" || isBegun) && (key != "reason" || !isVerb))
            {
                kept[key] = key is "owner" or "host" ? "" : value;
            }
        }

        string text = kept.Build().ToJson().Replace(mark, "", StringComparison.Ordinal);
        text = Time().Replace(text, "time");
        return Version().Replace(text, match =>
        {
            if (!versions.TryGetValue((machine, match.Value), out int number))
            {
                versions[(machine, match.Value)] = number = versions.Count(known => known.Key.Item1 == machine) + 1;
            }

            return $"version {number}";
        });
    }

    // What begins once more after a death, under the same version, is no second attempt.
    private static void Add(List<string> facts, string fact)
    {
        if (Begun.Any(name => fact.Contains($"\"{name}\"", StringComparison.Ordinal)) && facts.Count > 0
            && Begun.FirstOrDefault(name => facts[^1].Contains($"\"{name}\"", StringComparison.Ordinal)) is { } last
            && fact.Contains($"\"{last}\"", StringComparison.Ordinal))
        {
            return;
        }

        facts.Add(fact);
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")]
    private static partial Regex Time();

    [GeneratedRegex(@"(?<="")v([0-9a-f]{32}|[0-9]+)(?="")")]
    private static partial Regex Version();
}
