using BambooOrleans.Storage;

namespace BambooOrleans.Embedded.Tests.Support;

/// <summary>A store that a test can hold, fail and count; what it is given goes on to another.</summary>
internal sealed class ProbedStore(IEngineStore inner) : IEngineStore
{
    private int _loads;
    private int _commits;
    private int _journalReads;

    /// <summary>Asked before each commit, with its number from 1, whether it goes through; it holds the commit by not returning.</summary>
    public Func<int, CommitBatch, Task<bool>> OnCommit { get; set; } = (_, _) => Task.FromResult(true);

    /// <summary>Asked before each load: it throws to make that fail.</summary>
    public Action<string> OnLoad { get; set; } = _ => { };

    /// <summary>Asked before the store is opened again after a failure: it throws to make that fail.</summary>
    public Action OnReopen { get; set; } = () => { };

    public int Loads => _loads;

    public int Commits => _commits;

    public Task<StoreOpening> OpenAsync(CancellationToken cancellationToken) => inner.OpenAsync(cancellationToken);

    public Task<StoreOpening> ReopenAsync(CancellationToken cancellationToken)
    {
        OnReopen();
        return inner.ReopenAsync(cancellationToken);
    }

    public async Task CommitAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        if (!await OnCommit(Interlocked.Increment(ref _commits), batch))
        {
            throw new StoreUnavailableException("store.outcome-unknown", "the process is dead");
        }

        await inner.CommitAsync(batch, cancellationToken);
    }

    public Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _loads);
        OnLoad(rootId);
        return inner.LoadAsync(rootId, cancellationToken);
    }

    public Task<string?> FindRootAsync(string id, CancellationToken cancellationToken) => inner.FindRootAsync(id, cancellationToken);

    public Task<IReadOnlyList<string>> FindClaimedAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        inner.FindClaimedAsync(ids, cancellationToken);

    public Task<IReadOnlyList<string>> ReadUnfinishedAsync(CancellationToken cancellationToken) => inner.ReadUnfinishedAsync(cancellationToken);

    public Task<IReadOnlyList<ArchivedRoot>> ReadArchivedAsync(
        DateTimeOffset before, ArchivedRoot? after, int limit, CancellationToken cancellationToken) =>
        inner.ReadArchivedAsync(before, after, limit, cancellationToken);

    /// <summary>Asked before rows of removed pipelines are deleted: it throws to make that fail.</summary>
    public Action OnRemoveRows { get; set; } = () => { };

    public Task<int> RemoveRowsAsync(int rowsMax, CancellationToken cancellationToken)
    {
        OnRemoveRows();
        return inner.RemoveRowsAsync(rowsMax, cancellationToken);
    }

    /// <summary>What becomes of an export.</summary>
    public Func<PipelineExport, PipelineExport> OnExport { get; set; } = export => export;

    public async Task<PipelineExport?> ExportAsync(string rootId, CancellationToken cancellationToken) =>
        await inner.ExportAsync(rootId, cancellationToken) is { } export ? OnExport(export) : null;

    public Task<StoredTree?> ReadTreeAsync(string rootId, CancellationToken cancellationToken) => inner.ReadTreeAsync(rootId, cancellationToken);

    public Task<long?> FindSecretRootAsync(string rootId, CancellationToken cancellationToken) =>
        inner.FindSecretRootAsync(rootId, cancellationToken);

    public Task<IReadOnlyList<PipelineRow>> ListAsync(
        PipelineFilter filter, PipelinePosition? after, int limit, CancellationToken cancellationToken) =>
        inner.ListAsync(filter, after, limit, cancellationToken);

    public Task<IReadOnlyDictionary<string, long>> CountAsync(PipelineFilter filter, CancellationToken cancellationToken) =>
        inner.CountAsync(filter, cancellationToken);

    public Task<long> ReadJournalEndAsync(CancellationToken cancellationToken) => inner.ReadJournalEndAsync(cancellationToken);

    public Task<IReadOnlyList<HistoryRow>> ReadHistoriesAsync(string rootId, string nodeId, int? loop, CancellationToken cancellationToken) =>
        inner.ReadHistoriesAsync(rootId, nodeId, loop, cancellationToken);

    /// <summary>Asked before the journal is read: it throws to make that fail.</summary>
    public Action OnReadJournal { get; set; } = () => { };

    public int JournalReads => _journalReads;

    public Task<IReadOnlyList<JournalRow>> ReadJournalAsync(long from, string? rootId, int limit, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _journalReads);
        OnReadJournal();
        return inner.ReadJournalAsync(from, rootId, limit, cancellationToken);
    }

    public Task<IReadOnlyList<TableStatistics>> ReadStatisticsAsync(CancellationToken cancellationToken) => inner.ReadStatisticsAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
