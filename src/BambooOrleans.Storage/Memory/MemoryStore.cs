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
    private readonly SortedDictionary<long, Pipeline> _removed = [];
    private long _nextRootMin = 1;
    private long _nextPositionMin = 1;
    private bool _open;
    private int _openings;
    private int _committing;

    /// <summary>
    /// Asked before each commit: it can hold the commit by not returning yet, and say what becomes of it. Null lets every
    /// commit through.
    /// </summary>
    public Func<CommitBatch, ValueTask<CommitFault>>? BeforeCommit { get; set; }

    // What was removed leaves no rows to count from.
    private long NextPosition =>
        Math.Max(_nextPositionMin, _journal.Count == 0 ? 1 : _journal[^1].Position + _journal[^1].Turns);

    private long NextRoot => Math.Max(_nextRootMin, _pipelines.Count == 0 ? 1 : _pipelines.Keys.Last() + 1);

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
    public Task CommitAsync(CommitBatch batch, CancellationToken cancellationToken) => InCommitAsync(
        batch,
        filled =>
        {
            Check(filled);
            Apply(filled);
        },
        cancellationToken);

    /// <inheritdoc/>
    public Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken) => Read(
        () => _rootIds.TryGetValue(rootId, out Pipeline? pipeline) ? Stored(pipeline) : null, cancellationToken);

    /// <inheritdoc/>
    public Task<string?> FindRootAsync(string id, CancellationToken cancellationToken) => Read(
        () => _claims.TryGetValue(id, out Pipeline? pipeline) && !_removed.ContainsKey(pipeline.Root) ? pipeline.RootId : null,
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> FindClaimedAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<string>>(() => [.. ids.Where(_claims.ContainsKey)], cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReadUnfinishedAsync(CancellationToken cancellationToken) =>
        Read<IReadOnlyList<string>>(
            () => [.. _pipelines.Values.Where(pipeline => pipeline.ArchivedTime is null).Select(pipeline => pipeline.RootId)],
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ArchivedRoot>> ReadArchivedAsync(
        DateTimeOffset before, ArchivedRoot? after, int limit, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<ArchivedRoot>>(
            () => [.. _pipelines.Values
                .Where(pipeline => pipeline.ArchivedTime < before)
                .Select(pipeline => new ArchivedRoot(pipeline.Root, pipeline.RootId, pipeline.ArchivedTime!.Value))
                .OrderBy(root => root.ArchivedTime).ThenBy(root => root.Root)
                .Where(root => after is null || (root.ArchivedTime, root.Root).CompareTo((after.ArchivedTime, after.Root)) > 0)
                .Take(limit)],
            cancellationToken);

    /// <inheritdoc/>
    public async Task<int> RemoveRowsAsync(int rowsMax, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsMax, 1);
        int rows = 0;
        lock (_lock)
        {
            CheckOpen();
            if (_removed.Count == 0)
            {
                return 0;
            }
        }

        await InCommitAsync(new CommitBatch(), _ => rows = RemoveRows(rowsMax), cancellationToken).ConfigureAwait(false);
        return rows;
    }

    /// <inheritdoc/>
    public Task<PipelineExport?> ExportAsync(string rootId, CancellationToken cancellationToken) => Read<PipelineExport?>(
        () => _rootIds.TryGetValue(rootId, out Pipeline? pipeline)
            ? new PipelineExport(
                Stored(pipeline),
                pipeline.State,
                pipeline.ArchivedTime,
                [.. _histories
                    .Where(node => node.Key.Root == pipeline.Root)
                    .OrderBy(node => node.Key.NodeId, StringComparer.Ordinal)
                    .SelectMany(node => node.Value.Values.Select(entry => new StoredHistory(node.Key.NodeId, entry)))],
                [.. _journal
                    .Where(row => row.Root == pipeline.Root)
                    .Select(row => new JournalRow(row.Position, row.Turns, rootId, row.Payload))])
            : null,
        cancellationToken);

    /// <inheritdoc/>
    public Task<StoredTree?> ReadTreeAsync(string rootId, CancellationToken cancellationToken) => Read(
        () => _rootIds.TryGetValue(rootId, out Pipeline? pipeline)
            ? new StoredTree(pipeline.Root, rootId, pipeline.Tree, pipeline.Options, pipeline.CreatedTime)
            : null,
        cancellationToken);

    /// <inheritdoc/>
    public Task<long?> FindSecretRootAsync(string rootId, CancellationToken cancellationToken) => Read<long?>(
        () => _rootIds.TryGetValue(rootId, out Pipeline? pipeline) && pipeline.HasSecrets ? pipeline.Root : null, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PipelineRow>> ListAsync(
        PipelineFilter filter, PipelinePosition? after, int limit, CancellationToken cancellationToken) =>
        Read<IReadOnlyList<PipelineRow>>(
            () => [.. Taken(filter)
                .Where(pipeline => after is not { } place
                    || pipeline.CreatedTime < place.CreatedTime
                    || (pipeline.CreatedTime == place.CreatedTime && string.CompareOrdinal(pipeline.RootId, place.RootId) < 0))
                .OrderByDescending(pipeline => pipeline.CreatedTime)
                .ThenByDescending(pipeline => pipeline.RootId, StringComparer.Ordinal)
                .Take(limit)
                .Select(pipeline => new PipelineRow(
                    pipeline.RootId, pipeline.Name, pipeline.State, pipeline.CreatedTime, pipeline.ArchivedTime))],
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> CountAsync(PipelineFilter filter, CancellationToken cancellationToken) =>
        Read<IReadOnlyDictionary<string, long>>(
            () => Taken(filter).GroupBy(pipeline => pipeline.State).ToDictionary(state => state.Key, state => state.LongCount()),
            cancellationToken);

    /// <inheritdoc/>
    public Task<long> ReadJournalEndAsync(CancellationToken cancellationToken) => Read(() => NextPosition, cancellationToken);

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
            .Where(row => root is null ? !_removed.ContainsKey(row.Root) : row.Root == root)
            .Take(limit)
            .Select(row => new JournalRow(row.Position, row.Turns, _pipelines[row.Root].RootId, row.Payload)
            {
                HasSecrets = _pipelines[row.Root].HasSecrets,
            })];
    }, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TableStatistics>> ReadStatisticsAsync(CancellationToken cancellationToken) =>
        Read<IReadOnlyList<TableStatistics>>(() =>
        {
            Pipeline[] pipelines = [.. _pipelines.Values, .. _removed.Values];
            List<TableStatistics> tables =
            [
                Measure(TableNames.Pipelines, pipelines, row => Size(row.RootId) + Size(row.State)),
                Measure(TableNames.Trees, pipelines, row => row.Tree.Length + row.Options.Length),
                Measure(TableNames.Claims, _claims.Keys, Size),
            ];
            foreach (RecordKind kind in Enum.GetValues<RecordKind>())
            {
                tables.Add(Measure(
                    TableNames.Of(kind),
                    pipelines.SelectMany(pipeline => pipeline.Records).Where(record => record.Key.Kind == kind),
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

    private async Task InCommitAsync(CommitBatch batch, Action<CommitBatch> write, CancellationToken cancellationToken)
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
                        write(batch);
                        throw StoreErrors.OutcomeUnknown("a fault was asked for");
                    default:
                        write(batch);
                        break;
                }
            }
        }
        finally
        {
            Volatile.Write(ref _committing, 0);
        }
    }

    private static StoredPipeline Stored(Pipeline pipeline) => new(
        pipeline.Root, pipeline.RootId, pipeline.Tree, pipeline.Options, pipeline.CreatedTime,
        [.. pipeline.Records
            .OrderBy(record => record.Key.Kind)
            .ThenBy(record => record.Key.Key, StringComparer.Ordinal)
            .Select(record => new StoredRecord(record.Key.Kind, record.Key.Key, record.Value))]);

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

    private StoreOpening Opening() => new(NextRoot, NextPosition);

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

    private IEnumerable<Pipeline> Taken(PipelineFilter filter) => _pipelines.Values.Where(pipeline =>
        PipelineQuery.Takes(filter, pipeline.RootId, pipeline.Name, pipeline.State, pipeline.CreatedTime));

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

        foreach (long root in batch.Removals)
        {
            if (_pipelines.TryGetValue(root, out Pipeline? pipeline) && pipeline.ArchivedTime is null)
            {
                throw StoreErrors.NotFinished(root);
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
                Name = added.Name,
                HasSecrets = added.HasSecrets,
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

        foreach (long root in batch.Removals)
        {
            _nextRootMin = NextRoot;
            _nextPositionMin = NextPosition;
            if (_pipelines.Remove(root, out Pipeline? pipeline))
            {
                _rootIds.Remove(pipeline.RootId);
                _removed.Add(root, pipeline);
            }
        }
    }

    private int RemoveRows(int rowsMax)
    {
        int left = rowsMax;
        while (left > 0 && _removed.Count > 0)
        {
            Pipeline pipeline = _removed.Values.First();
            foreach ((RecordKind, string) record in pipeline.Records.Keys.Take(left).ToList())
            {
                pipeline.Records.Remove(record);
                left--;
            }

            foreach ((long, string) node in _histories.Keys.Where(node => node.Root == pipeline.Root).ToList())
            {
                foreach (long sequence in _histories[node].Keys.Take(left).ToList())
                {
                    _histories[node].Remove(sequence);
                    left--;
                }

                if (_histories[node].Count == 0)
                {
                    _histories.Remove(node);
                }
            }

            _journal.RemoveAll(row => left > 0 && row.Root == pipeline.Root && left-- > 0);
            foreach (string id in _claims.Where(claim => claim.Value == pipeline && claim.Key != pipeline.RootId)
                .Select(claim => claim.Key).Take(left).ToList())
            {
                _claims.Remove(id);
                left--;
            }

            // Its own id last, which so stays taken while anything of it is there.
            if (left > 0)
            {
                if (_claims.GetValueOrDefault(pipeline.RootId) == pipeline)
                {
                    _claims.Remove(pipeline.RootId);
                }

                _removed.Remove(pipeline.Root);
                left--;
            }
        }

        return rowsMax - left;
    }

    private sealed class Pipeline(long root, string rootId, byte[] tree, byte[] options, DateTimeOffset createdTime)
    {
        public long Root { get; } = root;

        public string RootId { get; } = rootId;

        public byte[] Tree { get; } = tree;

        public byte[] Options { get; } = options;

        public DateTimeOffset CreatedTime { get; } = createdTime;

        public Dictionary<(RecordKind Kind, string Key), byte[]> Records { get; } = [];

        public string? Name { get; init; }

        public bool HasSecrets { get; init; }

        public string State { get; set; } = "";

        public DateTimeOffset? ArchivedTime { get; set; }
    }
}
