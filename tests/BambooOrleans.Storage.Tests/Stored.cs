using System.Text;

namespace BambooOrleans.Storage.Tests;

/// <summary>Small pieces that tests put together to batches.</summary>
internal static class Stored
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, 123, 456, TimeSpan.Zero);

    public static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    public static NewPipeline Pipeline(long root, string rootId, params string[] otherIds) => new(
        root, rootId, Bytes($"tree of {rootId}"), Bytes($"options of {rootId}"), [rootId, .. otherIds], "RUNNING",
        Noon.AddSeconds(root), null);

    public static RecordWrite Record(long root, string key, string payload, RecordKind kind = RecordKind.Node) =>
        new(kind, root, key, Bytes(payload));

    public static RecordWrite Deleted(long root, string key, RecordKind kind = RecordKind.Node) => new(kind, root, key, null);

    public static JournalWrite Turns(long root, long position, int turns = 1) =>
        new(position, turns, root, Bytes($"turns from {position}"));

    public static HistoryWrite History(long root, string nodeId, long sequence, int loop = 1) =>
        new(root, nodeId, sequence, loop, Bytes($"entry {sequence} of {nodeId}"));

    /// <summary>The removal of a pipeline.</summary>
    public readonly record struct Removal(long Root);

    public static CommitBatch Batch(params object[] parts)
    {
        CommitBatch batch = new();
        foreach (object part in parts)
        {
            switch (part)
            {
                case NewPipeline pipeline:
                    batch.Pipelines.Add(pipeline);
                    break;
                case RecordWrite record:
                    batch.Records.Add(record);
                    break;
                case PipelineStatus status:
                    batch.Statuses.Add(status);
                    break;
                case HistoryWrite history:
                    batch.Histories.Add(history);
                    break;
                case JournalWrite row:
                    batch.Journal.Add(row);
                    break;
                case Removal removal:
                    batch.Removals.Add(removal.Root);
                    break;
                default:
                    throw new ArgumentException($"a batch has no {part.GetType().Name}", nameof(parts));
            }
        }

        return batch;
    }
}
