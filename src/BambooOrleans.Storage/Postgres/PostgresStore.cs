using Npgsql;
using static BambooOrleans.Storage.PostgresParameters;

namespace BambooOrleans.Storage;

/// <summary>
/// A store in a PostgreSQL database, for one embedded engine at a time. A batch is one transaction in one round trip, with one
/// statement for each table, and returns when the server's disk has it.
/// </summary>
/// <remarks>
/// The session that commits holds an advisory lock: it is the lease, and goes with the session. So that not even a session
/// that outlived its lock can write (a pooler between could bring that about), every commit also names the epoch in which
/// its owner took the store, and is refused in any other. A store that lost its session takes the lease again in
/// <see cref="ReopenAsync"/>, unless somebody took it in between. Reads use a pool of connections, beside the commit.
/// A store is opened once: after a close, make another.
/// </remarks>
public sealed class PostgresStore : IEngineStore
{
    // A server needs a moment to see that a process that was killed is gone.
    private static readonly TimeSpan OwnerEndTime = TimeSpan.FromMilliseconds(500);

    private readonly PostgresStoreOptions _options;
    private readonly PostgresDatabase _database;
    private readonly PostgresReads _reads;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly string _owner = $"{Environment.MachineName}, process {Environment.ProcessId}, {Guid.NewGuid():N}";
    private NpgsqlConnection? _session;
    private DateTime _sessionStart;
    private int _sessionProcess;
    private long _epoch;
    private long _nextPosition;
    private int _committing;
    private volatile bool _opened;
    private volatile bool _closed;

    /// <summary>A store over the database that <paramref name="options"/> name; nothing is touched before <see cref="OpenAsync"/>.</summary>
    /// <param name="options">Where and how.</param>
    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public PostgresStore(PostgresStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _database = new PostgresDatabase(options.ConnectionString);
        _reads = new PostgresReads(_database);
    }

