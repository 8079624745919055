namespace BambooOrleans.Storage;

/// <summary>A connection that reads, with its prepared statements. One read at a time; each sees one committed state.</summary>
internal sealed class SqliteReader : IDisposable
{
    private static readonly (string Table, string Sql)[] StatisticsQueries =
    [
        (TableNames.Pipelines, Measure(TableNames.Pipelines, "root_id", "state")),
        (TableNames.Trees, Measure(TableNames.Trees, "tree", "options")),
        (TableNames.Claims, Measure(TableNames.Claims, "id")),
        .. TableNames.Records.Select(table => (table, Measure(table, "key", "payload"))),
        (TableNames.Histories, Measure(TableNames.Histories, "node_id", "payload")),
        (TableNames.Journal, Measure(TableNames.Journal, "payload")),
    ];

    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _end;
    private readonly SqliteStatement _pipeline;
    private readonly SqliteStatement[] _records;
    private readonly SqliteStatement _root;
    private readonly SqliteStatement _rootOf;
    private readonly SqliteStatement _isClaimed;
    private readonly SqliteStatement _unfinished;
    private readonly SqliteStatement _tree;
    private readonly SqliteStatement _journalEnd;
    private readonly Dictionary<string, SqliteStatement> _queries = new(StringComparer.Ordinal);
    private readonly SqliteStatement _histories;
    private readonly SqliteStatement _journal;
    private readonly SqliteStatement _journalOfRoot;
    private readonly SqliteStatement _archived;
    private readonly SqliteStatement _status;
    private readonly SqliteStatement _historiesOfRoot;
    private readonly SqliteStatement[] _statistics;

    public SqliteReader(SqliteDatabase database)
    {
        _database = database;
        _begin = database.Prepare("BEGIN");
        _end = database.Prepare("COMMIT");
        _pipeline = database.Prepare(
            "SELECT root, tree, options, created FROM pipelines JOIN trees USING (root) WHERE root_id = ? AND removed IS NULL");
        _records = [.. TableNames.Records.Select(table =>
            database.Prepare($"SELECT key, payload FROM {table} WHERE root = ? ORDER BY key"))];
        _root = database.Prepare("SELECT root, has_secrets FROM pipelines WHERE root_id = ? AND removed IS NULL");
        _rootOf = database.Prepare("SELECT root_id FROM claims JOIN pipelines USING (root) WHERE id = ? AND removed IS NULL");
        _isClaimed = database.Prepare("SELECT 1 FROM claims WHERE id = ?");
        _unfinished = database.Prepare("SELECT root_id FROM pipelines WHERE archived IS NULL ORDER BY root");
        _tree = database.Prepare(
            "SELECT root, tree, options, created FROM pipelines JOIN trees USING (root) WHERE root_id = ? AND removed IS NULL");
        _journalEnd = database.Prepare(SqliteSchema.NextPosition);
        _histories = database.Prepare(
            """
            SELECT sequence, loop, payload FROM histories
            WHERE root = ?1 AND node_id = ?2 AND (?3 IS NULL OR loop = ?3)
            ORDER BY sequence
            """);

        // Rows do not overlap, so that only the last one that begins at or before ?1 can hold it. To begin there, rather
        // than to test the end of every row before, is what keeps a read from the tail of a long journal short.
        _journal = database.Prepare(
            """
            SELECT position, turns, root_id, payload, has_secrets FROM journal JOIN pipelines USING (root)
            WHERE position >= coalesce((SELECT max(position) FROM journal WHERE position <= ?1), ?1) AND position + turns > ?1
              AND removed IS NULL
            ORDER BY position LIMIT ?2
            """);
        _journalOfRoot = database.Prepare(
            """
            SELECT position, turns, payload FROM journal
            WHERE root = ?3 AND position + turns > ?1
              AND position >= coalesce((SELECT max(position) FROM journal WHERE root = ?3 AND position <= ?1), ?1)
            ORDER BY position LIMIT ?2
            """);
        _archived = database.Prepare(
            """
            SELECT root, root_id, archived FROM pipelines
            WHERE archived < ?1 AND (archived, root) > (?2, ?3) AND removed IS NULL
            ORDER BY archived, root LIMIT ?4
            """);
        _status = database.Prepare("SELECT state, archived FROM pipelines WHERE root = ?");
        _historiesOfRoot = database.Prepare(
            "SELECT node_id, sequence, loop, payload FROM histories WHERE root = ? ORDER BY node_id, sequence");
        _statistics = [.. StatisticsQueries.Select(query => database.Prepare(query.Sql))];
    }

