using System.Collections.Concurrent;
using System.Globalization;

namespace BambooOrleans.Storage;

/// <summary>
/// A store in one SQLite database file. It needs nothing to be installed and survives the death of process and machine;
/// one engine at a time owns the file, while other programs may read it.
/// </summary>
/// <remarks>
/// SQLite knows no asynchronous IO. A commit runs on its caller's thread and returns a completed task: the engine has a
/// thread for it. Reads run on their callers' threads too, beside the commit and without waiting for it; a read is only
/// asynchronous where more than <see cref="SqliteStoreOptions.ReadConnections"/> of them run at once. A cancellation
/// token stops what has not begun. A store is opened once: after a close, make another.
/// </remarks>
public sealed class SqliteStore : IEngineStore
{
    /// <summary>
    /// The log goes on to 64 MiB, sixteen times SQLite's own measure, before its pages move to the database file: a page
    /// that was written again and again in between moves once. For updates all over a table that measured several times
    /// the rate. The price is the size of the log, and some tens of milliseconds to read it when an engine died.
    /// </summary>
    private const int CheckpointPages = 16_000;

    /// <summary>To how much the log file is cut back after a burst; more than it has at each checkpoint, so that it is overwritten in place.</summary>
    private const int LogBytesMax = 128 * 1024 * 1024;

    private readonly SqliteStoreOptions _options;
    private readonly string _path;
    private readonly SemaphoreSlim _readSlots;
    private readonly ConcurrentStack<SqliteReader> _idleReaders = new();
    private readonly Lock _writing = new();
    private SqliteLock? _ownership;
    private SqliteWriter? _writer;
    private int _committing;
    private volatile bool _closed;

    /// <summary>A store over the file that <paramref name="options"/> name; nothing is touched before <see cref="OpenAsync"/>.</summary>
    /// <param name="options">Where and how.</param>
    public SqliteStore(SqliteStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrWhiteSpace(options.Path);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.ReadConnections, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(options.PageCacheBytes);
        _options = options;
        _path = Path.GetFullPath(options.Path);
        _readSlots = new SemaphoreSlim(options.ReadConnections, options.ReadConnections);
    }

    /// <summary>The connection that commits, for tests.</summary>
    internal SqliteDatabase? WriterDatabase => _writer?.Database;

    /// <inheritdoc/>
    public Task<StoreOpening> OpenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            if (_writer is not null || _closed)
            {
                throw StoreErrors.NotOpened();
            }