    /// <inheritdoc/>
    public async Task<StoreOpening> OpenAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_opened || _closed)
            {
                throw StoreErrors.NotOpened();
            }

            long begin = _options.Time.GetTimestamp();
            while (!await TryTakeAsync(cancellationToken).ConfigureAwait(false))
            {
                if (_options.Time.GetElapsedTime(begin) >= OwnerEndTime)
                {
                    throw StoreErrors.InUse(_database.Name);
                }

                await Task.Delay(TimeSpan.FromMilliseconds(50), _options.Time, cancellationToken).ConfigureAwait(false);
            }

            await PostgresMigrations.ApplyAsync(
                _session!, _database.Name, PostgresMigrations.EngineSet, PostgresMigrations.EngineScripts, cancellationToken)
                .ConfigureAwait(false);
            await CheckOwnerAsync(cancellationToken).ConfigureAwait(false);
            StoreOpening opening = await ReadOpeningAsync(
                """
                UPDATE bamboo_counters SET owner_epoch = owner_epoch + 1, owner = $1
                RETURNING owner_epoch, next_position
                """,
                [Plain(_owner)],
                cancellationToken).ConfigureAwait(false) ?? throw StoreErrors.Unavailable(_database.Name, "its row of bamboo_counters is gone");
            _opened = true;
            return opening;
        }
        catch (Exception failure)
        {
            await EndSessionAsync().ConfigureAwait(false);
            if (PostgresFailure.IsOfDatabase(failure))
            {
                throw StoreErrors.Unavailable(_database.Name, PostgresFailure.Reason(failure), failure);
            }

            throw;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>
    /// After a commit whose outcome is unknown: says again where numbering goes on, from what is durable. A server that
    /// is away is tried again, ever more slowly, up to <see cref="PostgresStoreOptions.ReconnectTime"/>.
    /// </summary>
    /// <exception cref="StoreUnavailableException">
    /// The server is away (code <c>store.unavailable</c>), or another engine took the store in between (<c>store.in-use</c>).
    /// </exception>
    public async Task<StoreOpening> ReopenAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            CheckOpen();
            long begin = _options.Time.GetTimestamp();
            for (TimeSpan wait = TimeSpan.FromMilliseconds(20); ; wait = wait < TimeSpan.FromMilliseconds(500) ? wait * 2 : wait)
            {
                StoreUnavailableException reason;
                try
                {
                    if (_session is not null || await TryTakeAsync(cancellationToken).ConfigureAwait(false))
                    {
                        return await RegainAsync(cancellationToken).ConfigureAwait(false);
                    }

                    reason = StoreErrors.InUse(_database.Name);
                }
                catch (Exception failure) when (PostgresFailure.IsOfDatabase(failure))
                {
                    await EndSessionAsync().ConfigureAwait(false);
                    reason = StoreErrors.Unavailable(_database.Name, PostgresFailure.Reason(failure), failure);
                }

                if (_options.Time.GetElapsedTime(begin) + wait > _options.ReconnectTime)
                {
                    throw reason;
                }

                await Task.Delay(wait, _options.Time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <inheritdoc/>
    public async Task CommitAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        await InCommitAsync(
            async () =>
            {
                if (!batch.IsEmpty)
                {
                    await WriteAsync(batch).ConfigureAwait(false);
                }

                return 0;
            },
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<int> RemoveRowsAsync(int rowsMax, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsMax, 1);
        bool[] any = [.. await Reads().QueryAsync(
            "SELECT EXISTS (SELECT FROM bamboo_removed)", row => row.GetBoolean(0), cancellationToken).ConfigureAwait(false)];
        return any is [true]
            ? (int)await InCommitAsync(() => RemoveAsync(rowsMax), cancellationToken).ConfigureAwait(false)
            : 0;
    }

    /// <inheritdoc/>
    public Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken) =>
        Reads().LoadAsync(rootId, cancellationToken);

    /// <inheritdoc/>
    public Task<string?> FindRootAsync(string id, CancellationToken cancellationToken) => Reads().FindRootAsync(id, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> FindClaimedAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        Reads().FindClaimedAsync(ids, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReadUnfinishedAsync(CancellationToken cancellationToken) =>
        Reads().ReadUnfinishedAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ArchivedRoot>> ReadArchivedAsync(
        DateTimeOffset before, ArchivedRoot? after, int limit, CancellationToken cancellationToken) =>
        Reads().ReadArchivedAsync(before, after, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<PipelineExport?> ExportAsync(string rootId, CancellationToken cancellationToken) =>
        Reads().ExportAsync(rootId, cancellationToken);

    /// <inheritdoc/>
    public Task<StoredTree?> ReadTreeAsync(string rootId, CancellationToken cancellationToken) =>
        Reads().ReadTreeAsync(rootId, cancellationToken);

    /// <inheritdoc/>
    public Task<long?> FindSecretRootAsync(string rootId, CancellationToken cancellationToken) =>
        Reads().FindSecretRootAsync(rootId, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PipelineRow>> ListAsync(
        PipelineFilter filter, PipelinePosition? after, int limit, CancellationToken cancellationToken) =>
        Reads().ListAsync(filter, after, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> CountAsync(PipelineFilter filter, CancellationToken cancellationToken) =>
        Reads().CountAsync(filter, cancellationToken);

    /// <inheritdoc/>
    public Task<long> ReadJournalEndAsync(CancellationToken cancellationToken) =>
        Reads().ReadJournalEndAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HistoryRow>> ReadHistoriesAsync(
        string rootId, string nodeId, int? loop, CancellationToken cancellationToken) =>
        Reads().ReadHistoriesAsync(rootId, nodeId, loop, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<JournalRow>> ReadJournalAsync(
        long from, string? rootId, int limit, CancellationToken cancellationToken) =>
        Reads().ReadJournalAsync(from, rootId, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TableStatistics>> ReadStatisticsAsync(CancellationToken cancellationToken) =>
        Reads().ReadStatisticsAsync(cancellationToken);

    /// <summary>Waits for a commit that runs, and gives up ownership. Closing twice does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
            await EndSessionAsync().ConfigureAwait(false);
            await _database.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    private void CheckOpen()
    {
        if (!_opened || _closed)
        {
            throw StoreErrors.NotOpened();
        }
    }

    private PostgresReads Reads()
    {
        CheckOpen();
        return _reads;
    }

    private async Task<long> InCommitAsync(Func<Task<long>> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref _committing, 1) != 0)
        {
            throw StoreErrors.Overlapping();
        }

        try
        {
            await _writing.WaitAsync(cancellationToken).ConfigureAwait(false); // keeps a close out of a commit
            try
            {
                CheckOpen();
                return await write().ConfigureAwait(false);
            }
            finally
            {
                _writing.Release();
            }
        }
        finally
        {
            Volatile.Write(ref _committing, 0);
        }
    }

    private async Task WriteAsync(CommitBatch batch)
    {
        long nextPosition = BatchCheck.Check(batch, _nextPosition);
        await RunAsync(
            commands =>
            {
                HashSet<long> roots = [];
                roots.UnionWith(batch.Records.Where(record => record.Payload is not null).Select(record => record.Root));
                roots.UnionWith(batch.Statuses.Select(status => status.Root));
                roots.UnionWith(batch.Histories.Select(entry => entry.Root));
                roots.UnionWith(batch.Journal.Select(row => row.Root));
                roots.ExceptWith(batch.Pipelines.Select(pipeline => pipeline.Root));
                commands.Add("SELECT bamboo_begin_commit($1, $2, $3)", Of(_epoch), Of(nextPosition), Of(roots.ToArray()));
                commands.AddPipelines(batch.Pipelines);
                commands.AddRecords(batch.Records);
                commands.AddStatuses(batch.Statuses);
                commands.AddHistories(batch.Histories, keepsFirst: false);
                commands.AddJournal(batch.Journal, fromCounter: null);
                if (batch.Removals.Count > 0)
                {
                    commands.Add("SELECT bamboo_remove($1)", Of([.. batch.Removals]));
                }
            },
            async commands =>
            {
                await commands.ExecuteNonQueryAsync().ConfigureAwait(false);
                return 0;
            }).ConfigureAwait(false);
        _nextPosition = nextPosition;
    }

    private Task<long> RemoveAsync(int rowsMax) => RunAsync(
        commands =>
        {
            commands.Add("SELECT bamboo_begin_commit($1, $2, $3)", Of(_epoch), Of(_nextPosition), Of(Array.Empty<long>()));
            commands.Add("SELECT bamboo_remove_rows($1)", Of((long)rowsMax));
        },
        async commands =>
        {
            NpgsqlDataReader reader = await commands.ExecuteReaderAsync().ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                await reader.NextResultAsync().ConfigureAwait(false);
                await reader.ReadAsync().ConfigureAwait(false);
                long rows = reader.GetInt64(0);

                // To the end of the answer: only then is it durable.
                await reader.NextResultAsync().ConfigureAwait(false);
                return rows;
            }
        });

    /// <summary>Runs a batch as one transaction of the session that owns the store.</summary>
    private async Task<long> RunAsync(Action<NpgsqlBatch> fill, Func<NpgsqlBatch, Task<long>> execute)
    {
        NpgsqlConnection session = _session
            ?? throw StoreErrors.Refused("the connection to the server was lost and is not there again");
        try
        {
            NpgsqlBatch commands = new(session);
            await using (commands.ConfigureAwait(false))
            {
                fill(commands);
                return await execute(commands).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (PostgresFailure.IsRolledBack(failure, session))
        {
            throw StoreErrors.Refused(PostgresFailure.Reason(failure), failure);
        }
        catch (Exception failure)
        {
            await EndSessionAsync().ConfigureAwait(false);
            throw StoreErrors.OutcomeUnknown(PostgresFailure.Reason(failure), failure);
        }
    }

    /// <summary>Opens the session that commits and has it own the store; false where another session owns it.</summary>
    private async Task<bool> TryTakeAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection session = await _database.ConnectAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (await PostgresDatabase.TryOwnAsync(session, alone: true, cancellationToken).ConfigureAwait(false))
            {
                _sessionProcess = session.ProcessID;
                _sessionStart = await PostgresDatabase.StartOfAsync(session, cancellationToken).ConfigureAwait(false);
                _session = session;
                return true;
            }

            if (_sessionProcess != 0)
            {
                // A server that was cut off from us can hold our old session for hours.
                await PostgresDatabase.EndOwnerAsync(session, _sessionProcess, _sessionStart, cancellationToken).ConfigureAwait(false);
            }
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await session.DisposeAsync().ConfigureAwait(false);
        return false;
    }

    /// <summary>With the lease at hand again: nobody else may have had it, and no commit of ours may come after this.</summary>
    private async Task<StoreOpening> RegainAsync(CancellationToken cancellationToken)
    {
        StoreOpening? opening = await ReadOpeningAsync(
            "UPDATE bamboo_counters SET owner_epoch = owner_epoch + 1 WHERE owner = $1 RETURNING owner_epoch, next_position",
            [Plain(_owner)],
            cancellationToken).ConfigureAwait(false);
        if (opening is not null)
        {
            return opening;
        }

        await EndSessionAsync().ConfigureAwait(false);
        throw new StoreUnavailableException(
            "store.in-use", $"{_database.Name} was taken by another engine after this one had lost it");
    }

    private async Task<StoreOpening?> ReadOpeningAsync(string take, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        NpgsqlBatch batch = new(_session!);
        await using (batch.ConfigureAwait(false))
        {
            batch.Add(take, parameters);
            batch.Add(
                """
                SELECT greatest(
                    (SELECT coalesce(max(root), 0) + 1 FROM bamboo_pipelines),
                    (SELECT CASE WHEN is_called THEN last_value + 1 ELSE last_value END FROM bamboo_roots))
                """);
            NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    return null;
                }

                long epoch = reader.GetInt64(0);
                long nextPosition = reader.GetInt64(1);
                await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                long nextRoot = reader.GetInt64(0);

                // To the end of the answer: only then is the epoch durable.
                await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                _epoch = epoch;
                _nextPosition = nextPosition;
                return new StoreOpening(nextRoot, nextPosition);
            }
        }
    }

    /// <summary>What the last owner left unfinished is all in the tables.</summary>
    private async Task CheckOwnerAsync(CancellationToken cancellationToken)
    {
        NpgsqlCommand check = new("SELECT bamboo_check_owner($1)", _session!) { Parameters = { Plain(_owner) } };
        await using (check.ConfigureAwait(false))
        {
            try
            {
                await check.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException failure) when (failure.SqlState == PostgresFailure.StatesElsewhere)
            {
                throw StoreErrors.OtherStates(_database.Name, failure);
            }
        }
    }

    private async Task EndSessionAsync()
    {
        NpgsqlConnection? session = _session;
        _session = null;
        if (session is not null)
        {
            await PostgresDatabase.EndAsync(session).ConfigureAwait(false);
        }
    }
}
