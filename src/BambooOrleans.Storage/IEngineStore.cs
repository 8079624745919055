namespace BambooOrleans.Storage;

/// <summary>
/// Where an engine keeps its pipelines, the records of their machines, histories and the journal. One engine at a time
/// owns a store; it commits in batches, one after the other, and reads at any time.
/// </summary>
/// <remarks>
/// Payloads are JSON in UTF-8 that only the engine understands: a store keeps them byte for byte. All ids and keys are
/// case-sensitive; they are well-formed Unicode, or refused. Times are kept to the microsecond and come back in UTC.
/// A row of a root pipeline that the store does not know is refused. Every member but <see cref="OpenAsync"/> needs an opened store.
/// </remarks>
public interface IEngineStore : IEngineReads, IAsyncDisposable
{
    /// <summary>Takes ownership, creates or migrates the schema, and says where numbering goes on.</summary>
    /// <exception cref="StoreUnavailableException">
    /// Another engine owns the store (code <c>store.in-use</c>), it was written by a newer version (<c>store.newer-schema</c>),
    /// is no store (<c>store.not-a-store</c>), or cannot be opened (<c>store.unavailable</c>).
    /// </exception>
    Task<StoreOpening> OpenAsync(CancellationToken cancellationToken);

    /// <summary>After a commit whose outcome is unknown: says again where numbering goes on, from what is durable. The store stays owned.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be read (code <c>store.unavailable</c>).</exception>
    Task<StoreOpening> ReopenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Makes a batch durable, all or nothing. When this throws, the outcome is unknown unless the exception is a
    /// <see cref="StoreUnavailableException"/> with code <c>store.refused</c>, which says that nothing was written.
    /// </summary>
    Task CommitAsync(CommitBatch batch, CancellationToken cancellationToken);

    /// <summary>Those of <paramref name="ids"/> that some pipeline has claimed already.</summary>
    Task<IReadOnlyList<string>> FindClaimedAsync(IReadOnlyCollection<string> ids, CancellationToken cancellationToken);

    /// <summary>The ids of the root pipelines that are neither finished nor revoked, the oldest first.</summary>
    Task<IReadOnlyList<string>> ReadUnfinishedAsync(CancellationToken cancellationToken);

    /// <summary>
    /// The root pipelines that finished or were revoked before a time, the longest ago first, and of one time by number; only
    /// those after <paramref name="after"/> in this order, where it is given.
    /// </summary>
    Task<IReadOnlyList<ArchivedRoot>> ReadArchivedAsync(
        DateTimeOffset before, ArchivedRoot? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes rows of the pipelines that batches removed (<see cref="CommitBatch.Removals"/>), about <paramref name="rowsMax"/> at the
    /// most. It is a commit as those of <see cref="CommitAsync"/> are: one at a time, under the same ownership, with the same failures.
    /// </summary>
    /// <returns>How many rows went; 0 where no removed pipeline has any left.</returns>
    Task<int> RemoveRowsAsync(int rowsMax, CancellationToken cancellationToken);
}

/// <summary>Where numbering goes on in an opened store.</summary>
/// <param name="NextRoot">The number of the next root pipeline.</param>
/// <param name="NextPosition">The position of the next journal turn.</param>
public sealed record StoreOpening(long NextRoot, long NextPosition);

/// <summary>What a record belongs to; each kind is a table of its own.</summary>
public enum RecordKind
{
    /// <summary>The state of the root pipeline or of a sub-process; the key is its id.</summary>
    Scope,

    /// <summary>A token; the key is its id.</summary>
    Token,

    /// <summary>The state of a node; the key is its id.</summary>
    Node,

    /// <summary>Execution data too large to stand in a node's or a scope's record; the key is its id.</summary>
    Data,

    /// <summary>A value of a context; the key is the id of the pipeline or sub-process and the context key.</summary>
    Context,

