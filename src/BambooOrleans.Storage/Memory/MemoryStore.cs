using System.Text;

namespace BambooOrleans.Storage;

/// <summary>
/// A store for tests and examples: everything is kept in this object, and is gone with it. Disposing it only gives up
/// ownership; opened again, it behaves as a database does after a restart of the process.
/// </summary>
/// <remarks>Members may be called from any thread; only commits have to come one after the other.</remarks>
public sealed class MemoryStore : IEngineStore
{
    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, Pipeline> _pipelines = [];
    private readonly Dictionary<string, Pipeline> _claims = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Pipeline> _rootIds = new(StringComparer.Ordinal);
    private readonly Dictionary<(long Root, string NodeId), SortedDictionary<long, HistoryRow>> _histories = [];
    private readonly List<JournalWrite> _journal = [];
    private bool _open;
    private int _openings;
    private int _committing;

    /// <summary>
    /// Asked before each commit: it can hold the commit by not returning yet, and say what becomes of it. Null lets every
    /// commit through.
    /// </summary>
    public Func<CommitBatch, ValueTask<CommitFault>>? BeforeCommit { get; set; }

    private long NextPosition => _journal.Count == 0 ? 1 : _journal[^1].Position + _journal[^1].Turns;

    /// <inheritdoc/>
    public Task<StoreOpening> OpenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            if (_open)
            {
                throw StoreErrors.InUse("the memory store");
            }

