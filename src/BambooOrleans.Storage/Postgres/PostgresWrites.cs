using Npgsql;
using static BambooOrleans.Storage.PostgresParameters;

namespace BambooOrleans.Storage;

/// <summary>
/// Fills a batch with the statements that write rows: one for each table and direction, whatever the number of rows. A batch
/// that is run as it is, without a transaction around it, is one transaction and one round trip.
/// </summary>
internal static class PostgresWrites
{
    // The server takes no message of a gigabyte.
    private const int StatementBytesMax = 64 * 1024 * 1024;

    private static readonly string[] Upserts = [.. TableNames.Records.Select(table =>
        $"INSERT INTO bamboo_{table} (root, key, payload) SELECT * FROM unnest($1, $2, $3) "
        + "ON CONFLICT (root, key) DO UPDATE SET payload = excluded.payload")];

    private static readonly string[] Deletes = [.. TableNames.Records.Select(table =>
        $"DELETE FROM bamboo_{table} t USING unnest($1, $2) AS d (root, key) WHERE t.root = d.root AND t.key = d.key")];

    public static void Add(this NpgsqlBatch batch, string sql, params NpgsqlParameter[] parameters)
    {
        NpgsqlBatchCommand command = new(sql);
        foreach (NpgsqlParameter parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        batch.BatchCommands.Add(command);
    }

    public static void AddPipelines(this NpgsqlBatch batch, IReadOnlyList<NewPipeline> pipelines)
    {
        if (pipelines.Count == 0)
        {
            return;
        }

        batch.Add(
            """
            INSERT INTO bamboo_pipelines (root, root_id, state, created, name, id_folded, name_folded, has_secrets)
            SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            Of([.. pipelines.Select(pipeline => pipeline.Root)]),
            Ids(pipelines.Select(pipeline => pipeline.RootId)),
            Plain([.. pipelines.Select(pipeline => pipeline.State)]),
            Of([.. pipelines.Select(pipeline => (DateTimeOffset?)pipeline.CreatedTime)]),
            IdsOrNull(pipelines.Select(pipeline => pipeline.Name)),
            Ids(pipelines.Select(pipeline => StoredText.Fold(pipeline.RootId))),
            IdsOrNull(pipelines.Select(pipeline => pipeline.Name is { } name ? StoredText.Fold(name) : null)),
            Of([.. pipelines.Select(pipeline => pipeline.HasSecrets)]));
        foreach (NewPipeline[] part in Parts(pipelines, pipeline => pipeline.Tree.Length + pipeline.Options.Length))
        {
            batch.Add(
                "INSERT INTO bamboo_trees (root, tree, options) SELECT * FROM unnest($1, $2, $3)",
                Of([.. part.Select(pipeline => pipeline.Root)]),
                Of([.. part.Select(pipeline => pipeline.Tree)]),
                Of([.. part.Select(pipeline => pipeline.Options)]));
        }

        batch.Add(
            "INSERT INTO bamboo_claims (id, root) SELECT * FROM unnest($1, $2)",
            Ids(pipelines.SelectMany(pipeline => pipeline.Ids)),
            Of([.. pipelines.SelectMany(pipeline => Enumerable.Repeat(pipeline.Root, pipeline.Ids.Count))]));
    }

    /// <summary>Writes and deletes records, at most one of each kind, root and key.</summary>
    public static void AddRecords(this NpgsqlBatch batch, IReadOnlyList<RecordWrite> records)
    {
        if (records.Count == 0)
        {
            return;
        }

        List<RecordWrite>[] writes = [.. Upserts.Select(_ => new List<RecordWrite>())];
        List<RecordWrite>[] deletes = [.. Upserts.Select(_ => new List<RecordWrite>())];
        foreach (RecordWrite record in records)
        {
            (record.Payload is null ? deletes : writes)[(int)record.Kind].Add(record);
        }

        for (int kind = 0; kind < Upserts.Length; kind++)
        {
            foreach (RecordWrite[] part in Parts(writes[kind], record => record.Payload!.Value.Length))
            {
                batch.Add(
                    Upserts[kind],
                    Of(Array.ConvertAll(part, record => record.Root)),
                    Plain(Array.ConvertAll(part, record => PostgresText.Encode(record.Key))),
                    Of(Array.ConvertAll(part, record => record.Payload!.Value)));
            }

            if (deletes[kind].Count > 0)
            {
                batch.Add(
                    Deletes[kind],
                    Of([.. deletes[kind].Select(record => record.Root)]),
                    Ids(deletes[kind].Select(record => record.Key)));
            }
        }
    }

    public static void AddStatuses(this NpgsqlBatch batch, IReadOnlyList<PipelineStatus> statuses)
    {
        if (statuses.Count > 0)
        {
            batch.Add(
                """
                UPDATE bamboo_pipelines p SET state = s.state, archived = s.archived
                FROM unnest($1, $2, $3) AS s (root, state, archived) WHERE p.root = s.root
                """,
                Of([.. statuses.Select(status => status.Root)]),
                Plain([.. statuses.Select(status => status.State)]),
                Of([.. statuses.Select(status => status.ArchivedTime)]));
        }
    }

    /// <param name="batch">The batch.</param>
    /// <param name="entries">The entries.</param>
    /// <param name="keepsFirst">Whether an entry that is there already stays as it is, rather than to fail the batch.</param>
    public static void AddHistories(this NpgsqlBatch batch, IReadOnlyList<HistoryWrite> entries, bool keepsFirst)
    {
        foreach (HistoryWrite[] part in Parts(entries, entry => entry.Payload.Length))
        {
            batch.Add(
                "INSERT INTO bamboo_histories (root, node_id, sequence, loop, payload) SELECT * FROM unnest($1, $2, $3, $4, $5)"
                    + (keepsFirst ? " ON CONFLICT DO NOTHING" : ""),
                Of(Array.ConvertAll(part, entry => entry.Root)),
                Plain(Array.ConvertAll(part, entry => PostgresText.Encode(entry.NodeId))),
                Of(Array.ConvertAll(part, entry => entry.Sequence)),
                Of(Array.ConvertAll(part, entry => entry.Loop)),
                Of(Array.ConvertAll(part, entry => entry.Payload)));
        }
    }

    /// <param name="batch">The batch.</param>
    /// <param name="rows">The rows, at their positions; or at those that they have from the last turns of the counter on.</param>
    /// <param name="fromCounter">How many turns the batch took from the counter; null where rows have positions of their own.</param>
    public static void AddJournal(this NpgsqlBatch batch, IReadOnlyList<JournalWrite> rows, long? fromCounter)
    {
        foreach (JournalWrite[] part in Parts(rows, row => row.Payload.Length))
        {
            NpgsqlParameter[] columns =
            [
                Of(Array.ConvertAll(part, row => row.Position)),
                Of(Array.ConvertAll(part, row => row.Turns)),
                Of(Array.ConvertAll(part, row => row.Root)),
                Of(Array.ConvertAll(part, row => row.Payload)),
            ];
            if (fromCounter is { } turns)
            {
                batch.Add(
                    """
                    INSERT INTO bamboo_journal (position, turns, root, payload)
                    SELECT c.next_position - $5 + j.position, j.turns, j.root, j.payload
                    FROM bamboo_counters c, unnest($1, $2, $3, $4) AS j (position, turns, root, payload)
                    """,
                    [.. columns, Of(turns)]);
            }
            else
            {
                batch.Add("INSERT INTO bamboo_journal (position, turns, root, payload) SELECT * FROM unnest($1, $2, $3, $4)", columns);
            }
        }
    }

    private static IEnumerable<T[]> Parts<T>(IReadOnlyList<T> rows, Func<T, int> size)
    {
        List<T> part = new(rows.Count);
        long bytes = 0;
        foreach (T row in rows)
        {
            if (part.Count > 0 && bytes + size(row) > StatementBytesMax)
            {
                yield return [.. part];
                part.Clear();
                bytes = 0;
            }

            part.Add(row);
            bytes += size(row);
        }

        if (part.Count > 0)
        {
            yield return [.. part];
        }
    }
}
