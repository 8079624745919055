using Npgsql;
using static BambooOrleans.Storage.PostgresParameters;

namespace BambooOrleans.Storage;

/// <summary>What is read of the tables; each read is one statement, and so sees one committed state.</summary>
internal sealed class PostgresReads(PostgresDatabase database) : IEngineReads
{
    // A row of the pipeline itself, and one for each record, by kinds.
    private static readonly string LoadQuery =
        """
        WITH p AS MATERIALIZED (SELECT * FROM bamboo_pipelines WHERE root_id = $1)
        SELECT -1, '', t.tree, p.root, t.options, p.created, p.epoch, p.awake, p.asked,
               (SELECT m.sequence FROM bamboo_machines m WHERE m.root = p.root AND m.machine = p.root_id)
        FROM p JOIN bamboo_trees t USING (root)
        """
        + string.Concat(TableNames.Records.Select((table, kind) =>
            $"\nUNION ALL SELECT {kind}, r.key, r.payload, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM p JOIN bamboo_{table} r USING (root)"));

    // Rows do not overlap, so that only the last one that begins at or before $1 can hold it. To begin there, rather
    // than to test the end of every row before, is what keeps a read from the tail of a long journal short.
    private const string JournalQuery =
        """
        SELECT j.position, j.turns, p.root_id, j.payload, p.has_secrets FROM bamboo_journal j JOIN bamboo_pipelines p USING (root)
        WHERE j.position >= coalesce((SELECT max(b.position) FROM bamboo_journal b WHERE b.position <= $1), $1)
          AND j.position + j.turns > $1
        ORDER BY j.position LIMIT $2
        """;

    private const string JournalOfRootQuery =
        """
        WITH p AS MATERIALIZED (SELECT root, root_id, has_secrets FROM bamboo_pipelines WHERE root_id = $3)
        SELECT j.position, j.turns, p.root_id, j.payload, p.has_secrets FROM p JOIN bamboo_journal j USING (root)
        WHERE j.position + j.turns > $1
          AND j.position >= coalesce((SELECT max(b.position) FROM bamboo_journal b WHERE b.root = p.root AND b.position <= $1), $1)
        ORDER BY j.position LIMIT $2
        """;

    private static readonly string[] Measures =
    [
        Measure(TableNames.Pipelines, PostgresText.OctetLength("root_id"), "octet_length(state)"),
        Measure(TableNames.Trees, "octet_length(tree)", "octet_length(options)"),
        Measure(TableNames.Claims, PostgresText.OctetLength("id")),
        .. TableNames.Records.Select(table => Measure(table, PostgresText.OctetLength("key"), "octet_length(payload)")),
        Measure(TableNames.Histories, PostgresText.OctetLength("node_id"), "octet_length(payload)"),
        Measure(TableNames.Journal, "octet_length(payload)"),
    ];

    private static readonly string StatisticsQuery =
        string.Join("\nUNION ALL ", Measures.Select((measure, place) => $"SELECT {measure}, {place} AS place")) + "\nORDER BY place";

    /// <summary>The statement that reads everything of a pipeline by its id; see <see cref="ReadPipelineAsync"/>.</summary>
    public static NpgsqlBatchCommand LoadCommand(string rootId) => new(LoadQuery) { Parameters = { Id(rootId) } };

    /// <summary>Reads the answer of <see cref="LoadCommand"/>; null where there is no such root.</summary>
    public static async Task<HeldPipeline?> ReadPipelineAsync(NpgsqlDataReader reader, string rootId, CancellationToken cancellationToken)
    {
        HeldPipeline? held = null;
        List<StoredRecord> records = [];
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            int kind = reader.GetInt32(0);
            byte[] payload = reader.GetFieldValue<byte[]>(2);
            if (kind >= 0)
            {
                records.Add(new StoredRecord((RecordKind)kind, PostgresText.Decode(reader.GetString(1)), payload));
                continue;
            }

            held = new HeldPipeline(
                reader.GetInt64(6),
                reader.IsDBNull(9) ? 0 : reader.GetInt64(9),
                reader.GetBoolean(7),
                [.. reader.GetFieldValue<string[]>(8).Select(PostgresText.Decode)],
                new StoredPipeline(
                    reader.GetInt64(3), rootId, payload, reader.GetFieldValue<byte[]>(4), TimeOf(reader, 5), records));
        }