            _open = true;
            _openings++;
            return Task.FromResult(Opening());
        }
    }

    /// <inheritdoc/>
    public Task<StoreOpening> ReopenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            CheckOpen();
            return Task.FromResult(Opening());
        }
    }

    /// <inheritdoc/>
    public async Task CommitAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref _committing, 1) != 0)
        {
            throw StoreErrors.Overlapping();
        }

        try
        {
            int opening = _openings;
            CommitFault fault = BeforeCommit is { } before ? await before(batch).ConfigureAwait(false) : CommitFault.None;
            lock (_lock)
            {
                CheckOpen();
                if (opening != _openings)
                {
                    throw StoreErrors.NotOpened(); // held until the next owner came: the commit died with its process
                }

                switch (fault)
                {
                    case CommitFault.Refused:
                        throw StoreErrors.Refused("a fault was asked for");
                    case CommitFault.Lost:
                        throw StoreErrors.OutcomeUnknown("a fault was asked for");
                    case CommitFault.Unacknowledged:
                        Check(batch);
                        Apply(batch);
                        throw StoreErrors.OutcomeUnknown("a fault was asked for");
                    default:
                        Check(batch);
                        Apply(batch);
                        break;
                }
            }
        }
        finally
        {
            Volatile.Write(ref _committing, 0);
        }
    }

    /// <inheritdoc/>
    public Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken) => Read<StoredPipeline?>(() =>
    {
        if (!_rootIds.TryGetValue(rootId, out Pipeline? pipeline))
        {
            return null;
        }

        return new StoredPipeline(
            pipeline.Root, pipeline.RootId, pipeline.Tree, pipeline.Options, pipeline.CreatedTime,
            [.. pipeline.Records
                .OrderBy(record => record.Key.Kind)
                .ThenBy(record => record.Key.Key, StringComparer.Ordinal)
                .Select(record => new StoredRecord(record.Key.Kind, record.Key.Key, record.Value))]);
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<string?> FindRootAsync(string id, CancellationToken cancellationToken) =>
        Read(() => _claims.GetValueOrDefault(id)?.RootId, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> FindClaimedAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<string>>(() => [.. ids.Where(_claims.ContainsKey)], cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReadUnfinishedAsync(CancellationToken cancellationToken) =>
        Read<IReadOnlyList<string>>(
            () => [.. _pipelines.Values.Where(pipeline => pipeline.ArchivedTime is null).Select(pipeline => pipeline.RootId)],
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PipelineRow>> ListAsync(int limit, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<PipelineRow>>(
            () => [.. _pipelines.Values.Reverse().Take(limit).Select(pipeline =>
                new PipelineRow(pipeline.RootId, pipeline.State, pipeline.CreatedTime, pipeline.ArchivedTime))],
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HistoryRow>> ReadHistoriesAsync(
        string rootId, string nodeId, int? loop, CancellationToken cancellationToken) => Read<IReadOnlyList<HistoryRow>>(() =>
    {
        if (!_rootIds.TryGetValue(rootId, out Pipeline? pipeline)
            || !_histories.TryGetValue((pipeline.Root, nodeId), out SortedDictionary<long, HistoryRow>? rows))
        {
            return [];
        }

        return [.. rows.Values.Where(row => loop is null || row.Loop == loop)];
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<JournalRow>> ReadJournalAsync(
        long from, string? rootId, int limit, CancellationToken cancellationToken) => Read<IReadOnlyList<JournalRow>>(() =>
    {
        long? root = rootId is null ? null : _rootIds.GetValueOrDefault(rootId)?.Root ?? -1;
        return [.. _journal
            .Skip(FirstRowEndingAfter(from))
            .Where(row => root is null || row.Root == root)
            .Take(limit)
            .Select(row => new JournalRow(row.Position, row.Turns, _pipelines[row.Root].RootId, row.Payload))];
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TableStatistics>> ReadStatisticsAsync(CancellationToken cancellationToken) =>
        Read<IReadOnlyList<TableStatistics>>(() =>
        {
            List<TableStatistics> tables =
            [
                Measure(TableNames.Pipelines, _pipelines.Values, row => Size(row.RootId) + Size(row.State)),
                Measure(TableNames.Trees, _pipelines.Values, row => row.Tree.Length + row.Options.Length),
                Measure(TableNames.Claims, _claims.Keys, Size),
            ];
            foreach (RecordKind kind in Enum.GetValues<RecordKind>())
            {
                tables.Add(Measure(
                    TableNames.Of(kind),
                    _pipelines.Values.SelectMany(pipeline => pipeline.Records).Where(record => record.Key.Kind == kind),
                    record => Size(record.Key.Key) + record.Value.Length));
            }

            tables.Add(Measure(
                TableNames.Histories,
                _histories.SelectMany(node => node.Value.Values.Select(row => (node.Key.NodeId, row.Payload))),
                row => Size(row.NodeId) + row.Payload.Length));
            tables.Add(Measure(TableNames.Journal, _journal, row => row.Payload.Length));
            return tables;
        }, cancellationToken);

    /// <summary>Gives up ownership; what is kept stays for the next <see cref="OpenAsync"/>.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            _open = false;
        }

        return ValueTask.CompletedTask;
    }

    private static long Size(string text) => Encoding.UTF8.GetByteCount(text);

    private static TableStatistics Measure<T>(string table, IEnumerable<T> rows, Func<T, long> size)
    {
        long count = 0;
        long bytes = 0;
        foreach (T row in rows)
        {
            count++;
            bytes += size(row);
        }

        return new TableStatistics(table, count, bytes);
    }

    private StoreOpening Opening() => new(_pipelines.Count == 0 ? 1 : _pipelines.Keys.Last() + 1, NextPosition);

    private void CheckOpen()
    {
        if (!_open)
        {
            throw StoreErrors.NotOpened();
        }
    }

    private Task<T> Read<T>(Func<T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_lock)
        {
            CheckOpen();
            return Task.FromResult(read());
        }
    }

    private int FirstRowEndingAfter(long from)
    {
        int low = 0;
        int high = _journal.Count;
        while (low < high)
        {
            int middle = low + ((high - low) / 2);
            if (_journal[middle].Position + _journal[middle].Turns > from)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }

    /// <summary>Whatever can go wrong goes wrong here, so that <see cref="Apply"/> cannot stop half-way.</summary>
    private void Check(CommitBatch batch)
    {
        BatchCheck.Check(batch, NextPosition);
        HashSet<long> roots = [];
        HashSet<string> rootIds = new(StringComparer.Ordinal);
        HashSet<string> claims = new(StringComparer.Ordinal);
        foreach (NewPipeline pipeline in batch.Pipelines)
        {
            if (_pipelines.ContainsKey(pipeline.Root) || !roots.Add(pipeline.Root))
            {
                throw StoreErrors.Refused($"there is a root pipeline {pipeline.Root} already");
            }

            if (_rootIds.ContainsKey(pipeline.RootId) || !rootIds.Add(pipeline.RootId))
            {
                throw StoreErrors.Refused($"there is a root pipeline {pipeline.RootId} already");
            }

            foreach (string id in pipeline.Ids)
            {
                if (_claims.ContainsKey(id) || !claims.Add(id))
                {
                    throw StoreErrors.Refused($"the id {id} is claimed already");
                }
            }
        }

        foreach (long root in batch.Records.Where(record => record.Payload is not null).Select(record => record.Root)
            .Concat(batch.Statuses.Select(status => status.Root))
            .Concat(batch.Histories.Select(entry => entry.Root))
            .Concat(batch.Journal.Select(row => row.Root)))
        {
            if (!_pipelines.ContainsKey(root) && !roots.Contains(root))
            {
                throw StoreErrors.Refused($"there is no root pipeline {root}");
            }
        }

        HashSet<(long, string, long)> entries = [];
        foreach (HistoryWrite entry in batch.Histories)
        {
            if ((_histories.TryGetValue((entry.Root, entry.NodeId), out SortedDictionary<long, HistoryRow>? rows)
                    && rows.ContainsKey(entry.Sequence))
                || !entries.Add((entry.Root, entry.NodeId, entry.Sequence)))
            {
                throw StoreErrors.Refused($"the node {entry.NodeId} has a history entry {entry.Sequence} already");
            }
        }
    }

    private void Apply(CommitBatch batch)
    {
        foreach (NewPipeline added in batch.Pipelines)
        {
            Pipeline pipeline = new(
                added.Root, added.RootId, added.Tree.ToArray(), added.Options.ToArray(), StoredTime.Truncate(added.CreatedTime))
            {
                State = added.State,
            };
            _pipelines.Add(added.Root, pipeline);
            _rootIds.Add(added.RootId, pipeline);
            foreach (string id in added.Ids)
            {
                _claims.Add(id, pipeline);
            }
        }

        foreach (RecordWrite write in batch.Records)
        {
            Dictionary<(RecordKind Kind, string Key), byte[]> records = _pipelines[write.Root].Records;
            if (write.Payload is { } payload)
            {
                records[(write.Kind, write.Key)] = payload.ToArray();
            }
            else
            {
                records.Remove((write.Kind, write.Key));
            }
        }

        foreach (PipelineStatus status in batch.Statuses)
        {
            Pipeline pipeline = _pipelines[status.Root];
            pipeline.State = status.State;
            pipeline.ArchivedTime = status.ArchivedTime is { } time ? StoredTime.Truncate(time) : null;
        }

        foreach (HistoryWrite entry in batch.Histories)
        {
            if (!_histories.TryGetValue((entry.Root, entry.NodeId), out SortedDictionary<long, HistoryRow>? rows))
            {
                _histories.Add((entry.Root, entry.NodeId), rows = []);
            }

            rows.Add(entry.Sequence, new HistoryRow(entry.Sequence, entry.Loop, entry.Payload.ToArray()));
        }

        foreach (JournalWrite row in batch.Journal)
        {
            _journal.Add(row with { Payload = row.Payload.ToArray() });
        }
    }

    private sealed class Pipeline(long root, string rootId, byte[] tree, byte[] options, DateTimeOffset createdTime)
    {
        public long Root { get; } = root;

        public string RootId { get; } = rootId;

        public byte[] Tree { get; } = tree;

        public byte[] Options { get; } = options;

        public DateTimeOffset CreatedTime { get; } = createdTime;

        public Dictionary<(RecordKind Kind, string Key), byte[]> Records { get; } = [];

        public string State { get; set; } = "";

        public DateTimeOffset? ArchivedTime { get; set; }
    }
}
