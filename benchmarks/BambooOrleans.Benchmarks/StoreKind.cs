using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;

namespace BambooOrleans.Benchmarks;

/// <summary>What an engine can be measured with.</summary>
internal enum StoreKind
{
    /// <summary>SQLite; a commit waits until the disk has it.</summary>
    Sqlite,

    /// <summary>SQLite; a commit survives the process, but not the machine.</summary>
    SqliteNormal,

    /// <summary>PostgreSQL, a server of its own on this machine; a commit waits until the server's disk has it.</summary>
    Postgres,

    /// <summary>Nothing is kept: what is left is the engine's own cost.</summary>
    Memory,
}

/// <summary>The names of the stores, and how each is made.</summary>
internal static class StoreKinds
{
    private static readonly (string Name, StoreKind Kind)[] All =
    [
        ("sqlite", StoreKind.Sqlite), ("sqlite-normal", StoreKind.SqliteNormal), ("postgres", StoreKind.Postgres), ("memory", StoreKind.Memory),
    ];

    public static IEnumerable<string> Names => All.Select(entry => entry.Name);

    public static StoreKind? Find(string name) =>
        All.Where(entry => entry.Name == name).Select(entry => (StoreKind?)entry.Kind).FirstOrDefault();

    public static string NameOf(StoreKind kind) => All.First(entry => entry.Kind == kind).Name;

    /// <summary>Has something done with an empty store.</summary>
    /// <param name="kind">Which.</param>
    /// <param name="measure">What is done; it disposes the store.</param>
    public static async Task<T> WithStoreAsync<T>(StoreKind kind, Func<IEngineStore, Task<T>> measure)
    {
        switch (kind)
        {
            case StoreKind.Memory:
                return await measure(new MemoryStore()).ConfigureAwait(false);
            case StoreKind.Postgres:
                PrivatePostgres server = await PrivatePostgres.SharedAsync().ConfigureAwait(false);
                string database = await server.CreateDatabaseAsync().ConfigureAwait(false);
                try
                {
                    return await measure(new PostgresStore(new PostgresStoreOptions { ConnectionString = database })).ConfigureAwait(false);
                }
                finally
                {
                    await server.DropDatabaseAsync(database).ConfigureAwait(false);
                }

            default:
                DirectoryInfo directory = Directory.CreateTempSubdirectory("bamboo-benchmark-");
                try
                {
                    return await measure(new SqliteStore(new SqliteStoreOptions
                    {
                        Path = Path.Combine(directory.FullName, "bamboo.db"),
                        Synchronous = kind == StoreKind.Sqlite ? SqliteSynchronous.Full : SqliteSynchronous.Normal,
                    })).ConfigureAwait(false);
                }
                finally
                {
                    directory.Delete(recursive: true);
                }
        }
    }
}
