using BambooOrleans.Storage;

namespace BambooOrleans.Cli;

/// <summary>
/// A store in which an engine finds no work to go on with: for commands that only show, which then commit nothing, and for
/// those that change one pipeline without having anything run.
/// </summary>
internal sealed class IdleStore(IEngineStore store, bool takesCommits) : IEngineStore
{
    public Task<StoreOpening> OpenAsync(CancellationToken cancellationToken) => store.OpenAsync(cancellationToken);

    public Task<StoreOpening> ReopenAsync(CancellationToken cancellationToken) => store.ReopenAsync(cancellationToken);

    public Task CommitAsync(CommitBatch batch, CancellationToken cancellationToken) => takesCommits
        ? store.CommitAsync(batch, cancellationToken)
        : throw new StoreUnavailableException("store.refused", "this command only reads");

    public Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken) =>
        store.LoadAsync(rootId, cancellationToken);

    public Task<string?> FindRootAsync(string id, CancellationToken cancellationToken) =>
        store.FindRootAsync(id, cancellationToken);

    public Task<IReadOnlyList<string>> FindClaimedAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        store.FindClaimedAsync(ids, cancellationToken);

    public Task<IReadOnlyList<string>> ReadUnfinishedAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<string>>([]);

    public Task<IReadOnlyList<ArchivedRoot>> ReadArchivedAsync(
        DateTimeOffset before, ArchivedRoot? after, int limit, CancellationToken cancellationToken) =>
        store.ReadArchivedAsync(before, after, limit, cancellationToken);

    public Task<int> RemoveRowsAsync(int rowsMax, CancellationToken cancellationToken) =>
        takesCommits ? store.RemoveRowsAsync(rowsMax, cancellationToken) : Task.FromResult(0);

    public Task<PipelineExport?> ExportAsync(string rootId, CancellationToken cancellationToken) =>
        store.ExportAsync(rootId, cancellationToken);

    public Task<StoredTree?> ReadTreeAsync(string rootId, CancellationToken cancellationToken) =>
        store.ReadTreeAsync(rootId, cancellationToken);

    public Task<long?> FindSecretRootAsync(string rootId, CancellationToken cancellationToken) =>
        store.FindSecretRootAsync(rootId, cancellationToken);

    public Task<IReadOnlyList<PipelineRow>> ListAsync(
        PipelineFilter filter, PipelinePosition? after, int limit, CancellationToken cancellationToken) =>
        store.ListAsync(filter, after, limit, cancellationToken);

    public Task<IReadOnlyDictionary<string, long>> CountAsync(PipelineFilter filter, CancellationToken cancellationToken) =>
        store.CountAsync(filter, cancellationToken);

    public Task<long> ReadJournalEndAsync(CancellationToken cancellationToken) =>
        store.ReadJournalEndAsync(cancellationToken);

    public Task<IReadOnlyList<HistoryRow>> ReadHistoriesAsync(
        string rootId, string nodeId, int? loop, CancellationToken cancellationToken) =>
        store.ReadHistoriesAsync(rootId, nodeId, loop, cancellationToken);

    public Task<IReadOnlyList<JournalRow>> ReadJournalAsync(
        long from, string? rootId, int limit, CancellationToken cancellationToken) =>
        store.ReadJournalAsync(from, rootId, limit, cancellationToken);

    public Task<IReadOnlyList<TableStatistics>> ReadStatisticsAsync(CancellationToken cancellationToken) =>
        store.ReadStatisticsAsync(cancellationToken);

    public ValueTask DisposeAsync() => store.DisposeAsync();
}
