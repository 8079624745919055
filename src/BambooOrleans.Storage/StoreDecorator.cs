namespace BambooOrleans.Storage;

/// <summary>A store before another one: what a derived class does not override goes on to that one.</summary>
/// <param name="store">The other one, which is disposed with this.</param>
public abstract class StoreDecorator(IEngineStore store) : IEngineStore
{
    /// <inheritdoc/>
    public virtual Task<StoreOpening> OpenAsync(CancellationToken cancellationToken) => store.OpenAsync(cancellationToken);

    /// <inheritdoc/>
    public virtual Task<StoreOpening> ReopenAsync(CancellationToken cancellationToken) => store.ReopenAsync(cancellationToken);

    /// <inheritdoc/>
    public virtual Task CommitAsync(CommitBatch batch, CancellationToken cancellationToken) => store.CommitAsync(batch, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken) =>
        store.LoadAsync(rootId, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<string?> FindRootAsync(string id, CancellationToken cancellationToken) => store.FindRootAsync(id, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<string>> FindClaimedAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        store.FindClaimedAsync(ids, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<string>> ReadUnfinishedAsync(CancellationToken cancellationToken) =>
        store.ReadUnfinishedAsync(cancellationToken);

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<ArchivedRoot>> ReadArchivedAsync(
        DateTimeOffset before, ArchivedRoot? after, int limit, CancellationToken cancellationToken) =>
        store.ReadArchivedAsync(before, after, limit, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<int> RemoveRowsAsync(int rowsMax, CancellationToken cancellationToken) =>
        store.RemoveRowsAsync(rowsMax, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<PipelineExport?> ExportAsync(string rootId, CancellationToken cancellationToken) =>
        store.ExportAsync(rootId, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<StoredTree?> ReadTreeAsync(string rootId, CancellationToken cancellationToken) =>
        store.ReadTreeAsync(rootId, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<long?> FindSecretRootAsync(string rootId, CancellationToken cancellationToken) =>
        store.FindSecretRootAsync(rootId, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<PipelineRow>> ListAsync(
        PipelineFilter filter, PipelinePosition? after, int limit, CancellationToken cancellationToken) =>
        store.ListAsync(filter, after, limit, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<IReadOnlyDictionary<string, long>> CountAsync(PipelineFilter filter, CancellationToken cancellationToken) =>
        store.CountAsync(filter, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<long> ReadJournalEndAsync(CancellationToken cancellationToken) =>
        store.ReadJournalEndAsync(cancellationToken);

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<HistoryRow>> ReadHistoriesAsync(
        string rootId, string nodeId, int? loop, CancellationToken cancellationToken) =>
        store.ReadHistoriesAsync(rootId, nodeId, loop, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<JournalRow>> ReadJournalAsync(
        long from, string? rootId, int limit, CancellationToken cancellationToken) =>
        store.ReadJournalAsync(from, rootId, limit, cancellationToken);

    /// <inheritdoc/>
    public virtual Task<IReadOnlyList<TableStatistics>> ReadStatisticsAsync(CancellationToken cancellationToken) =>
        store.ReadStatisticsAsync(cancellationToken);

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await store.DisposeAsync().ConfigureAwait(false);
    }
}
