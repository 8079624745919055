using System.Buffers;
using Npgsql;
using static BambooOrleans.Storage.PostgresParameters;

namespace BambooOrleans.Storage;

/// <summary>
/// A delivery, brought into the shape in which it is written: the last write of each record, timer and status, the journal as one
/// row for each root, wakes by root and epoch. Rows stand in the order of their keys, so that two deliveries cannot lock each
/// other out.
/// </summary>
internal sealed class PostgresDelivery
{
    private readonly SortedSet<long> _roots = [];
    private readonly SortedSet<long> _locked = [];
    private readonly SortedDictionary<(long Root, string Machine), (long First, long Last)> _machines = new(ByRootAndText);
    private readonly List<RecordWrite> _records = [];
    private readonly List<HistoryWrite> _histories = [];
    private readonly List<PipelineStatus> _statuses = [];
    private readonly List<(long Root, TimerWrite Timer)> _timers = [];
    private readonly List<JournalWrite> _journal = [];
    private readonly List<MergedWake> _wakes = [];
    private readonly IReadOnlyList<WakeWrite> _wakesAsGiven;
    private readonly long _turns;

    /// <param name="writes">The writes, those of a machine in order of sequence.</param>
    /// <param name="wakes">The wakes, in order.</param>
    /// <exception cref="StoreUnavailableException">A write cannot be kept (code <c>store.refused</c>).</exception>
    public PostgresDelivery(IReadOnlyCollection<MachineWrite> writes, IReadOnlyList<WakeWrite> wakes)
    {
        Dictionary<(RecordKind, long, string), RecordWrite> records = [];
        Dictionary<(long, string, long), HistoryWrite> histories = [];
        Dictionary<long, PipelineStatus> statuses = [];
        Dictionary<(long Root, string), TimerWrite> timers = [];
        Dictionary<long, (List<ReadOnlyMemory<byte>> Turns, int Count)> journal = [];
        foreach (MachineWrite write in writes)
        {
            CheckText(write.Machine);
            (long Root, string Machine) machine = (write.Root, write.Machine);
            _machines[machine] = (_machines.TryGetValue(machine, out (long First, long Last) known) ? known.First : write.Sequence, write.Sequence);
            _roots.Add(write.Root);
            foreach (RecordWrite record in write.Records)
            {
                CheckText(record.Key);
                _roots.Add(record.Root);
                records[(record.Kind, record.Root, record.Key)] = record;
            }

            foreach (HistoryWrite entry in write.Histories)
            {
                CheckText(entry.NodeId);
                _roots.Add(entry.Root);
                histories.TryAdd((entry.Root, entry.NodeId, entry.Sequence), entry);
            }

            if (write.Status is { } status)
            {
                _roots.Add(status.Root);
                statuses[status.Root] = status;
            }

            foreach (TimerWrite timer in write.Timers)
            {
                CheckText(timer.Id);
                timers[(write.Root, timer.Id)] = timer;
            }

            if (write.Turns > 0)
            {
                (List<ReadOnlyMemory<byte>> turns, int count) = journal.TryGetValue(write.Root, out var begun) ? begun : ([], 0);
                turns.Add(ElementsOf(write));
                journal[write.Root] = (turns, count + write.Turns);
            }
        }

        _records.AddRange(records.Values.OrderBy(record => (record.Root, record.Key), ByRootAndText));
        _histories.AddRange(histories.Values.OrderBy(entry => (entry.Root, entry.NodeId), ByRootAndText).ThenBy(entry => entry.Sequence));
        _statuses.AddRange(statuses.Values.OrderBy(status => status.Root));
        _timers.AddRange(timers.Select(timer => (timer.Key.Root, timer.Value)).OrderBy(timer => (timer.Root, timer.Value.Id), ByRootAndText));
        foreach ((long root, (List<ReadOnlyMemory<byte>> turns, int count)) in journal)
        {
            // The position is that within the delivery, until the counter gives the first one.
            _journal.Add(new JournalWrite(_turns, count, root, ArrayOf(turns)));
            _turns += count;
        }

        _wakesAsGiven = wakes;
        Merge(wakes);
        _locked.UnionWith(_statuses.Select(status => status.Root));
        _locked.UnionWith(_wakes.Select(wake => wake.Root));
    }

    private static Comparer<(long Root, string Text)> ByRootAndText { get; } = Comparer<(long Root, string Text)>.Create(
        (left, right) => left.Root != right.Root ? left.Root.CompareTo(right.Root) : string.CompareOrdinal(left.Text, right.Text));

    /// <summary>Adds the statements; the last one answers with the wakes that were taken, where there are any wakes.</summary>
    public void Fill(NpgsqlBatch batch)
    {
        batch.Add(
            "SELECT bamboo_begin_delivery($1, $2, $3, $4, $5, $6, $7)",
            Of(_turns),
            Of(_roots.ToArray()),
            Of(_locked.ToArray()),
            Of([.. _machines.Keys.Select(machine => machine.Root)]),
            Ids(_machines.Keys.Select(machine => machine.Machine)),
            Of([.. _machines.Values.Select(range => range.First)]),
            Of([.. _machines.Values.Select(range => range.Last)]));
        batch.AddRecords(_records);
        batch.AddHistories(_histories, keepsFirst: true);
        batch.AddStatuses(_statuses);
        AddTimers(batch);
        batch.AddJournal(_journal, fromCounter: _turns);
        if (_wakes.Count > 0)
        {
            AddWakes(batch);
        }
    }

