namespace BambooOrleans.Storage;

/// <summary>Looks at a SQLite database file, also while an engine owns it.</summary>
public sealed class SqliteInspector : IStoreInspector
{
    private readonly SqliteDatabase _database;
    private readonly string _path;
    private SqliteReader? _reader;

    private SqliteInspector(SqliteDatabase database, string path, int schemaVersion)
    {
        _database = database;
        _path = path;
        SchemaVersion = schemaVersion;
    }

    /// <summary>The version of the schema that this program writes.</summary>
    public static int KnownSchemaVersion => SqliteSchema.Migrations.Count;

    /// <summary>The version of its schema; 0 where it is empty.</summary>
    public int SchemaVersion { get; }

    /// <summary>Whether an engine owns the database now.</summary>
    public bool IsOwned => SqliteLock.IsTaken(_path);

    /// <summary>The size of the database file, in bytes.</summary>
    public long DatabaseBytes => new FileInfo(_path).Length;

    /// <summary>The size of the write-ahead log, in bytes.</summary>
    public long LogBytes => new FileInfo(_path + "-wal") is { Exists: true } log ? log.Length : 0;

    /// <summary>Opens a file that must be there.</summary>
    /// <exception cref="StoreUnavailableException">It is no store (code <c>store.not-a-store</c>), or cannot be read (<c>store.unavailable</c>).</exception>
    public static SqliteInspector Open(string path)
    {
        string full = Path.GetFullPath(path);
        SqliteDatabase? database = null;
        try
        {
            full = new FileInfo(full).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? full;
            database = SqliteDatabase.OpenToRead(full);
            return new SqliteInspector(database, full, SqliteSchema.ReadVersion(database, full));
        }
        catch (Exception failure)
        {
            database?.Dispose();
            throw failure is SqliteFailure or IOException or UnauthorizedAccessException
                ? StoreErrors.Unavailable(full, failure.Message, failure)
                : failure;
        }
    }

    /// <summary>The first fault that SQLite finds in the file's pages; null where it finds none. It reads all of the file.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be read (code <c>store.unavailable</c>).</exception>
    public string? FindDamage() => Read(() => _database.QueryText("PRAGMA quick_check(1)") is { } found && found != "ok" ? found : null);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReadUnfinishedAsync(CancellationToken cancellationToken) => Task.FromResult(Read(() => Reader().ReadUnfinished()));

    /// <inheritdoc/>
    public Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken) => Task.FromResult(Read(() => Reader().Load(rootId)));

    /// <inheritdoc/>
    public Task<DateTimeOffset?> ReadNewestAsync(CancellationToken cancellationToken) =>
        Task.FromResult(Read(() => _database.QueryText("SELECT max(created) FROM pipelines") is { Length: > 0 } newest
            ? StoredTime.FromMicroseconds(long.Parse(newest, System.Globalization.CultureInfo.InvariantCulture))
            : (DateTimeOffset?)null));

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _database.Dispose();
        return ValueTask.CompletedTask;
    }

    private SqliteReader Reader() => _reader ??= new SqliteReader(_database);

    private T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SqliteFailure failure)
        {
            throw StoreErrors.Unavailable(_path, failure.Message, failure);
        }
    }
}