        records.Sort((left, right) =>
            left.Kind != right.Kind ? left.Kind.CompareTo(right.Kind) : string.CompareOrdinal(left.Key, right.Key));
        return held;
    }

    public Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken) => StoredText.IsStorable(rootId)
        ? database.ReadAsync(
            async (connection, stopping) =>
            {
                NpgsqlBatch batch = new(connection) { BatchCommands = { LoadCommand(rootId) } };
                await using (batch.ConfigureAwait(false))
                {
                    NpgsqlDataReader reader = await batch.ExecuteReaderAsync(stopping).ConfigureAwait(false);
                    await using (reader.ConfigureAwait(false))
                    {
                        return (await ReadPipelineAsync(reader, rootId, stopping).ConfigureAwait(false))?.Stored;
                    }
                }
            },
            cancellationToken)
        : Task.FromResult<StoredPipeline?>(null);

    public Task<PipelineExport?> ExportAsync(string rootId, CancellationToken cancellationToken) => StoredText.IsStorable(rootId)
        ? database.ReadAsync((connection, stopping) => ExportAsync(connection, rootId, stopping), cancellationToken)
        : Task.FromResult<PipelineExport?>(null);

    public Task<IReadOnlyList<ArchivedRoot>> ReadArchivedAsync(
        DateTimeOffset before, ArchivedRoot? after, int limit, CancellationToken cancellationToken) => QueryAsync(
        $"""
        SELECT root, root_id, archived FROM bamboo_pipelines
        WHERE archived < $1 {(after is null ? "" : "AND (archived, root) > ($3, $4)")}
        ORDER BY archived, root LIMIT $2
        """,
        row => new ArchivedRoot(row.GetInt64(0), IdOf(row, 1), TimeOf(row, 2)),
        cancellationToken,
        after is null
            ? [Of(before), Of((long)Math.Max(limit, 0))]
            : [Of(before), Of((long)Math.Max(limit, 0)), Of(after.ArchivedTime), Of(after.Root)]);

    public async Task<string?> FindRootAsync(string id, CancellationToken cancellationToken) => StoredText.IsStorable(id)
        ? (await QueryAsync(
            "SELECT p.root_id FROM bamboo_claims c JOIN bamboo_pipelines p USING (root) WHERE c.id = $1",
            row => IdOf(row, 0),
            cancellationToken,
            Id(id)).ConfigureAwait(false)).FirstOrDefault()
        : null;

    public async Task<IReadOnlyList<string>> FindClaimedAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        HashSet<string> claimed = new(
            await QueryAsync(
                "SELECT id FROM bamboo_claims WHERE id = ANY ($1)",
                row => IdOf(row, 0),
                cancellationToken,
                Ids(ids.Where(StoredText.IsStorable))).ConfigureAwait(false),
            StringComparer.Ordinal);
        return [.. ids.Where(claimed.Contains)];
    }

    public Task<IReadOnlyList<string>> ReadUnfinishedAsync(CancellationToken cancellationToken) => QueryAsync(
        "SELECT root_id FROM bamboo_pipelines WHERE archived IS NULL ORDER BY root", row => IdOf(row, 0), cancellationToken);

    public async Task<StoredTree?> ReadTreeAsync(string rootId, CancellationToken cancellationToken) => StoredText.IsStorable(rootId)
        ? (await QueryAsync(
            "SELECT p.root, t.tree, t.options, p.created FROM bamboo_pipelines p JOIN bamboo_trees t USING (root) WHERE p.root_id = $1",
            row => new StoredTree(
                row.GetInt64(0), rootId, row.GetFieldValue<byte[]>(1), row.GetFieldValue<byte[]>(2), TimeOf(row, 3)),
            cancellationToken,
            Id(rootId)).ConfigureAwait(false)).FirstOrDefault()
        : null;

    public async Task<long?> FindSecretRootAsync(string rootId, CancellationToken cancellationToken) => StoredText.IsStorable(rootId)
        ? (await QueryAsync<long?>(
            "SELECT root FROM bamboo_pipelines WHERE root_id = $1 AND has_secrets",
            row => row.GetInt64(0),
            cancellationToken,
            Id(rootId)).ConfigureAwait(false)).FirstOrDefault()
        : null;

    public Task<IReadOnlyList<PipelineRow>> ListAsync(
        PipelineFilter filter, PipelinePosition? after, int limit, CancellationToken cancellationToken) =>
        PipelineQuery.Page(QueryDialect.Postgres, filter, after, limit) is { } query
            ? QueryAsync(
                query.Sql,
                row => new PipelineRow(
                    IdOf(row, 0),
                    row.IsDBNull(4) ? null : IdOf(row, 4),
                    row.GetString(1),
                    TimeOf(row, 2),
                    row.IsDBNull(3) ? null : TimeOf(row, 3)),
                cancellationToken,
                ParametersOf(query))
            : Task.FromResult<IReadOnlyList<PipelineRow>>([]);

    public async Task<IReadOnlyDictionary<string, long>> CountAsync(PipelineFilter filter, CancellationToken cancellationToken) =>
        PipelineQuery.Counts(QueryDialect.Postgres, filter) is { } query
            ? (await QueryAsync(
                query.Sql,
                row => (State: row.GetString(0), Count: row.GetInt64(1)),
                cancellationToken,
                ParametersOf(query)).ConfigureAwait(false)).ToDictionary(row => row.State, row => row.Count, StringComparer.Ordinal)
            : new Dictionary<string, long>();

    public async Task<long> ReadJournalEndAsync(CancellationToken cancellationToken) =>
        (await QueryAsync("SELECT next_position FROM bamboo_counters", row => row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];

    public Task<IReadOnlyList<HistoryRow>> ReadHistoriesAsync(
        string rootId, string nodeId, int? loop, CancellationToken cancellationToken) =>
        StoredText.IsStorable(rootId) && StoredText.IsStorable(nodeId)
            ? QueryAsync(
                """
                SELECT h.sequence, h.loop, h.payload FROM bamboo_pipelines p JOIN bamboo_histories h USING (root)
                WHERE p.root_id = $1 AND h.node_id = $2 AND ($3::integer IS NULL OR h.loop = $3)
                ORDER BY h.sequence
                """,
                row => new HistoryRow(row.GetInt64(0), row.GetInt32(1), row.GetFieldValue<byte[]>(2)),
                cancellationToken,
                Id(rootId), Id(nodeId), Of(loop))
            : Task.FromResult<IReadOnlyList<HistoryRow>>([]);

    public Task<IReadOnlyList<JournalRow>> ReadJournalAsync(long from, string? rootId, int limit, CancellationToken cancellationToken)
    {
        if (rootId is not null && !StoredText.IsStorable(rootId))
        {
            return Task.FromResult<IReadOnlyList<JournalRow>>([]);
        }

        List<NpgsqlParameter> parameters = [Of(from), Of((long)Math.Max(limit, 0))];
        if (rootId is not null)
        {
            parameters.Add(Id(rootId));
        }

        return QueryAsync(
            rootId is null ? JournalQuery : JournalOfRootQuery,
            row => new JournalRow(row.GetInt64(0), row.GetInt32(1), IdOf(row, 2), row.GetFieldValue<byte[]>(3)) { HasSecrets = row.GetBoolean(4) },
            cancellationToken,
            [.. parameters]);
    }

    public Task<IReadOnlyList<TableStatistics>> ReadStatisticsAsync(CancellationToken cancellationToken) => QueryAsync(
        StatisticsQuery, row => new TableStatistics(row.GetString(0), row.GetInt64(1), row.GetInt64(2)), cancellationToken);

    /// <summary>Runs a statement and reads its rows.</summary>
    public Task<IReadOnlyList<T>> QueryAsync<T>(
        string sql, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken, params NpgsqlParameter[] parameters) =>
        database.ReadAsync<IReadOnlyList<T>>(
            async (connection, stopping) =>
            {
                NpgsqlCommand command = new(sql, connection);
                await using (command.ConfigureAwait(false))
                {
                    // A copy of each, because a repeated read cannot give one to two commands.
                    foreach (NpgsqlParameter parameter in parameters)
                    {
                        command.Parameters.Add(parameter.Clone());
                    }

                    NpgsqlDataReader reader = await command.ExecuteReaderAsync(stopping).ConfigureAwait(false);
                    await using (reader.ConfigureAwait(false))
                    {
                        List<T> rows = [];
                        while (await reader.ReadAsync(stopping).ConfigureAwait(false))
                        {
                            rows.Add(read(reader));
                        }

                        return rows;
                    }
                }
            },
            cancellationToken);

    private static async Task<PipelineExport?> ExportAsync(
        NpgsqlConnection connection, string rootId, CancellationToken cancellationToken)
    {
        // Several statements that see one committed state.
        NpgsqlTransaction transaction = await connection
            .BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            NpgsqlBatch batch = new(connection, transaction) { BatchCommands = { LoadCommand(rootId) } };
            await using (batch.ConfigureAwait(false))
            {
                batch.Add("SELECT state, archived FROM bamboo_pipelines WHERE root_id = $1", Id(rootId));
                batch.Add(
                    """
                    SELECT h.node_id, h.sequence, h.loop, h.payload FROM bamboo_pipelines p JOIN bamboo_histories h USING (root)
                    WHERE p.root_id = $1 ORDER BY h.node_id, h.sequence
                    """,
                    Id(rootId));
                batch.Add(
                    """
                    SELECT j.position, j.turns, j.payload FROM bamboo_pipelines p JOIN bamboo_journal j USING (root)
                    WHERE p.root_id = $1 ORDER BY j.position
                    """,
                    Id(rootId));
                NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    if ((await ReadPipelineAsync(reader, rootId, cancellationToken).ConfigureAwait(false))?.Stored is not { } stored)
                    {
                        return null;
                    }

                    await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                    await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                    string state = reader.GetString(0);
                    DateTimeOffset? archived = reader.IsDBNull(1) ? null : TimeOf(reader, 1);
                    List<StoredHistory> histories = [];
                    await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                    while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        histories.Add(new StoredHistory(
                            IdOf(reader, 0), new HistoryRow(reader.GetInt64(1), reader.GetInt32(2), reader.GetFieldValue<byte[]>(3))));
                    }

                    List<JournalRow> journal = [];
                    await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                    while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        journal.Add(new JournalRow(
                            reader.GetInt64(0), reader.GetInt32(1), rootId, reader.GetFieldValue<byte[]>(2)));
                    }

                    return new PipelineExport(stored, state, archived, histories, journal);
                }
            }
        }
    }

    private static NpgsqlParameter[] ParametersOf(PipelineQuery query) =>
    [
        .. query.Parameters.Select(parameter => parameter switch
        {
            string text => Id(text),
            DateTimeOffset time => Of(time),
            long number => Of(number),
            _ => throw new NotSupportedException($"a parameter of a list is a {parameter.GetType().Name}"),
        }),
    ];

    public static string IdOf(NpgsqlDataReader row, int column) => PostgresText.Decode(row.GetString(column));

    public static DateTimeOffset TimeOf(NpgsqlDataReader row, int column) => new(row.GetFieldValue<DateTime>(column), TimeSpan.Zero);

    private static string Measure(string table, params string[] sizes) =>
        $"'{table}', (SELECT count(*) FROM bamboo_{table}), (SELECT coalesce(sum({string.Join(" + ", sizes)}), 0)::bigint FROM bamboo_{table})";
}
