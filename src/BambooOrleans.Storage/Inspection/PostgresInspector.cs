using Npgsql;

namespace BambooOrleans.Storage;

/// <summary>Looks at a PostgreSQL database, also while an engine or a cluster uses it.</summary>
public sealed class PostgresInspector : IStoreInspector
{
    private readonly PostgresDatabase _database;
    private readonly PostgresReads _reads;

    private PostgresInspector(PostgresDatabase database)
    {
        _database = database;
        _reads = new PostgresReads(database);
    }

    /// <summary>The version of the server, such as 150006 for 15.6.</summary>
    public required int ServerVersion { get; init; }

    /// <summary>The same as the server writes it.</summary>
    public required string ServerVersionText { get; init; }

    /// <summary>The setting <c>synchronous_commit</c> as the engine's sessions have it.</summary>
    public required string SynchronousCommit { get; init; }

    /// <summary>The setting <c>fsync</c> of the server.</summary>
    public required bool SyncsToDisk { get; init; }

    /// <summary>How many connections the server takes from ordinary users.</summary>
    public required int ConnectionsMax { get; init; }

    /// <summary>How many it has now.</summary>
    public required int Connections { get; init; }

    /// <summary>How many connections one engine opens at the most.</summary>
    public required int PoolSizeMax { get; init; }

    /// <summary>How far the server's clock is ahead of this machine's.</summary>
    public required TimeSpan ClockAhead { get; init; }

    /// <summary>The engine's scripts that the database does not have.</summary>
    public required IReadOnlyList<string> MissingScripts { get; init; }

    /// <summary>Scripts of the engine that the database has and this program does not know.</summary>
    public required IReadOnlyList<string> UnknownScripts { get; init; }

    /// <summary>Who owns it now: a line for each session that has the lease.</summary>
    public required IReadOnlyList<string> Owners { get; init; }

    /// <summary>Opens a database.</summary>
    /// <param name="connectionString">The database; see <see cref="PostgresConnectionString"/>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="StoreUnavailableException">It cannot be used (code <c>store.unavailable</c>).</exception>
    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public static async Task<PostgresInspector> OpenAsync(string connectionString, CancellationToken cancellationToken = default)
    {
        var database = new PostgresDatabase(connectionString);
        try
        {
            NpgsqlConnection session = await database.ConnectAsync(cancellationToken).ConfigureAwait(false);
            await using (session.ConfigureAwait(false))
            {
                await ReadAsync(session, "SET default_transaction_read_only = on", cancellationToken).ConfigureAwait(false);
                object[] server = (await ReadAsync(
                    session,
                    """
                    SELECT current_setting('server_version_num')::int, current_setting('server_version'), current_setting('synchronous_commit'),
                           current_setting('fsync') = 'on',
                           current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,
                           (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend'),
                           clock_timestamp(), to_regclass('bamboo_schema') IS NOT NULL
                    """,
                    cancellationToken).ConfigureAwait(false))[0];
                DateTime now = DateTime.UtcNow;
                string[] applied = (bool)server[7]
                    ? [.. (await ReadAsync(session, $"SELECT script FROM bamboo_schema WHERE set = '{PostgresMigrations.EngineSet}'", cancellationToken)
                        .ConfigureAwait(false)).Select(row => (string)row[0])]
                    : [];
                string[] known = [.. PostgresMigrations.EngineScripts.Select(script => script.Name)];
                IReadOnlyList<object[]> owners = await ReadAsync(
                    session,
                    """
                    SELECT DISTINCT a.pid, coalesce(a.application_name, ''), coalesce(a.client_addr::text, 'this machine'), a.backend_start
                    FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                    WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 1114464847 AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                    ORDER BY a.pid
                    """,
                    cancellationToken).ConfigureAwait(false);
                return new PostgresInspector(database)
                {
                    ServerVersion = (int)server[0],
                    ServerVersionText = (string)server[1],
                    SynchronousCommit = (string)server[2],
                    SyncsToDisk = (bool)server[3],
                    ConnectionsMax = (int)server[4],
                    Connections = (int)server[5],
                    ClockAhead = (DateTime)server[6] - now,
                    PoolSizeMax = new NpgsqlConnectionStringBuilder(PostgresConnectionString.Parse(connectionString)).MaxPoolSize,
                    MissingScripts = [.. known.Except(applied, StringComparer.Ordinal)],
                    UnknownScripts = [.. applied.Except(known, StringComparer.Ordinal).Order(StringComparer.Ordinal)],
                    Owners = [.. owners.Select(row => $"{row[1]} at {row[2]}, session {row[0]} since {ApiTime.Text(new DateTimeOffset((DateTime)row[3], TimeSpan.Zero))}")],
                };
            }
        }
        catch (Exception failure)
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw PostgresFailure.IsOfDatabase(failure) ? StoreErrors.Unavailable(database.Name, PostgresFailure.Reason(failure), failure) : failure;
        }
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReadUnfinishedAsync(CancellationToken cancellationToken) => _reads.ReadUnfinishedAsync(cancellationToken);

    /// <inheritdoc/>
    public Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken) => _reads.LoadAsync(rootId, cancellationToken);

    /// <inheritdoc/>
    public async Task<DateTimeOffset?> ReadNewestAsync(CancellationToken cancellationToken) => await _database.ReadAsync(
        async (connection, token) => (await ReadAsync(connection, "SELECT created FROM bamboo_pipelines ORDER BY root DESC LIMIT 1", token).ConfigureAwait(false))
            .Select(row => (DateTimeOffset?)new DateTimeOffset((DateTime)row[0], TimeSpan.Zero)).FirstOrDefault(),
        cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static async Task<IReadOnlyList<object[]>> ReadAsync(NpgsqlConnection session, string sql, CancellationToken cancellationToken)
    {
        List<object[]> rows = [];
        NpgsqlCommand command = new(sql, session);
        await using (command.ConfigureAwait(false))
        {
            NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    object[] row = new object[reader.FieldCount];
                    reader.GetValues(row);
                    rows.Add(row);
                }
            }
        }

        return rows;
    }
}