    public StoredPipeline? Load(string rootId) => InSnapshot(() => LoadNow(rootId));

    public PipelineExport? Export(string rootId) => InSnapshot(() =>
    {
        if (LoadNow(rootId) is not { } stored)
        {
            return null;
        }

        (string state, long? archived) = First<(string, long?)>(
            _status.Bind(1, stored.Root), row => (row.Text(0), row.IntegerOrNull(1)));
        return new PipelineExport(
            stored,
            state,
            archived is { } time ? StoredTime.FromMicroseconds(time) : null,
            All(
                _historiesOfRoot.Bind(1, stored.Root),
                row => new StoredHistory(row.Text(0), new HistoryRow(row.Integer(1), (int)row.Integer(2), row.Bytes(3)))),
            JournalOf(stored.Root, rootId, from: 0, long.MaxValue));
    });

    public IReadOnlyList<ArchivedRoot> ReadArchived(DateTimeOffset before, ArchivedRoot? after, int limit) => All(
        _archived
            .Bind(1, StoredTime.ToMicroseconds(before))
            .Bind(2, after is null ? long.MinValue : StoredTime.ToMicroseconds(after.ArchivedTime))
            .Bind(3, after?.Root ?? 0)
            .Bind(4, Math.Max(limit, 0)),
        row => new ArchivedRoot(row.Integer(0), row.Text(1), StoredTime.FromMicroseconds(row.Integer(2))));

    public string? FindRoot(string id) => First<string?>(_rootOf.Bind(1, id), row => row.Text(0));

    public IReadOnlyList<string> FindClaimed(IReadOnlyCollection<string> ids) => InSnapshot(() =>
    {
        List<string> claimed = [];
        foreach (string id in ids)
        {
            if (StoredText.IsStorable(id) && First(_isClaimed.Bind(1, id), _ => true))
            {
                claimed.Add(id);
            }
        }

        return claimed;
    });

    public IReadOnlyList<string> ReadUnfinished() => All(_unfinished, row => row.Text(0));

    public StoredTree? ReadTree(string rootId) => First<StoredTree?>(
        _tree.Bind(1, rootId),
        row => new StoredTree(row.Integer(0), rootId, row.Bytes(1), row.Bytes(2), StoredTime.FromMicroseconds(row.Integer(3))));

    public IReadOnlyList<PipelineRow> List(PipelineFilter filter, PipelinePosition? after, int limit) =>
        PipelineQuery.Page(QueryDialect.Sqlite, filter, after, limit) is { } query
            ? All(Prepared(query), row => new PipelineRow(
                row.Text(0),
                row.TextOrNull(4),
                row.Text(1),
                StoredTime.FromMicroseconds(row.Integer(2)),
                row.IntegerOrNull(3) is { } archived ? StoredTime.FromMicroseconds(archived) : null))
            : [];

    public IReadOnlyDictionary<string, long> Count(PipelineFilter filter) =>
        PipelineQuery.Counts(QueryDialect.Sqlite, filter) is { } query
            ? All(Prepared(query), row => (State: row.Text(0), Count: row.Integer(1)))
                .ToDictionary(row => row.State, row => row.Count, StringComparer.Ordinal)
            : new Dictionary<string, long>();

    public long ReadJournalEnd() => First(_journalEnd, row => row.Integer(0));

    public IReadOnlyList<HistoryRow> ReadHistories(string rootId, string nodeId, int? loop) => InSnapshot(() =>
        FindPipeline(rootId) is { } pipeline
            ? All(
                _histories.Bind(1, pipeline.Root).Bind(2, nodeId).Bind(3, loop),
                row => new HistoryRow(row.Integer(0), (int)row.Integer(1), row.Bytes(2)))
            : []);

