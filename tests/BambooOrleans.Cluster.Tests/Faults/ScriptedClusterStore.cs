using BambooOrleans.Storage;

namespace BambooOrleans.Cluster.Tests.Faults;

/// <summary>The shared tables, where deliveries go as a script says.</summary>
internal sealed class ScriptedClusterStore(IClusterStore inner, StorageScript script, Lifeline lifeline) : IClusterStore
{
    public Task<long> SubmitAsync(ClusterSubmission submission, CancellationToken cancellationToken) =>
        ThroughAsync($"submit {submission.RootId}", () => inner.SubmitAsync(submission, cancellationToken), cancellationToken);

    public Task<HeldPipeline?> HoldAsync(string rootId, string host, CancellationToken cancellationToken) =>
        ThroughAsync($"hold {rootId}", () => inner.HoldAsync(rootId, host, cancellationToken), cancellationToken);

    public Task<DeliveryOutcome> DeliverAsync(ClusterBatch batch, CancellationToken cancellationToken) => script.OnDeliver(
        batch,
        async () =>
        {
            await lifeline.ThroughAsync(cancellationToken);
            DeliveryOutcome outcome = await inner.DeliverAsync(batch, cancellationToken);
            await lifeline.ThroughAsync(cancellationToken);
            return outcome;
        },
        cancellationToken);

    public Task<StoredMachine?> ReadMachineAsync(string nodeId, CancellationToken cancellationToken) => inner.ReadMachineAsync(nodeId, cancellationToken);

    public Task<PipelineExport?> ExportAsync(string rootId, CancellationToken cancellationToken) => inner.ExportAsync(rootId, cancellationToken);

    public Task<StoredTree?> ReadTreeAsync(string rootId, CancellationToken cancellationToken) => inner.ReadTreeAsync(rootId, cancellationToken);

    public Task<IReadOnlyList<AwakeRoot>> ReadAwakeAsync(long after, int limit, CancellationToken cancellationToken) =>
        inner.ReadAwakeAsync(after, limit, cancellationToken);

    public Task<IReadOnlyList<ArchivedRoot>> ReadArchivedAsync(
        DateTimeOffset before, ArchivedRoot? after, int limit, CancellationToken cancellationToken) =>
        inner.ReadArchivedAsync(before, after, limit, cancellationToken);

    public Task RemoveAsync(IReadOnlyCollection<long> roots, CancellationToken cancellationToken) =>
        ThroughAsync("remove", async () =>
        {
            await inner.RemoveAsync(roots, cancellationToken);
            return 0;
        }, cancellationToken);

    public Task<IReadOnlyList<RemovedRoot>> ReadRemovedAsync(int limit, CancellationToken cancellationToken) =>
        inner.ReadRemovedAsync(limit, cancellationToken);

    public Task<int> RemoveRowsAsync(IReadOnlyCollection<long> roots, int rowsMax, CancellationToken cancellationToken) =>
        ThroughAsync("remove rows", () => inner.RemoveRowsAsync(roots, rowsMax, cancellationToken), cancellationToken);

    public Task<IReadOnlyList<DueTimer>> ReadDueAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken) =>
        inner.ReadDueAsync(before, limit, cancellationToken);

    public Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken) => inner.LoadAsync(rootId, cancellationToken);

    public Task<string?> FindRootAsync(string id, CancellationToken cancellationToken) => inner.FindRootAsync(id, cancellationToken);

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

    public Task<IReadOnlyList<JournalRow>> ReadJournalAsync(long from, string? rootId, int limit, CancellationToken cancellationToken) =>
        inner.ReadJournalAsync(from, rootId, limit, cancellationToken);

    public Task<IReadOnlyList<TableStatistics>> ReadStatisticsAsync(CancellationToken cancellationToken) => inner.ReadStatisticsAsync(cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async Task<T> ThroughAsync<T>(string what, Func<Task<T>> call, CancellationToken cancellationToken)
    {
        await lifeline.ThroughAsync(cancellationToken);
        script.OnOther(what);
        T answer = await call();
        await lifeline.ThroughAsync(cancellationToken);
        return answer;
    }
}
