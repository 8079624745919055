using Npgsql;
using static BambooOrleans.Storage.PostgresParameters;

namespace BambooOrleans.Storage;

/// <summary>
/// The tables that the silos of a cluster share, in the PostgreSQL database that one embedded engine could own alone. Each silo has a
/// store of its own; a write is one transaction in one round trip, with one statement for each table.
/// </summary>
/// <remarks>
/// Deliveries with turns of the journal take turns at one row, the counter of positions, which is held to their commit: so positions
/// have no gaps, and none can be read before a smaller one. All others run beside them. While an embedded engine owns the database writes
/// are refused (code <c>store.in-use</c>), and while silos have it open no embedded engine gets it.
/// </remarks>
public sealed class PostgresClusterStore : IClusterStore
{
    // bamboo_check_owner knows the first.
    private const string GrainStorageOwner = "a cluster";
    private const string TablesOwner = "a cluster, with its states in these tables";
    private const int AttemptsMax = 10;

    private readonly PostgresDatabase _database;
    private readonly PostgresReads _reads;
    private readonly CancellationTokenSource _closing = new();
    private Task _presence = Task.CompletedTask;
    private int _closed;

    private PostgresClusterStore(string connectionString)
    {
        _database = new PostgresDatabase(connectionString);
        _reads = new PostgresReads(_database);
    }

