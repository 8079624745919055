namespace BambooOrleans.Storage;

/// <summary>Where a <see cref="PostgresStore"/> keeps its data, and how patient it is.</summary>
public sealed class PostgresStoreOptions
{
    /// <summary>The database; see <see cref="PostgresConnectionString"/>. Its tables are made where they are missing.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>How long <see cref="PostgresStore.ReopenAsync"/> tries to reach a server that is away before it says so. 5 s.</summary>
    public TimeSpan ReconnectTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