            try
            {
                Directory.CreateDirectory(Path.GetDirectoryName(_path)!);

                // Two names of one file are one store, with one lock.
                FileInfo named = new(_path);
                string file = named.LinkTarget is null ? _path : named.ResolveLinkTarget(returnFinalTarget: true)!.FullName;
                _ownership = SqliteLock.Take(file);
                _writer = OpenWriter(file);
                return Task.FromResult(_writer.Opening());
            }
            catch (Exception failure)
            {
                _writer?.Dispose();
                _writer = null;
                _ownership?.Dispose();
                _ownership = null;
                if (failure is SqliteFailure or IOException or UnauthorizedAccessException)
                {
                    throw StoreErrors.Unavailable(_path, failure.Message, failure);
                }

                throw;
            }
        }
    }

    /// <inheritdoc/>
    public Task<StoreOpening> ReopenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_writing)
        {
            try
            {
                return Task.FromResult((_writer ?? throw StoreErrors.NotOpened()).Opening());
            }
            catch (SqliteFailure failure)
            {
                throw StoreErrors.Unavailable(_path, failure.Message, failure);
            }
        }
    }

    /// <inheritdoc/>
    public Task CommitAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Write(
            writer =>
            {
                if (!batch.IsEmpty)
                {
                    writer.Commit(batch);
                }

                return 0;
            },
            cancellationToken);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<int> RemoveRowsAsync(int rowsMax, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsMax, 1);
        return Task.FromResult(Write(writer => writer.RemoveRows(rowsMax), cancellationToken));
    }

    /// <inheritdoc/>
    public Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken) =>
        Read(reader => StoredText.IsStorable(rootId) ? reader.Load(rootId) : null, cancellationToken);

    /// <inheritdoc/>
    public Task<string?> FindRootAsync(string id, CancellationToken cancellationToken) =>
        Read(reader => StoredText.IsStorable(id) ? reader.FindRoot(id) : null, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> FindClaimedAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        Read(reader => reader.FindClaimed(ids), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> ReadUnfinishedAsync(CancellationToken cancellationToken) =>
        Read(reader => reader.ReadUnfinished(), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<ArchivedRoot>> ReadArchivedAsync(
        DateTimeOffset before, ArchivedRoot? after, int limit, CancellationToken cancellationToken) =>
        Read(reader => reader.ReadArchived(before, after, limit), cancellationToken);

    /// <inheritdoc/>
    public Task<PipelineExport?> ExportAsync(string rootId, CancellationToken cancellationToken) =>
        Read(reader => StoredText.IsStorable(rootId) ? reader.Export(rootId) : null, cancellationToken);

    /// <inheritdoc/>
    public Task<StoredTree?> ReadTreeAsync(string rootId, CancellationToken cancellationToken) =>
        Read(reader => StoredText.IsStorable(rootId) ? reader.ReadTree(rootId) : null, cancellationToken);

    /// <inheritdoc/>
    public Task<long?> FindSecretRootAsync(string rootId, CancellationToken cancellationToken) =>
        Read(reader => StoredText.IsStorable(rootId) ? reader.FindSecretRoot(rootId) : null, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<PipelineRow>> ListAsync(
        PipelineFilter filter, PipelinePosition? after, int limit, CancellationToken cancellationToken) =>
        Read(reader => reader.List(filter, after, limit), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyDictionary<string, long>> CountAsync(PipelineFilter filter, CancellationToken cancellationToken) =>
        Read(reader => reader.Count(filter), cancellationToken);

    /// <inheritdoc/>
    public Task<long> ReadJournalEndAsync(CancellationToken cancellationToken) => Read(reader => reader.ReadJournalEnd(), cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<HistoryRow>> ReadHistoriesAsync(
        string rootId, string nodeId, int? loop, CancellationToken cancellationToken) =>
        Read(
            reader => StoredText.IsStorable(rootId) && StoredText.IsStorable(nodeId) ? reader.ReadHistories(rootId, nodeId, loop) : [],
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<JournalRow>> ReadJournalAsync(
        long from, string? rootId, int limit, CancellationToken cancellationToken) =>
        Read(
            reader => rootId is null ? reader.ReadJournal(from, limit)
                : StoredText.IsStorable(rootId) ? reader.ReadJournal(from, rootId, limit)
                : [],
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<TableStatistics>> ReadStatisticsAsync(CancellationToken cancellationToken) =>
        Read(reader => reader.ReadStatistics(), cancellationToken);

    /// <summary>Waits for what runs, closes the file and gives up ownership. Closing twice does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_writing)
        {
            if (_closed)
            {
                return;
            }

            _closed = true;
        }

        for (int slot = 0; slot < _options.ReadConnections; slot++)
        {
            await _readSlots.WaitAsync().ConfigureAwait(false);
        }

        while (_idleReaders.TryPop(out SqliteReader? reader))
        {
            reader.Dispose();
        }

        // Reads that waited for a slot find the store closed.
        _readSlots.Release(_options.ReadConnections);

        lock (_writing)
        {
            _writer?.Dispose(); // the last connection folds the log into the database
            _writer = null;
            _ownership?.Dispose();
            _ownership = null;
        }
    }

    private SqliteWriter OpenWriter(string file)
    {
        SqliteDatabase database = new(file);
        try
        {
            // First of all, because it changes nothing in a file that is not ours.
            SqliteSchema.RequireStoreOrEmpty(database, _path);
            if (database.QueryText("PRAGMA journal_mode = WAL") != "wal")
            {
                throw StoreErrors.Unavailable(_path, "its file system does not carry SQLite's write-ahead log");
            }

            database.Execute(_options.Synchronous == SqliteSynchronous.Full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
            database.Execute(Pragma("cache_size", -_options.PageCacheBytes / 1024));
            database.Execute(Pragma("wal_autocheckpoint", CheckpointPages));
            database.Execute(Pragma("journal_size_limit", LogBytesMax));
            SqliteSchema.Migrate(database, _path, SqliteSchema.Migrations);
            database.Execute("PRAGMA foreign_keys = ON");
            return new SqliteWriter(database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private SqliteReader OpenReader()
    {
        SqliteDatabase database = new(_path);
        try
        {
            database.Execute(Pragma("cache_size", -_options.PageCacheBytes / 4 / 1024));
            database.Execute("PRAGMA query_only = ON");
            return new SqliteReader(database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    private static string Pragma(string name, long value) =>
        string.Create(CultureInfo.InvariantCulture, $"PRAGMA {name} = {value}");

    private int Write(Func<SqliteWriter, int> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref _committing, 1) != 0)
        {
            throw StoreErrors.Overlapping();
        }

        try
        {
            lock (_writing) // keeps a close out of a commit
            {
                return write(_writer ?? throw StoreErrors.NotOpened());
            }
        }
        finally
        {
            Volatile.Write(ref _committing, 0);
        }
    }

    private async Task<T> Read<T>(Func<SqliteReader, T> read, CancellationToken cancellationToken)
    {
        await _readSlots.WaitAsync(cancellationToken).ConfigureAwait(false);
        SqliteReader? reader = null;
        try
        {
            if (_writer is null || _closed)
            {
                throw StoreErrors.NotOpened();
            }

            if (!_idleReaders.TryPop(out reader))
            {
                reader = OpenReader();
            }

            return read(reader);
        }
        catch (SqliteFailure failure)
        {
            // The next read gets a fresh connection rather than one in an unknown state.
            reader?.Dispose();
            reader = null;
            throw StoreErrors.Unavailable(_path, failure.Message, failure);
        }
        finally
        {
            if (reader is not null)
            {
                _idleReaders.Push(reader);
            }

            _readSlots.Release();
        }
    }
}