    public IReadOnlyList<JournalRow> ReadJournal(long from, int limit) => All(
        _journal.Bind(1, from).Bind(2, Math.Max(limit, 0)),
        row => new JournalRow(row.Integer(0), (int)row.Integer(1), row.Text(2), row.Bytes(3)) { HasSecrets = row.Integer(4) != 0 });

    public IReadOnlyList<JournalRow> ReadJournal(long from, string rootId, int limit) => InSnapshot(() =>
        FindPipeline(rootId) is { } pipeline ? JournalOf(pipeline.Root, rootId, from, Math.Max(limit, 0), pipeline.HasSecrets) : []);

    public long? FindSecretRoot(string rootId) => FindPipeline(rootId) is { HasSecrets: true } pipeline ? pipeline.Root : null;

    public IReadOnlyList<TableStatistics> ReadStatistics() => InSnapshot(() =>
    {
        List<TableStatistics> tables = [];
        for (int i = 0; i < _statistics.Length; i++)
        {
            string table = StatisticsQueries[i].Table;
            tables.Add(First(_statistics[i], row => new TableStatistics(table, row.Integer(0), row.Integer(1)))!);
        }

        return tables;
    });

    public void Dispose() => _database.Dispose();

    private static string Measure(string table, params string[] columns) =>
        $"SELECT count(*), coalesce(sum({string.Join(" + ", columns.Select(column => $"octet_length({column})"))}), 0) FROM {table}";

    private static void Each(SqliteStatement statement, Action<SqliteStatement> read)
    {
        try
        {
            while (statement.Step())
            {
                read(statement);
            }
        }
        finally
        {
            statement.Reset();
        }
    }

    private static List<T> All<T>(SqliteStatement statement, Func<SqliteStatement, T> read)
    {
        List<T> rows = [];
        Each(statement, row => rows.Add(read(row)));
        return rows;
    }

    private static T? First<T>(SqliteStatement statement, Func<SqliteStatement, T> read)
    {
        try
        {
            return statement.Step() ? read(statement) : default;
        }
        finally
        {
            statement.Reset();
        }
    }

    // As many statements as there are sets of members that a filter can have, and no more.
    private SqliteStatement Prepared(PipelineQuery query)
    {
        if (!_queries.TryGetValue(query.Sql, out SqliteStatement? statement))
        {
            _queries.Add(query.Sql, statement = _database.Prepare(query.Sql));
        }

        for (int index = 0; index < query.Parameters.Count; index++)
        {
            _ = query.Parameters[index] switch
            {
                string text => statement.Bind(index + 1, text),
                DateTimeOffset time => statement.Bind(index + 1, StoredTime.ToMicroseconds(time)),
                long number => statement.Bind(index + 1, number),
                object other => throw new NotSupportedException($"a parameter of a list is a {other.GetType().Name}"),
            };
        }

        return statement;
    }

    private StoredPipeline? LoadNow(string rootId)
    {
        StoredPipeline? pipeline = null;
        _pipeline.Bind(1, rootId);
        List<StoredRecord> records = [];
        Each(_pipeline, row => pipeline = new StoredPipeline(
            row.Integer(0), rootId, row.Bytes(1), row.Bytes(2), StoredTime.FromMicroseconds(row.Integer(3)), records));
        if (pipeline is not null)
        {
            for (int kind = 0; kind < _records.Length; kind++)
            {
                Each(
                    _records[kind].Bind(1, pipeline.Root),
                    row => records.Add(new StoredRecord((RecordKind)kind, row.Text(0), row.Bytes(1))));
            }
        }

        return pipeline;
    }

    private List<JournalRow> JournalOf(long root, string rootId, long from, long limit, bool hasSecrets = false) => All(
        _journalOfRoot.Bind(1, from).Bind(2, limit).Bind(3, root),
        row => new JournalRow(row.Integer(0), (int)row.Integer(1), rootId, row.Bytes(2)) { HasSecrets = hasSecrets });

    private (long Root, bool HasSecrets)? FindPipeline(string rootId) =>
        First<(long, bool)?>(_root.Bind(1, rootId), row => (row.Integer(0), row.Integer(1) != 0));

    private T InSnapshot<T>(Func<T> read)
    {
        _begin.Run();
        try
        {
            return read();
        }
        finally
        {
            _end.Run();
        }
    }
}
