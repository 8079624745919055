using Npgsql;
using NpgsqlTypes;

namespace BambooOrleans.Storage;

/// <summary>A script that changes a schema. Once released it never changes.</summary>
/// <param name="Name">Its name within its set; scripts are applied in the order in which they are given.</param>
/// <param name="Text">Its statements, without transaction control: all scripts of one application share a transaction.</param>
public sealed record MigrationScript(string Name, string Text);

/// <summary>
/// Brings a PostgreSQL database to the last version of a set of scripts. The table <c>bamboo_schema</c> has which scripts
/// were applied; several sets can share a database.
/// </summary>
public static class PostgresMigrations
{
    /// <summary>The name of the engine's own set.</summary>
    public const string EngineSet = "engine";

    private const string ResourcePrefix = "postgresql/engine/";

    /// <summary>The engine's own scripts.</summary>
    public static IReadOnlyList<MigrationScript> EngineScripts { get; } = ReadResources();

    /// <summary>
    /// Applies those scripts of a set that were not applied before, all of them or none. Programs that do so at the same
    /// time take turns. A database that has them all is only read, so that a role without the right to create tables will do.
    /// </summary>
    /// <param name="connectionString">The database; see <see cref="PostgresConnectionString"/>.</param>
    /// <param name="set">The set's name.</param>
    /// <param name="scripts">The scripts, in order.</param>
    /// <param name="cancellationToken">Stops it; nothing is applied then.</param>
    /// <returns>The names of the scripts that were applied now.</returns>
    /// <exception cref="StoreUnavailableException">
    /// The database has a script of the set that is not among these (code <c>store.newer-schema</c>), or cannot be used, or a script failed
    /// (<c>store.unavailable</c>).
    /// </exception>
    public static async Task<IReadOnlyList<string>> ApplyAsync(
        string connectionString, string set, IReadOnlyList<MigrationScript> scripts, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(set);
        ArgumentNullException.ThrowIfNull(scripts);
        string parsed = PostgresConnectionString.Parse(connectionString);
        string name = PostgresConnectionString.Describe(parsed);
        try
        {
            NpgsqlConnectionStringBuilder own = new(parsed) { Pooling = false };
            NpgsqlConnection connection = new(own.ConnectionString);
            await using (connection.ConfigureAwait(false))
            {
                await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
                return await ApplyAsync(connection, name, set, scripts, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception failure) when (PostgresFailure.IsOfDatabase(failure))
        {
            throw StoreErrors.Unavailable(name, PostgresFailure.Reason(failure), failure);
        }
    }

    /// <summary>
    /// Which scripts of a set a database does not have; reads only. Scripts of a newer program are passed over: a silo goes on
    /// while the next version is being rolled out.
    /// </summary>
    /// <param name="connectionString">The database; see <see cref="PostgresConnectionString"/>.</param>
    /// <param name="set">The set's name.</param>
    /// <param name="scripts">The scripts, in order.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The names of the scripts that are missing.</returns>
    /// <exception cref="StoreUnavailableException">The database cannot be used (code <c>store.unavailable</c>).</exception>
    public static async Task<IReadOnlyList<string>> FindMissingAsync(
        string connectionString, string set, IReadOnlyList<MigrationScript> scripts, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(set);
        ArgumentNullException.ThrowIfNull(scripts);
        string parsed = PostgresConnectionString.Parse(connectionString);
        try
        {
            NpgsqlConnection connection = new(parsed);
            await using (connection.ConfigureAwait(false))
            {
                await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
                HashSet<string> applied = await ReadAppliedAsync(connection, set, cancellationToken).ConfigureAwait(false);
                return [.. scripts.Select(script => script.Name).Where(name => !applied.Contains(name))];
            }
        }
        catch (Exception failure) when (PostgresFailure.IsOfDatabase(failure))
        {
            throw StoreErrors.Unavailable(PostgresConnectionString.Describe(parsed), PostgresFailure.Reason(failure), failure);
        }
    }

    internal static async Task<IReadOnlyList<string>> ApplyAsync(
        NpgsqlConnection connection, string database, string set, IReadOnlyList<MigrationScript> scripts, CancellationToken cancellationToken)
    {
        if (await FindMissingAsync(connection, database, set, scripts, cancellationToken).ConfigureAwait(false) is { Count: 0 })
        {
            return [];
        }

        NpgsqlTransaction transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await using (transaction.ConfigureAwait(false))
        {
            await ExecuteAsync(
                connection,
                "SELECT pg_advisory_xact_lock(1114464845, hashtext(current_schema()))",
                cancellationToken).ConfigureAwait(false);
            await ExecuteAsync(
                connection,
                """
                CREATE TABLE IF NOT EXISTS bamboo_schema (
                    set text NOT NULL, script text NOT NULL, applied timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (set, script))
                """,
                cancellationToken).ConfigureAwait(false);
            List<MigrationScript> missing =
                await FindMissingAsync(connection, database, set, scripts, cancellationToken).ConfigureAwait(false);
            foreach (MigrationScript script in missing)
            {
                try
                {
                    await ExecuteAsync(connection, script.Text, cancellationToken).ConfigureAwait(false);
                }
                catch (PostgresException failure)
                {
                    throw StoreErrors.Unavailable(
                        database, $"the script {script.Name} of {set} failed: {PostgresFailure.Reason(failure)}", failure);
                }

                NpgsqlCommand record = new("INSERT INTO bamboo_schema (set, script) VALUES ($1, $2)", connection)
                {
                    Parameters = { new NpgsqlParameter<string> { TypedValue = set }, new NpgsqlParameter<string> { TypedValue = script.Name } },
                };
                await using (record.ConfigureAwait(false))
                {
                    await record.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
                }
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return [.. missing.Select(script => script.Name)];
        }
    }

    private static async Task<List<MigrationScript>> FindMissingAsync(
        NpgsqlConnection connection, string database, string set, IReadOnlyList<MigrationScript> scripts, CancellationToken cancellationToken)
    {
        HashSet<string> applied = await ReadAppliedAsync(connection, set, cancellationToken).ConfigureAwait(false);
        string[] unknown = [.. applied.Except(scripts.Select(script => script.Name), StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return unknown.Length == 0
            ? [.. scripts.Where(script => !applied.Contains(script.Name))]
            : throw new StoreUnavailableException(
                "store.newer-schema",
                $"{database} has the schema script {unknown[0]} of {set}, which this program does not know: it was written by a newer one");
    }

    private static async Task<HashSet<string>> ReadAppliedAsync(NpgsqlConnection connection, string set, CancellationToken cancellationToken)
    {
        HashSet<string> applied = new(StringComparer.Ordinal);
        if (await IsThereAsync(connection, cancellationToken).ConfigureAwait(false))
        {
            NpgsqlCommand query = new("SELECT script FROM bamboo_schema WHERE set = $1", connection)
            {
                Parameters = { new NpgsqlParameter<string> { TypedValue = set, NpgsqlDbType = NpgsqlDbType.Text } },
            };
            await using (query.ConfigureAwait(false))
            {
                NpgsqlDataReader reader = await query.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                await using (reader.ConfigureAwait(false))
                {
                    while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                    {
                        applied.Add(reader.GetString(0));
                    }
                }
            }
        }

        return applied;
    }

    private static async Task<bool> IsThereAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        NpgsqlCommand query = new("SELECT to_regclass('bamboo_schema') IS NOT NULL", connection);
        await using (query.ConfigureAwait(false))
        {
            return (bool)(await query.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        NpgsqlCommand command = new(sql, connection);
        await using (command.ConfigureAwait(false))
        {
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private static List<MigrationScript> ReadResources()
    {
        List<MigrationScript> scripts = [];
        foreach (string resource in typeof(PostgresMigrations).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using StreamReader reader = new(typeof(PostgresMigrations).Assembly.GetManifestResourceStream(resource)!);
            scripts.Add(new MigrationScript(resource[ResourcePrefix.Length..^".sql".Length], reader.ReadToEnd()));
        }

        return scripts;
    }
}
