using static SQLitePCL.raw;

namespace BambooOrleans.Storage;

/// <summary>The connection that commits, with its prepared statements. One commit at a time.</summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _nextRootQuery;
    private readonly SqliteStatement _nextPositionQuery;
    private readonly SqliteStatement _insertPipeline;
    private readonly SqliteStatement _insertTree;
    private readonly SqliteStatement _insertClaim;
    private readonly SqliteStatement _updateStatus;
    private readonly SqliteStatement _insertHistory;
    private readonly SqliteStatement _insertJournal;
    private readonly SqliteStatement _remove;
    private readonly SqliteStatement _isThere;
    private readonly SqliteStatement _keepNumbering;
    private readonly SqliteStatement _firstRemoved;
    private readonly SqliteStatement[] _deleteRows;
    private readonly SqliteStatement[] _deleteLast;
    private readonly SqliteStatement[] _upsertRecord;
    private readonly SqliteStatement[] _deleteRecord;
    private long _nextPosition;

    public SqliteWriter(SqliteDatabase database)
    {
        Database = database;
        _begin = database.Prepare("BEGIN IMMEDIATE");
        _commit = database.Prepare("COMMIT");
        _rollback = database.Prepare("ROLLBACK");
        _nextRootQuery = database.Prepare(
            "SELECT max(coalesce((SELECT max(root) + 1 FROM pipelines), 1), next_root) FROM numbering");
        _nextPositionQuery = database.Prepare(SqliteSchema.NextPosition);
        _insertPipeline = database.Prepare(
            "INSERT INTO pipelines (root, root_id, state, created, name, id_folded, name_folded, has_secrets) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        _insertTree = database.Prepare("INSERT INTO trees (root, tree, options) VALUES (?, ?, ?)");
        _insertClaim = database.Prepare("INSERT INTO claims (id, root) VALUES (?, ?)");
        _updateStatus = database.Prepare("UPDATE pipelines SET state = ?2, archived = ?3 WHERE root = ?1");
        _insertHistory = database.Prepare("INSERT INTO histories (root, node_id, sequence, loop, payload) VALUES (?, ?, ?, ?, ?)");
        _insertJournal = database.Prepare("INSERT INTO journal (position, turns, root, payload) VALUES (?, ?, ?, ?)");
        _remove = database.Prepare("UPDATE pipelines SET removed = 1 WHERE root = ? AND archived IS NOT NULL");
        _isThere = database.Prepare("SELECT 1 FROM pipelines WHERE root = ?");
        _keepNumbering = database.Prepare(
            """
            UPDATE numbering SET next_root = max(next_root, (SELECT max(root) + 1 FROM pipelines)), next_position = max(next_position, ?)
            """);
        _firstRemoved = database.Prepare("SELECT min(root) FROM pipelines WHERE removed IS NOT NULL");
        _deleteRows =
        [
            .. TableNames.Records.Append(TableNames.Histories).Append(TableNames.Journal).Select(table => database.Prepare(
                $"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE root = ?1 LIMIT ?2)")),

            // The pipeline's own id goes last, and so stays taken while anything of the pipeline is there.
            database.Prepare(
                """
                DELETE FROM claims WHERE id IN (
                    SELECT id FROM claims WHERE root = ?1 AND id <> (SELECT root_id FROM pipelines WHERE root = ?1) LIMIT ?2)
                """),
        ];
        _deleteLast =
        [
            .. new[] { TableNames.Claims, TableNames.Trees, TableNames.Pipelines }.Select(
                table => database.Prepare($"DELETE FROM {table} WHERE root = ?")),
        ];
        _upsertRecord = [.. TableNames.Records.Select(table => database.Prepare(
            $"INSERT INTO {table} (root, key, payload) VALUES (?, ?, ?) ON CONFLICT (root, key) DO UPDATE SET payload = excluded.payload"))];
        _deleteRecord = [.. TableNames.Records.Select(table => database.Prepare($"DELETE FROM {table} WHERE root = ? AND key = ?"))];
        _nextPosition = ReadNextPosition();
    }

    /// <summary>The connection itself, for tests.</summary>
    internal SqliteDatabase Database { get; }

    /// <summary>Where numbering goes on.</summary>
    public StoreOpening Opening()
    {
        _nextRootQuery.Step();
        long nextRoot = _nextRootQuery.Integer(0);
        _nextRootQuery.Reset();
        return new StoreOpening(nextRoot, _nextPosition);
    }

    /// <summary>Writes a batch, all or nothing.</summary>
    public void Commit(CommitBatch batch)
    {
        long nextPosition = BatchCheck.Check(batch, _nextPosition);
        InTransaction(() => Write(batch, nextPosition));
        _nextPosition = nextPosition;
    }

    /// <summary>Deletes rows of removed pipelines.</summary>
    /// <returns>How many; 0 where there are none.</returns>
    public int RemoveRows(int rowsMax)
    {
        int left = rowsMax;
        if (FirstRemoved() is not null)
        {
            InTransaction(() =>
            {
                while (left > 0 && FirstRemoved() is { } root)
                {
                    left -= RemoveRows(root, left);
                }
            });
        }

        return rowsMax - left;
    }

    public void Dispose() => Database.Dispose();

    private void InTransaction(Action write)
    {
        if (Database.InTransaction)
        {
            // A rollback failed before, which SQLite knows of no cause for but a broken disk or memory.
            throw StoreErrors.Refused("a transaction that failed before is still open");
        }

        try
        {
            _begin.Run();
            write();
        }
        catch (Exception failure)
        {
            // Nothing is in the log without the frame that COMMIT writes, even where the rollback itself fails.
            RollBack();
            throw failure as StoreUnavailableException ?? StoreErrors.Refused(failure.Message, failure);
        }

        try
        {
            _commit.Run();
        }
        catch (SqliteFailure failure)
        {
            // Another program's lock keeps COMMIT from beginning, and leaves the transaction open. After anything else the
            // frame that makes the batch count may stand in the log, or not.
            bool began = failure.PrimaryCode != SQLITE_BUSY || !Database.InTransaction;
            RollBack();
            if (began)
            {
                TryReadNextPosition();
                throw StoreErrors.OutcomeUnknown(failure.Message, failure);
            }

            throw StoreErrors.Refused(failure.Message, failure);
        }
    }

    private void Write(CommitBatch batch, long nextPosition)
    {
        // Pipelines first: every other row refers to one.
        foreach (NewPipeline pipeline in batch.Pipelines)
        {
            Write(pipeline);
        }

        foreach (ref readonly RecordWrite record in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(batch.Records))
        {
            if (record.Payload is { } payload)
            {
                Insert(_upsertRecord[(int)record.Kind].Bind(1, record.Root).Bind(2, record.Key).Bind(3, payload.Span), record.Root);
            }
            else
            {
                _deleteRecord[(int)record.Kind].Bind(1, record.Root).Bind(2, record.Key).Run();
            }
        }

        foreach (PipelineStatus status in batch.Statuses)
        {
            long? archived = status.ArchivedTime is { } time ? StoredTime.ToMicroseconds(time) : null;
            _updateStatus.Bind(1, status.Root).Bind(2, status.State).Bind(3, archived).Run();
            if (Database.Changes == 0)
            {
                throw StoreErrors.Refused($"there is no root pipeline {status.Root}");
            }
        }

        foreach (HistoryWrite entry in batch.Histories)
        {
            Insert(
                _insertHistory.Bind(1, entry.Root).Bind(2, entry.NodeId).Bind(3, entry.Sequence).Bind(4, entry.Loop)
                    .Bind(5, entry.Payload.Span),
                entry.Root);
        }

        foreach (JournalWrite row in batch.Journal)
        {
            Insert(_insertJournal.Bind(1, row.Position).Bind(2, row.Turns).Bind(3, row.Root).Bind(4, row.Payload.Span), row.Root);
        }

        if (batch.Removals.Count > 0)
        {
            _keepNumbering.Bind(1, nextPosition).Run();
        }

        foreach (long root in batch.Removals)
        {
            _remove.Bind(1, root).Run();
            if (Database.Changes == 0 && IsThere(root))
            {
                throw StoreErrors.NotFinished(root);
            }
        }
    }

    private int RemoveRows(long root, int rowsMax)
    {
        int left = rowsMax;
        foreach (SqliteStatement delete in _deleteRows)
        {
            delete.Bind(1, root).Bind(2, left).Run();
            left -= Database.Changes;
            if (left == 0)
            {
                return rowsMax;
            }
        }

        foreach (SqliteStatement delete in _deleteLast)
        {
            delete.Bind(1, root).Run();
        }

        return rowsMax - left + 1;
    }

    private long? FirstRemoved()
    {
        _firstRemoved.Step();
        long? root = _firstRemoved.IntegerOrNull(0);
        _firstRemoved.Reset();
        return root;
    }

    private bool IsThere(long root)
    {
        bool isThere = _isThere.Bind(1, root).Step();
        _isThere.Reset();
        return isThere;
    }

    private void Write(NewPipeline pipeline)
    {
        long created = StoredTime.ToMicroseconds(pipeline.CreatedTime);
        _insertPipeline.Bind(1, pipeline.Root).Bind(2, pipeline.RootId).Bind(3, pipeline.State).Bind(4, created)
            .BindOrNull(5, pipeline.Name)
            .Bind(6, StoredText.Fold(pipeline.RootId))
            .BindOrNull(7, pipeline.Name is { } name ? StoredText.Fold(name) : null)
            .Bind(8, pipeline.HasSecrets ? 1L : 0L)
            .Run();
        _insertTree.Bind(1, pipeline.Root).Bind(2, pipeline.Tree.Span).Bind(3, pipeline.Options.Span).Run();
        foreach (string id in pipeline.Ids)
        {
            try
            {
                _insertClaim.Bind(1, id).Bind(2, pipeline.Root).Run();
            }
            catch (SqliteFailure failure) when (failure.IsConstraint)
            {
                throw StoreErrors.Refused($"the id {id} is claimed already", failure);
            }
        }
    }

    private static void Insert(SqliteStatement statement, long root)
    {
        try
        {
            statement.Run();
        }
        catch (SqliteFailure failure) when (failure.IsForeignKey)
        {
            throw StoreErrors.Refused($"there is no root pipeline {root}", failure);
        }
    }

    private void RollBack()
    {
        try
        {
            // SQLite rolls back by itself after a full disk or a failure of it, and then there is nothing to roll back.
            if (Database.InTransaction)
            {
                _rollback.Run();
            }
        }
        catch (SqliteFailure)
        {
            // What led here is what the caller hears of; the next commit finds the transaction open.
        }
    }

    private void TryReadNextPosition()
    {
        try
        {
            _nextPosition = ReadNextPosition();
        }
        catch (SqliteFailure)
        {
            // Left as it was: the unique key of the journal still keeps two rows from one position.
        }
    }

    private long ReadNextPosition()
    {
        _nextPositionQuery.Step();
        long next = _nextPositionQuery.Integer(0);
        _nextPositionQuery.Reset();
        return next;
    }
}