    /// <summary>Raw inputs that a retry replaced; the key is the node's id.</summary>
    RawInputs,
}

/// <summary>Everything that becomes durable at once. Filled by one thread, then handed to the store and left alone.</summary>
public sealed class CommitBatch
{
    /// <summary>Submitted pipelines.</summary>
    public List<NewPipeline> Pipelines { get; } = [];

    /// <summary>Records to be written or deleted; at most one of each kind, root and key.</summary>
    public List<RecordWrite> Records { get; } = [];

    /// <summary>New states of root pipelines, for lists; at most one of each root.</summary>
    public List<PipelineStatus> Statuses { get; } = [];

    /// <summary>New history entries.</summary>
    public List<HistoryWrite> Histories { get; } = [];

    /// <summary>New journal rows, in order of position.</summary>
    public List<JournalWrite> Journal { get; } = [];

    /// <summary>
    /// Finished pipelines that go, by number. With the batch nobody sees anything of one any more; its rows, and with the last of
    /// them its ids, become free with <see cref="IEngineStore.RemoveRowsAsync"/>, after a restart too. One that is not finished fails the
    /// batch; one that is not there is passed over. Numbers and positions of what went are never given again.
    /// </summary>
    public List<long> Removals { get; } = [];

    /// <summary>Whether there is nothing to write.</summary>
    public bool IsEmpty =>
        Pipelines.Count == 0 && Records.Count == 0 && Statuses.Count == 0 && Histories.Count == 0 && Journal.Count == 0
        && Removals.Count == 0;
}

/// <summary>A submitted pipeline.</summary>
/// <param name="Root">Its number.</param>
/// <param name="RootId">Its id.</param>
/// <param name="Tree">The tree.</param>
/// <param name="Options">The options it was submitted with.</param>
/// <param name="Ids">Every id in it, its own and its nodes' and sub-processes', to be claimed; a claimed one fails the batch.</param>
/// <param name="State">Its state, for lists.</param>
/// <param name="CreatedTime">When it was submitted.</param>
/// <param name="Name">Its name, for lists; null for none.</param>
public sealed record NewPipeline(
    long Root, string RootId, ReadOnlyMemory<byte> Tree, ReadOnlyMemory<byte> Options, IReadOnlyCollection<string> Ids,
    string State, DateTimeOffset CreatedTime, string? Name)
{
    /// <summary>Whether it has secrets, which are masked where they are shown.</summary>
    public bool HasSecrets { get; init; }
}

/// <summary>A record to be written, or deleted where there is no payload.</summary>
/// <param name="Kind">What it belongs to.</param>
/// <param name="Root">The number of its root pipeline.</param>
/// <param name="Key">Its key within kind and root.</param>
/// <param name="Payload">What it holds; null to delete it.</param>
public readonly record struct RecordWrite(RecordKind Kind, long Root, string Key, ReadOnlyMemory<byte>? Payload);

/// <summary>The state of a root pipeline, for lists.</summary>
/// <param name="Root">The pipeline's number.</param>
/// <param name="State">The state's name in the Engine API.</param>
/// <param name="ArchivedTime">When it finished or was revoked; null for one that did not, and so is unfinished.</param>
public readonly record struct PipelineStatus(long Root, string State, DateTimeOffset? ArchivedTime);

/// <summary>A history entry to be written.</summary>
/// <param name="Root">The number of the root pipeline.</param>
/// <param name="NodeId">The node.</param>
/// <param name="Sequence">The entry's number within the node, from 1.</param>
/// <param name="Loop">The loop, for filtering.</param>
/// <param name="Payload">The entry.</param>
public readonly record struct HistoryWrite(long Root, string NodeId, long Sequence, int Loop, ReadOnlyMemory<byte> Payload);

/// <summary>A journal row to be written: the turns of one root pipeline that were decided together.</summary>
/// <param name="Position">The position of its first turn.</param>
/// <param name="Turns">How many turns it holds; they take as many positions.</param>
/// <param name="Root">The number of the root pipeline.</param>
/// <param name="Payload">The turns.</param>
public readonly record struct JournalWrite(long Position, int Turns, long Root, ReadOnlyMemory<byte> Payload);

/// <summary>Everything kept of a root pipeline but histories and journal.</summary>
/// <param name="Root">Its number.</param>
/// <param name="RootId">Its id.</param>
/// <param name="Tree">The tree.</param>
/// <param name="Options">The options it was submitted with.</param>
/// <param name="CreatedTime">When it was submitted.</param>
/// <param name="Records">The records, by kind.</param>
public sealed record StoredPipeline(
    long Root, string RootId, ReadOnlyMemory<byte> Tree, ReadOnlyMemory<byte> Options, DateTimeOffset CreatedTime,
    IReadOnlyList<StoredRecord> Records);

/// <summary>A record as it is kept.</summary>
/// <param name="Kind">What it belongs to.</param>
/// <param name="Key">Its key within kind and root.</param>
/// <param name="Payload">What it holds.</param>
public readonly record struct StoredRecord(RecordKind Kind, string Key, ReadOnlyMemory<byte> Payload);

/// <summary>A root pipeline in a list.</summary>
/// <param name="RootId">Its id.</param>
/// <param name="Name">Its name; null for none.</param>
/// <param name="State">Its state's name in the Engine API.</param>
/// <param name="CreatedTime">When it was submitted.</param>
/// <param name="ArchivedTime">When it finished or was revoked; null before.</param>
public sealed record PipelineRow(
    string RootId, string? Name, string State, DateTimeOffset CreatedTime, DateTimeOffset? ArchivedTime);

/// <summary>A tree as it was submitted.</summary>
/// <param name="Root">The number of the root pipeline.</param>
/// <param name="RootId">Its id.</param>
/// <param name="Tree">The tree.</param>
/// <param name="Options">The options it was submitted with.</param>
/// <param name="CreatedTime">When it was submitted.</param>
public sealed record StoredTree(
    long Root, string RootId, ReadOnlyMemory<byte> Tree, ReadOnlyMemory<byte> Options, DateTimeOffset CreatedTime);

/// <summary>A root pipeline that finished or was revoked.</summary>
/// <param name="Root">Its number.</param>
/// <param name="RootId">Its id.</param>
/// <param name="ArchivedTime">When.</param>
public sealed record ArchivedRoot(long Root, string RootId, DateTimeOffset ArchivedTime);

/// <summary>Everything kept of a root pipeline.</summary>
/// <param name="Stored">All but histories and journal.</param>
/// <param name="State">Its state, for lists.</param>
/// <param name="ArchivedTime">When it finished or was revoked; null for one that did not.</param>
/// <param name="Histories">The history entries, by node and in order.</param>
/// <param name="Journal">Its journal rows, in order.</param>
public sealed record PipelineExport(
    StoredPipeline Stored, string State, DateTimeOffset? ArchivedTime, IReadOnlyList<StoredHistory> Histories,
    IReadOnlyList<JournalRow> Journal);

/// <summary>A history entry with its node.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Entry">The entry.</param>
public sealed record StoredHistory(string NodeId, HistoryRow Entry);

/// <summary>A history entry as it is kept.</summary>
/// <param name="Sequence">The entry's number within the node, from 1.</param>
/// <param name="Loop">The loop.</param>
/// <param name="Payload">The entry.</param>
public sealed record HistoryRow(long Sequence, int Loop, ReadOnlyMemory<byte> Payload);

/// <summary>A journal row as it is kept.</summary>
/// <param name="Position">The position of its first turn.</param>
/// <param name="Turns">How many turns it holds.</param>
/// <param name="RootId">The id of the root pipeline.</param>
/// <param name="Payload">The turns.</param>
public sealed record JournalRow(long Position, int Turns, string RootId, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Whether the pipeline has secrets. Not known in an export.</summary>
    public bool HasSecrets { get; init; }
}

/// <summary>How much a table holds.</summary>
/// <param name="Table">The table's name.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="PayloadBytes">The bytes of keys and payloads in them.</param>
public sealed record TableStatistics(string Table, long Rows, long PayloadBytes);
