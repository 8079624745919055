namespace BambooOrleans.Storage;

/// <summary>Where and how a <see cref="SqliteStore"/> keeps its data.</summary>
public sealed class SqliteStoreOptions
{
    /// <summary>The database file. It and its directory are created where they are missing.</summary>
    public required string Path { get; init; }

    /// <summary>What a commit survives. <see cref="SqliteSynchronous.Full"/> unless said otherwise.</summary>
    public SqliteSynchronous Synchronous { get; init; } = SqliteSynchronous.Full;

    /// <summary>How much of the database the writer keeps in memory, in bytes; each reader keeps a quarter of it. 64 MiB.</summary>
    public long PageCacheBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>How many reads can run at once; more of them wait. 4.</summary>
    public int ReadConnections { get; init; } = 4;
}
