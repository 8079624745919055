using static SQLitePCL.raw;

namespace BambooOrleans.Storage;

/// <summary>The connection that commits, with its prepared statements. One commit at a time.</summary>
internal sealed class SqliteWriter : IDisposable
{
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _rollback;
    private readonly SqliteStatement _lastRoot;
    private readonly SqliteStatement _lastPosition;
    private readonly SqliteStatement _insertPipeline;
    private readonly SqliteStatement _insertTree;
    private readonly SqliteStatement _insertClaim;
    private readonly SqliteStatement _updateStatus;
    private readonly SqliteStatement _insertHistory;
    private readonly SqliteStatement _insertJournal;
    private readonly SqliteStatement[] _upsertRecord;
    private readonly SqliteStatement[] _deleteRecord;
    private long _nextPosition;

    public SqliteWriter(SqliteDatabase database)
    {
        Database = database;
        _begin = database.Prepare("BEGIN IMMEDIATE");
        _commit = database.Prepare("COMMIT");
        _rollback = database.Prepare("ROLLBACK");
        _lastRoot = database.Prepare("SELECT max(root) FROM pipelines");
        _lastPosition = database.Prepare("SELECT position + turns FROM journal ORDER BY position DESC LIMIT 1");
        _insertPipeline = database.Prepare("INSERT INTO pipelines (root, root_id, state, created) VALUES (?, ?, ?, ?)");
        _insertTree = database.Prepare("INSERT INTO trees (root, tree, options) VALUES (?, ?, ?)");
        _insertClaim = database.Prepare("INSERT INTO claims (id, root) VALUES (?, ?)");
        _updateStatus = database.Prepare("UPDATE pipelines SET state = ?2, archived = ?3 WHERE root = ?1");
        _insertHistory = database.Prepare("INSERT INTO histories (root, node_id, sequence, loop, payload) VALUES (?, ?, ?, ?, ?)");
        _insertJournal = database.Prepare("INSERT INTO journal (position, turns, root, payload) VALUES (?, ?, ?, ?)");
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
        _lastRoot.Step();
        long nextRoot = (_lastRoot.IntegerOrNull(0) ?? 0) + 1;
        _lastRoot.Reset();
        return new StoreOpening(nextRoot, _nextPosition);
    }

    /// <summary>Writes a batch, all or nothing.</summary>
    public void Commit(CommitBatch batch)
    {
        if (Database.InTransaction)
        {
            // A rollback failed before, which SQLite knows of no cause for but a broken disk or memory.
            throw StoreErrors.Refused("a transaction that failed before is still open");
        }

        long nextPosition = BatchCheck.Check(batch, _nextPosition);
        try
        {
            _begin.Run();
            Write(batch);
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

        _nextPosition = nextPosition;
    }

    public void Dispose() => Database.Dispose();

    private void Write(CommitBatch batch)
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
    }

    private void Write(NewPipeline pipeline)
    {
        long created = StoredTime.ToMicroseconds(pipeline.CreatedTime);
        _insertPipeline.Bind(1, pipeline.Root).Bind(2, pipeline.RootId).Bind(3, pipeline.State).Bind(4, created).Run();
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
        long next = _lastPosition.Step() ? _lastPosition.Integer(0) : 1;
        _lastPosition.Reset();
        return next;
    }
}
