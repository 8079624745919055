using System.Text;
using BambooOrleans.Storage;

namespace BambooOrleans.Benchmarks;

/// <summary>A store that counts what it is given to write, by table.</summary>
internal sealed class CountingStore(IEngineStore store) : StoreDecorator(store)
{
    private readonly Dictionary<string, (long Rows, long Bytes)> _written = new(StringComparer.Ordinal);

    /// <summary>How many batches were committed.</summary>
    public long Commits { get; private set; }

    /// <summary>Rows and bytes (of keys and payloads) that were written, by table. Read when nothing is being committed.</summary>
    public IReadOnlyDictionary<string, (long Rows, long Bytes)> Written => _written;

    public override Task CommitAsync(CommitBatch batch, CancellationToken cancellationToken)
    {
        Count(batch);
        return base.CommitAsync(batch, cancellationToken);
    }

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
