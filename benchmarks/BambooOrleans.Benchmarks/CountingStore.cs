using System.Text;
using BambooOrleans.Storage;

namespace BambooOrleans.Benchmarks;

/// <summary>A store that counts what it is given to write, by table.</summary>
internal sealed class CountingStore(IEngineStore store) : IEngineStore
{
    private readonly Dictionary<string, (long Rows, long Bytes)> _written = new(StringComparer.Ordinal);

    /// <summary>How many batches were committed.</summary>
    public long Commits { get; private set; }

    /// <summary>Rows and bytes (of keys and payloads) that were written, by table. Read when nothing is being committed.</summary>
    public IReadOnlyDictionary<string, (long Rows, long Bytes)> Written => _written;

    public Task<StoreOpening> OpenAsync(CancellationToken cancellationToken) => store.OpenAsync(cancellationToken);

    public Task<StoreOpening> ReopenAsync(CancellationToken cancellationToken) => store.ReopenAsync(cancellationToken);

    public Task CommitAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        Count(batch);
        return store.CommitAsync(batch, cancellationToken);
    }

    public Task<StoredPipeline?> LoadAsync(string rootId, CancellationToken cancellationToken) =>
        store.LoadAsync(rootId, cancellationToken);

    public Task<string?> FindRootAsync(string id, CancellationToken cancellationToken) => store.FindRootAsync(id, cancellationToken);

    public Task<IReadOnlyList<string>> FindClaimedAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken) =>
        store.FindClaimedAsync(ids, cancellationToken);

    public Task<IReadOnlyList<string>> ReadUnfinishedAsync(CancellationToken cancellationToken) =>
        store.ReadUnfinishedAsync(cancellationToken);

    public Task<IReadOnlyList<ArchivedRoot>> ReadArchivedAsync(
        DateTimeOffset before, ArchivedRoot? after, int limit, CancellationToken cancellationToken) =>
        store.ReadArchivedAsync(before, after, limit, cancellationToken);

    public Task<int> RemoveRowsAsync(int rowsMax, CancellationToken cancellationToken) =>
        store.RemoveRowsAsync(rowsMax, cancellationToken);

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

    private static string TableOf(RecordKind kind) => kind switch
    {
        RecordKind.Scope => "scopes",
        RecordKind.Token => "tokens",
        RecordKind.Node => "nodes",
        RecordKind.Data => "data",
        RecordKind.Context => "context",
        RecordKind.RawInputs => "raw_inputs",
        _ => kind.ToString(),
    };

    private static long BytesOf(string text) => Encoding.UTF8.GetByteCount(text);

    private void Count(CommitBatch batch)
    {
        Commits++;
        foreach (NewPipeline pipeline in batch.Pipelines)
        {
            Add("pipelines", 1, BytesOf(pipeline.RootId) + BytesOf(pipeline.State));
            Add("trees", 1, pipeline.Tree.Length + pipeline.Options.Length);
            Add("claims", pipeline.Ids.Count, pipeline.Ids.Sum(BytesOf));
        }

        foreach (RecordWrite record in batch.Records)
        {
            Add(TableOf(record.Kind), 1, BytesOf(record.Key) + (record.Payload?.Length ?? 0));
        }

        foreach (PipelineStatus status in batch.Statuses)
        {
            Add("pipelines", 1, BytesOf(status.State));
        }

        foreach (HistoryWrite history in batch.Histories)
        {
            Add("histories", 1, BytesOf(history.NodeId) + history.Payload.Length);
        }

        foreach (JournalWrite row in batch.Journal)
        {
            Add("journal", 1, row.Payload.Length);
        }
    }

    private void Add(string table, long rows, long bytes)
    {
        (long rowsBefore, long bytesBefore) = _written.GetValueOrDefault(table);
        _written[table] = (rowsBefore + rows, bytesBefore + bytes);
    }
}