    /// <summary>Reads the answer: the wakes that were left out.</summary>
    public async Task<IReadOnlyList<WakeWrite>> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        // Only the first statement and the one of the wakes give columns.
        HashSet<(long, long)> taken = [];
        if (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                taken.Add((reader.GetInt64(0), reader.GetInt64(1)));
            }
        }

        return [.. _wakesAsGiven.Where(wake => !taken.Contains((wake.Root, wake.Epoch)))];
    }

    private static void CheckText(string text)
    {
        if (!StoredText.IsStorable(text))
        {
            throw StoreErrors.Refused("an id or a key holds half a surrogate pair, which is no Unicode text");
        }
    }

    /// <summary>The turns of a write without the brackets around them.</summary>
    private static ReadOnlyMemory<byte> ElementsOf(MachineWrite write)
    {
        ReadOnlyMemory<byte> array = write.Journal.Trim(" \t\r\n"u8);
        return array.Length > 2 && array.Span[0] == '[' && array.Span[^1] == ']'
            ? array[1..^1]
            : throw StoreErrors.Refused($"the journal of {write.Machine} at {write.Sequence} is no array of {write.Turns} turns");
    }

    private static ReadOnlyMemory<byte> ArrayOf(List<ReadOnlyMemory<byte>> parts)
    {
        ArrayBufferWriter<byte> array = new(parts.Sum(part => part.Length + 1) + 1);
        for (int index = 0; index < parts.Count; index++)
        {
            array.Write(index == 0 ? "["u8 : ","u8);
            array.Write(parts[index].Span);
        }

        array.Write("]"u8);
        return array.WrittenMemory;
    }

    private void Merge(IReadOnlyList<WakeWrite> wakes)
    {
        SortedDictionary<(long Root, long Epoch), MergedWake> merged = [];
        foreach (WakeWrite wake in wakes)
        {
            if (!merged.TryGetValue((wake.Root, wake.Epoch), out MergedWake? all))
            {
                merged.Add((wake.Root, wake.Epoch), all = new MergedWake(wake.Root, wake.Epoch));
            }

            all.IsAwake = wake.IsAwake;
            all.Revoked = wake.Revoked ?? all.Revoked;
            if (!wake.IsAwake)
            {
                all.Forgets = true;
                all.Asked.Clear();
            }
            else if (wake.Asked is { } asked)
            {
                CheckText(asked);
                if (!all.Asked.Contains(asked))
                {
                    all.Asked.Add(asked);
                }
            }
        }

        _wakes.AddRange(merged.Values);
    }

    private void AddTimers(NpgsqlBatch batch)
    {
        (long Root, TimerWrite Timer)[] set = [.. _timers.Where(timer => timer.Timer.Due is not null)];
        if (set.Length > 0)
        {
            batch.Add(
                """
                INSERT INTO bamboo_timers (root, id, due) SELECT * FROM unnest($1, $2, $3)
                ON CONFLICT (root, id) DO UPDATE SET due = excluded.due
                """,
                Of(Array.ConvertAll(set, timer => timer.Root)),
                Ids(set.Select(timer => timer.Timer.Id)),
                Of(Array.ConvertAll(set, timer => timer.Timer.Due)));
        }

        (long Root, TimerWrite Timer)[] cleared = [.. _timers.Where(timer => timer.Timer.Due is null)];
        if (cleared.Length > 0)
        {
            batch.Add(
                "DELETE FROM bamboo_timers t USING unnest($1, $2) AS d (root, id) WHERE t.root = d.root AND t.id = d.id",
                Of(Array.ConvertAll(cleared, timer => timer.Root)),
                Ids(cleared.Select(timer => timer.Timer.Id)));
        }
    }

    private void AddWakes(NpgsqlBatch batch)
    {
        (MergedWake Wake, string Asked)[] asked = [.. _wakes.SelectMany(wake => wake.Asked.Select(id => (wake, id)))];
        batch.Add(
            """
            UPDATE bamboo_pipelines p SET
                awake = w.awake,
                archived = CASE WHEN w.is_revoked THEN w.archived ELSE p.archived END,
                asked = CASE WHEN w.forgets THEN '{}' ELSE p.asked END || ARRAY(
                    SELECT a.id FROM unnest($7, $8, $9) WITH ORDINALITY AS a (root, epoch, id, place)
                    WHERE a.root = w.root AND a.epoch = w.epoch AND (w.forgets OR a.id <> ALL (p.asked)) ORDER BY a.place)
            FROM unnest($1, $2, $3, $4, $5, $6) AS w (root, epoch, awake, forgets, is_revoked, archived)
            WHERE p.root = w.root AND p.epoch = w.epoch
            RETURNING p.root, p.epoch
            """,
            Of([.. _wakes.Select(wake => wake.Root)]),
            Of([.. _wakes.Select(wake => wake.Epoch)]),
            Of([.. _wakes.Select(wake => wake.IsAwake)]),
            Of([.. _wakes.Select(wake => wake.Forgets)]),
            Of([.. _wakes.Select(wake => wake.Revoked is not null)]),
            Of([.. _wakes.Select(wake => wake.Revoked?.ArchivedTime)]),
            Of(Array.ConvertAll(asked, entry => entry.Wake.Root)),
            Of(Array.ConvertAll(asked, entry => entry.Wake.Epoch)),
            Ids(asked.Select(entry => entry.Asked)));
    }

    private sealed class MergedWake(long root, long epoch)
    {
        public long Root { get; } = root;

        public long Epoch { get; } = epoch;

        public bool IsAwake { get; set; }

        public bool Forgets { get; set; }

        public RevokedStatus? Revoked { get; set; }

        public List<string> Asked { get; } = [];
    }
}