    /// <summary>Opens the tables, and makes or migrates them first where they are missing or of an older version.</summary>
    /// <param name="connectionString">The database; see <see cref="PostgresConnectionString"/>.</param>
    /// <param name="states">
    /// Where the cluster keeps its machines' states, so that it takes the database over from whoever had it last; null for a program
    /// that only uses the tables beside a cluster's silos, and takes nothing over.
    /// </param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    /// <exception cref="StoreUnavailableException">
    /// An embedded engine owns the database (code <c>store.in-use</c>), unfinished pipelines in it have their states elsewhere
    /// than this cluster (<c>store.other-states</c>), it was written by a newer version (<c>store.newer-schema</c>), or cannot be used
    /// (<c>store.unavailable</c>).
    /// </exception>
    public static async Task<PostgresClusterStore> OpenAsync(
        string connectionString, ClusterStates? states, CancellationToken cancellationToken = default)
    {
        await PostgresMigrations.ApplyAsync(
            connectionString, PostgresMigrations.EngineSet, PostgresMigrations.EngineScripts, cancellationToken).ConfigureAwait(false);
        PostgresClusterStore store = new(connectionString);
        try
        {
            NpgsqlConnection session = await store.ConnectAsync(cancellationToken).ConfigureAwait(false)
                ?? throw StoreErrors.InUse(store._database.Name);
            store._presence = Task.Run(() => store.StayPresentAsync(session), CancellationToken.None);
            if (states is { } kept)
            {
                await store.WriteAsync(
                    batch => batch.Add("SELECT bamboo_take_over($1)", Plain(kept == ClusterStates.InTables ? TablesOwner : GrainStorageOwner)),
                    _ => Task.FromResult(true),
                    cancellationToken).ConfigureAwait(false);
            }

            return store;
        }
        catch (Exception failure)
        {
            await store.DisposeAsync().ConfigureAwait(false);
            if (failure is PostgresException { SqlState: PostgresFailure.StatesElsewhere } elsewhere)
            {
                throw StoreErrors.OtherStates(store._database.Name, elsewhere);
            }

            if (PostgresFailure.IsOfDatabase(failure))
            {
                throw StoreErrors.Unavailable(store._database.Name, PostgresFailure.Reason(failure), failure);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<long> SubmitAsync(ClusterSubmission submission, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(submission);
        if (!submission.Ids.Append(submission.RootId).Append(submission.Name ?? "").All(StoredText.IsStorable))
        {
            throw StoreErrors.Refused("an id or the name holds half a surrogate pair, which is no Unicode text");
        }

        // In order, so that of two submissions with ids in common one waits for the other, and not each for each.
        string[] ids = [.. submission.Ids.Order(StringComparer.Ordinal)];
        for (int index = 1; index < ids.Length; index++)
        {
            if (ids[index] == ids[index - 1])
            {
                throw StoreErrors.Refused($"the id {ids[index]} is given twice");
            }
        }

        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteAsync(
                    batch => AddSubmission(batch, submission, ids),
                    async reader =>
                    {
                        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                        return reader.GetInt64(0);
                    },
                    cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException failure) when (failure.SqlState == PostgresErrorCodes.UniqueViolation)
            {
                HashSet<string> claimed = new(
                    await FindClaimedAsync(ids, cancellationToken).ConfigureAwait(false), StringComparer.Ordinal);
                if (submission.Ids.FirstOrDefault(claimed.Contains) is { } taken)
                {
                    throw new AlreadyExistsException($"the id {taken} belongs to a pipeline that was submitted already");
                }

                // What was in the way is gone again.
                if (attempt == AttemptsMax)
                {
                    throw StoreErrors.Refused(PostgresFailure.Reason(failure), failure);
                }
            }
            catch (PostgresException failure)
            {
                throw StoreErrors.Refused(PostgresFailure.Reason(failure), failure);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<HeldPipeline?> HoldAsync(string rootId, string host, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rootId);
        ArgumentNullException.ThrowIfNull(host);
        if (!StoredText.IsStorable(rootId))
        {
            return null;
        }

        try
        {
            // The second statement sees what was committed while the first one waited for the row, and is one snapshot.
            return await WriteAsync(
                batch =>
                {
                    batch.Add("SELECT bamboo_share()");
                    batch.Add(
                        "UPDATE bamboo_pipelines SET epoch = epoch + 1, host = $2 WHERE root_id = $1", Id(rootId), Id(host));
                    batch.BatchCommands.Add(PostgresReads.LoadCommand(rootId));
                },
                async reader =>
                {
                    await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                    return await PostgresReads.ReadPipelineAsync(reader, rootId, cancellationToken).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException failure)
        {
            throw StoreErrors.Refused(PostgresFailure.Reason(failure), failure);
        }
    }

    /// <inheritdoc/>
    public async Task<DeliveryOutcome> DeliverAsync(ClusterBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        IReadOnlyCollection<MachineWrite> writes = Ascending(batch.Writes, new Dictionary<(long, string), long>());
        for (int attempt = 1; ; attempt++)
        {
            if (writes.Count == 0 && batch.Wakes.Count == 0)
            {
                return new DeliveryOutcome([], Conflicts());
            }

            PostgresDelivery delivery = new(writes, batch.Wakes);
            try
            {
                return new DeliveryOutcome(
                    await WriteAsync(delivery.Fill, reader => delivery.ReadAsync(reader, cancellationToken), cancellationToken)
                        .ConfigureAwait(false),
                    Conflicts());
            }
            catch (PostgresException failure) when (failure.SqlState == PostgresFailure.DeliveredAlready && attempt < AttemptsMax)
            {
                writes = Ascending(writes, await ReadSequencesAsync(writes, cancellationToken).ConfigureAwait(false));
            }
            catch (PostgresException failure) when (failure.SqlState == PostgresFailure.NoRoot && attempt < AttemptsMax)
            {
                // Of a pipeline that was removed: nobody reads it any more, and the others are not to wait for it.
                writes = await OfExistingRootsAsync(writes, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException failure)
            {
                throw StoreErrors.Refused(PostgresFailure.Reason(failure), failure);
            }
        }

        List<MachineWrite> Conflicts() => writes.Count == batch.Writes.Count
            ? []
            : [.. batch.Writes.Where(write => write.IsFenced && !writes.Contains(write, ReferenceEqualityComparer.Instance))];
    }

    /// <inheritdoc/>
    public async Task<StoredMachine?> ReadMachineAsync(string nodeId, CancellationToken cancellationToken) => StoredText.IsStorable(nodeId)
        ? (await _reads.QueryAsync(
            """
            SELECT p.root_id, p.root, coalesce(m.sequence, 0), n.payload, d.payload, t.due
            FROM bamboo_claims c JOIN bamboo_pipelines p USING (root) JOIN bamboo_nodes n ON n.root = c.root AND n.key = c.id
            LEFT JOIN bamboo_machines m ON m.root = c.root AND m.machine = c.id
            LEFT JOIN bamboo_data d ON d.root = c.root AND d.key = c.id
            LEFT JOIN bamboo_timers t ON t.root = c.root AND t.id = c.id
            WHERE c.id = $1
            """,
            row => new StoredMachine(
                PostgresReads.IdOf(row, 0),
                row.GetInt64(1),
                row.GetInt64(2),
                row.GetFieldValue<byte[]>(3),
                // The type has to be said: a plain null would be converted to memory of no bytes.
                row.IsDBNull(4) ? null : (ReadOnlyMemory<byte>?)row.GetFieldValue<byte[]>(4),
                row.IsDBNull(5) ? null : PostgresReads.TimeOf(row, 5)),
            cancellationToken,
            Id(nodeId)).ConfigureAwait(false)).FirstOrDefault()
        : null;

    /// <inheritdoc/>
    public Task<IReadOnlyList<AwakeRoot>> ReadAwakeAsync(long after, int limit, CancellationToken cancellationToken) => _reads.QueryAsync(
        "SELECT root, root_id, host FROM bamboo_pipelines WHERE awake AND root > $1 ORDER BY root LIMIT $2",
        row => new AwakeRoot(row.GetInt64(0), PostgresReads.IdOf(row, 1), PostgresReads.IdOf(row, 2)),
        cancellationToken,
        Of(after), Of((long)Math.Max(limit, 0)));

    /// <inheritdoc/>
    public Task<IReadOnlyList<ArchivedRoot>> ReadArchivedAsync(
        DateTimeOffset before, ArchivedRoot? after, int limit, CancellationToken cancellationToken) =>
        _reads.ReadArchivedAsync(before, after, limit, cancellationToken);

    /// <inheritdoc/>
    public async Task RemoveAsync(IReadOnlyCollection<long> roots, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(roots);
        await ChangeAsync("SELECT count(*) FROM bamboo_remove_resting($1)", cancellationToken, Of([.. roots])).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<RemovedRoot>> ReadRemovedAsync(int limit, CancellationToken cancellationToken) => _reads.QueryAsync(
        """
        SELECT r.root, r.root_id, ARRAY(SELECT c.id FROM bamboo_claims c WHERE c.root = r.root) FROM bamboo_removed r ORDER BY r.root LIMIT $1
        """,
        row => new RemovedRoot(
            row.GetInt64(0), PostgresReads.IdOf(row, 1), [.. row.GetFieldValue<string[]>(2).Select(PostgresText.Decode)]),
        cancellationToken,
        Of((long)Math.Max(limit, 0)));

    /// <inheritdoc/>
    public async Task<int> RemoveRowsAsync(IReadOnlyCollection<long> roots, int rowsMax, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(roots);
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsMax, 1);
        return (int)await ChangeAsync(
            "SELECT bamboo_remove_rows($1, $2)", cancellationToken, Of((long)rowsMax), Of([.. roots])).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<DueTimer>> ReadDueAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        _reads.QueryAsync(
            """
            SELECT p.root_id, t.id, t.due FROM bamboo_timers t JOIN bamboo_pipelines p USING (root)
            WHERE t.due < $1 ORDER BY t.due, t.root, t.id LIMIT $2
            """,
            row => new DueTimer(PostgresReads.IdOf(row, 0), PostgresReads.IdOf(row, 1), PostgresReads.TimeOf(row, 2)),
            cancellationToken,
            Of(before), Of((long)Math.Max(limit, 0)));

    /// <inheritdoc/>
    public Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken) =>
        _reads.LoadAsync(rootId, cancellationToken);

    /// <inheritdoc/>
    public Task<string?> FindRootAsync(string id, CancellationToken cancellationToken) => _reads.FindRootAsync(id, cancellationToken);

    /// <summary>Those of <paramref name="ids"/> that some pipeline has claimed already.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="cancellationToken">Stops the read.</param>
    public Task<IReadOnlyList<string>> FindClaimedAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        _reads.FindClaimedAsync(ids, cancellationToken);

    /// <inheritdoc/>
    public Task<StoredTree?> ReadTreeAsync(string rootId, CancellationToken cancellationToken) =>
        _reads.ReadTreeAsync(rootId, cancellationToken);

    /// <inheritdoc/>
    public Task<long?> FindSecretRootAsync(string rootId, CancellationToken cancellationToken) =>
        _reads.FindSecretRootAsync(rootId, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PipelineRow>> ListAsync(
        PipelineFilter filter, PipelinePosition? after, int limit, CancellationToken cancellationToken) =>
        _reads.ListAsync(filter, after, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> CountAsync(PipelineFilter filter, CancellationToken cancellationToken) =>
        _reads.CountAsync(filter, cancellationToken);

    /// <inheritdoc/>
    public Task<long> ReadJournalEndAsync(CancellationToken cancellationToken) =>
        _reads.ReadJournalEndAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HistoryRow>> ReadHistoriesAsync(
        string rootId, string nodeId, int? loop, CancellationToken cancellationToken) =>
        _reads.ReadHistoriesAsync(rootId, nodeId, loop, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<JournalRow>> ReadJournalAsync(
        long from, string? rootId, int limit, CancellationToken cancellationToken) =>
        _reads.ReadJournalAsync(from, rootId, limit, cancellationToken);

    /// <inheritdoc/>
    public Task<PipelineExport?> ExportAsync(string rootId, CancellationToken cancellationToken) =>
        _reads.ExportAsync(rootId, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TableStatistics>> ReadStatisticsAsync(CancellationToken cancellationToken) =>
        _reads.ReadStatisticsAsync(cancellationToken);

    /// <summary>Closes the connections. Closing twice does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 1)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _presence.ConfigureAwait(false);
        await _database.DisposeAsync().ConfigureAwait(false);
        _closing.Dispose();
    }

    private static void AddSubmission(NpgsqlBatch batch, ClusterSubmission submission, string[] ids)
    {
        batch.Add("SELECT bamboo_share()");
        batch.Add(
            """
            WITH r AS MATERIALIZED (SELECT nextval('bamboo_roots') AS root),
            c AS (INSERT INTO bamboo_claims (id, root) SELECT i.id, r.root FROM r, unnest($1) AS i (id)),
            p AS (
                INSERT INTO bamboo_pipelines (root, root_id, state, created, epoch, host, awake, name, id_folded, name_folded, has_secrets)
                SELECT r.root, $2, $3, $4, 1, $5, true, $8, $9, $10, $11 FROM r),
            t AS (INSERT INTO bamboo_trees (root, tree, options) SELECT r.root, $6, $7 FROM r)
            SELECT root FROM r
            """,
            Ids(ids),
            Id(submission.RootId),
            Plain(submission.State),
            Of(submission.CreatedTime),
            Id(submission.Host),
            Of(submission.Tree),
            Of(submission.Options),
            IdOrNull(submission.Name),
            Id(StoredText.Fold(submission.RootId)),
            IdOrNull(submission.Name is { } name ? StoredText.Fold(name) : null),
            Of(submission.HasSecrets));
    }

    /// <summary>Those writes whose sequence is above their machine's last one.</summary>
    private static List<MachineWrite> Ascending(IEnumerable<MachineWrite> writes, IDictionary<(long, string), long> last)
    {
        List<MachineWrite> ascending = [];
        foreach (MachineWrite write in writes)
        {
            (long, string) machine = (write.Root, write.Machine);
            if (!last.TryGetValue(machine, out long known) || write.Sequence > known)
            {
                last[machine] = write.Sequence;
                ascending.Add(write);
            }
        }

        return ascending;
    }

    private async Task<List<MachineWrite>> OfExistingRootsAsync(
        IReadOnlyCollection<MachineWrite> writes, CancellationToken cancellationToken)
    {
        IReadOnlyList<long> roots = await _reads.QueryAsync(
            "SELECT root FROM bamboo_pipelines WHERE root = ANY ($1)",
            row => row.GetInt64(0),
            cancellationToken,
            Of([.. writes.Select(write => write.Root).Distinct()])).ConfigureAwait(false);
        return [.. writes.Where(write => roots.Contains(write.Root))];
    }

    /// <summary>Runs a statement beside the deliveries, and gives its number.</summary>
    private async Task<long> ChangeAsync(string sql, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        try
        {
            return await WriteAsync(
                batch =>
                {
                    batch.Add("SELECT bamboo_share()");
                    batch.Add(sql, parameters);
                },
                async reader =>
                {
                    await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                    await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                    return reader.GetInt64(0);
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException failure)
        {
            throw StoreErrors.Refused(PostgresFailure.Reason(failure), failure);
        }
    }

    private async Task<IDictionary<(long, string), long>> ReadSequencesAsync(
        IReadOnlyCollection<MachineWrite> writes, CancellationToken cancellationToken)
    {
        (long Root, string Machine)[] machines = [.. writes.Select(write => (write.Root, write.Machine)).Distinct()];
        IReadOnlyList<((long, string), long)> rows = await _reads.QueryAsync(
            """
            SELECT m.root, m.machine, m.sequence FROM bamboo_machines m JOIN unnest($1, $2) AS u (root, machine)
            ON m.root = u.root AND m.machine = u.machine
            """,
            row => ((row.GetInt64(0), PostgresReads.IdOf(row, 1)), row.GetInt64(2)),
            cancellationToken,
            Of(Array.ConvertAll(machines, machine => machine.Root)),
            Ids(machines.Select(machine => machine.Machine))).ConfigureAwait(false);
        return rows.ToDictionary(row => row.Item1, row => row.Item2);
    }

    /// <summary>Writes, and once more where the server chose this transaction to give way to another.</summary>
    private async Task<T> WriteAsync<T>(
        Action<NpgsqlBatch> fill, Func<NpgsqlDataReader, Task<T>> read, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await _database.WriteAsync(fill, read, cancellationToken).ConfigureAwait(false);
            }
            catch (PostgresException failure) when (PostgresFailure.GivesWay(failure) && attempt < AttemptsMax)
            {
                // Nothing was written.
            }
            catch (PostgresException failure) when (failure.SqlState == PostgresFailure.OwnedAlone)
            {
                throw StoreErrors.InUse(_database.Name, failure);
            }
        }
    }

    /// <summary>A session that shares the database; null where an embedded engine owns it.</summary>
    private async Task<NpgsqlConnection?> ConnectAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection session = await _database.ConnectAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (await PostgresDatabase.TryOwnAsync(session, alone: false, cancellationToken).ConfigureAwait(false))
            {
                return session;
            }
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        await session.DisposeAsync().ConfigureAwait(false);
        return null;
    }

    /// <summary>
    /// Keeps embedded engines out between two writes: holds a session that shares the database, and another one when it ends.
    /// </summary>
    private async Task StayPresentAsync(NpgsqlConnection first)
    {
        NpgsqlConnection? session = first;
        TimeSpan wait = TimeSpan.FromMilliseconds(50);
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                session ??= await ConnectAsync(_closing.Token).ConfigureAwait(false);
                if (session is not null)
                {
                    wait = TimeSpan.FromMilliseconds(50);
                    await session.WaitAsync(_closing.Token).ConfigureAwait(false);
                    continue;
                }
            }
            catch (Exception failure) when (failure is OperationCanceledException or StoreUnavailableException || PostgresFailure.IsOfDatabase(failure))
            {
                if (session is not null && !_closing.IsCancellationRequested)
                {
                    await session.DisposeAsync().ConfigureAwait(false);
                    session = null;
                }
            }

            await Task.Delay(wait, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            wait = wait < TimeSpan.FromSeconds(10) ? wait * 2 : wait;
        }

        if (session is not null)
        {
            await PostgresDatabase.EndAsync(session).ConfigureAwait(false);
        }
    }
}
