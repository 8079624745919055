using Npgsql;

namespace BambooOrleans.Storage;

/// <summary>A database, with pooled connections for what is short and a way to sessions of one's own.</summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    // Advisory locks belong to a database; the second key tells schemas apart. "BmbO", as in the header of a SQLite file.
    private const string LockKey = "1114464847, hashtext(current_schema())";

    private readonly NpgsqlDataSource _pool;
    private readonly NpgsqlDataSource _sessions;

    public PostgresDatabase(string connectionString)
    {
        string parsed = PostgresConnectionString.Parse(connectionString);
        Name = PostgresConnectionString.Describe(parsed);
        _pool = new NpgsqlDataSourceBuilder(parsed).Build();

        // Closing one ends its session, and frees what the session holds.
        _sessions = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(parsed) { Pooling = false }.ConnectionString).Build();
    }

    /// <summary>The database for messages.</summary>
    public string Name { get; }

    /// <summary>Opens a session of its own in a database that can hold a store.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        NpgsqlConnection connection = await _sessions.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            string unusable = await ScalarAsync<string>(
                connection,
                """
                SELECT CASE WHEN current_setting('server_encoding') <> 'UTF8' THEN 'its encoding is ' || current_setting('server_encoding') || ', not UTF8'
                            WHEN current_schema() IS NULL THEN 'the search_path of the role names no schema'
                            ELSE '' END
                """,
                cancellationToken).ConfigureAwait(false);
            return unusable.Length == 0 ? connection : throw StoreErrors.Unavailable(Name, unusable);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Has a session own the database, alone or with others that share it; false where somebody else is in the way.</summary>
    public static Task<bool> TryOwnAsync(NpgsqlConnection session, bool alone, CancellationToken cancellationToken) => ScalarAsync<bool>(
        session, $"SELECT pg_try_advisory_lock{(alone ? "" : "_shared")}({LockKey})", cancellationToken);

    /// <summary>Ends a session, and before that gives up what it owns: the server sees the end a moment later.</summary>
    public static async Task EndAsync(NpgsqlConnection session)
    {
        try
        {
            await using (session.ConfigureAwait(false))
            {
                if (session.FullState == System.Data.ConnectionState.Open)
                {
                    NpgsqlCommand command = new("SELECT pg_advisory_unlock_all()", session) { CommandTimeout = 5 };
                    await using (command.ConfigureAwait(false))
                    {
                        await command.ExecuteNonQueryAsync().ConfigureAwait(false);
                    }
                }
            }
        }
        catch (Exception failure) when (PostgresFailure.IsOfDatabase(failure))
        {
            // It is gone either way.
        }
    }

    /// <summary>Ends a session of ours that the server has not seen to be gone and that still owns the database.</summary>
    public static async Task EndOwnerAsync(
        NpgsqlConnection session, int processId, DateTime started, CancellationToken cancellationToken)
    {
        NpgsqlCommand command = new(
            """
            SELECT pg_terminate_backend(a.pid) FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.classid = 1114464847 AND a.pid = $1 AND a.backend_start = $2
            """,
            session)
        {
            Parameters =
            {
                new NpgsqlParameter<int> { TypedValue = processId }, new NpgsqlParameter<DateTime> { TypedValue = started },
            },
        };
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>When a session began, which with its process tells it from every other.</summary>
    public static Task<DateTime> StartOfAsync(NpgsqlConnection session, CancellationToken cancellationToken) => ScalarAsync<DateTime>(
        session, "SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()", cancellationToken);

    /// <summary>Uses a pooled connection; where it had died in the pool, another.</summary>
    /// <exception cref="StoreUnavailableException">The database is away (code <c>store.unavailable</c>).</exception>
    public async Task<T> ReadAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                NpgsqlConnection connection = await _pool.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    return await read(connection, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (Exception failure) when (PostgresFailure.IsOfDatabase(failure))
            {
                if (attempt == 1 && PostgresFailure.IsAway(failure))
                {
                    _pool.Clear();
                    continue;
                }

                throw StoreErrors.Unavailable(Name, PostgresFailure.Reason(failure), failure);
            }
        }
    }

    /// <summary>Runs a batch as one transaction, in one round trip.</summary>
    /// <exception cref="StoreUnavailableException">The database is away, or the outcome unknown.</exception>
    /// <exception cref="PostgresException">The server refused it; nothing was written.</exception>
    public async Task<T> WriteAsync<T>(
        Action<NpgsqlBatch> fill, Func<NpgsqlDataReader, Task<T>> read, CancellationToken cancellationToken)
    {
        NpgsqlConnection connection;
        try
        {
            connection = await _pool.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (PostgresFailure.IsOfDatabase(failure))
        {
            _pool.Clear();
            throw StoreErrors.Unavailable(Name, PostgresFailure.Reason(failure), failure);
        }

        await using (connection.ConfigureAwait(false))
        {
            NpgsqlBatch batch = new(connection);
            await using (batch.ConfigureAwait(false))
            {
                fill(batch);
                try
                {
                    T result;
                    NpgsqlDataReader reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                    await using (reader.ConfigureAwait(false))
                    {
                        result = await read(reader).ConfigureAwait(false);
                        while (await reader.NextResultAsync(cancellationToken).ConfigureAwait(false))
                        {
                            // To the end: an error of a later statement shows here.
                        }
                    }

                    return result;
                }
                catch (Exception failure) when (
                    PostgresFailure.IsOfDatabase(failure) && !PostgresFailure.IsRolledBack(failure, connection))
                {
                    _pool.Clear();
                    throw StoreErrors.OutcomeUnknown(PostgresFailure.Reason(failure), failure);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync().ConfigureAwait(false);
        await _sessions.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        NpgsqlCommand command = new(sql, connection);
        await using (command.ConfigureAwait(false))
        {
            return (T)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        }
    }
}
