namespace BambooOrleans.Storage;

/// <summary>
/// The tables that the silos of a cluster share beside the states of their grains: the index of ids, the journal, histories,
/// contexts, and the records of every machine as far as they were delivered. Any number of silos use one at a time.
/// </summary>
/// <remarks>
/// The same tables as an <see cref="IEngineStore"/> on the same database. What a machine decided is durable in its grain's
/// own state first and is delivered here after; a delivery that was made already changes nothing.
/// Members throw <see cref="StoreUnavailableException"/> where the database is away.
/// </remarks>
public interface IClusterStore : IEngineReads, IAsyncDisposable
{
    /// <summary>Takes in a submission: claims its ids and keeps the tree, all or nothing. The pipeline is awake, held by its host, in epoch 1.</summary>
    /// <returns>The number of the root pipeline.</returns>
    /// <exception cref="AlreadyExistsException">An id is claimed already; the message names it.</exception>
    Task<long> SubmitAsync(ClusterSubmission submission, CancellationToken cancellationToken);

    /// <summary>Has a host hold a pipeline from now on, in the next epoch, and gives what was delivered of it; null where there is no such root.</summary>
    Task<HeldPipeline?> HoldAsync(string rootId, string host, CancellationToken cancellationToken);

    /// <summary>
    /// Makes deliveries durable, all or nothing. A <see cref="MachineWrite"/> whose sequence is not above the machine's
    /// last one is left out, and so are wakes of an epoch that is over.
    /// </summary>
    /// <remarks>
    /// Journal rows get successive positions without gaps; whoever reads the journal never sees a position before all smaller ones.
    /// </remarks>
    Task<DeliveryOutcome> DeliverAsync(ClusterBatch batch, CancellationToken cancellationToken);

    /// <summary>What was delivered of a node's machine; null where the node never had a state.</summary>
    Task<StoredMachine?> ReadMachineAsync(string nodeId, CancellationToken cancellationToken);

    /// <summary>The roots that are awake, in order of number, after a number.</summary>
    Task<IReadOnlyList<AwakeRoot>> ReadAwakeAsync(long after, int limit, CancellationToken cancellationToken);

    /// <summary>The timers that are due before a time, the earliest first.</summary>
    Task<IReadOnlyList<DueTimer>> ReadDueAsync(DateTimeOffset before, int limit, CancellationToken cancellationToken);

    /// <summary>The pipelines that finished or were revoked before a time, the earliest first, after one of them.</summary>
    Task<IReadOnlyList<ArchivedRoot>> ReadArchivedAsync(
        DateTimeOffset before, ArchivedRoot? after, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Puts those of some finished pipelines out of sight that are at rest: no read finds anything of them from then on. Their
    /// ids stay claimed until their rows are gone (<see cref="RemoveRowsAsync"/>).
    /// </summary>
    Task RemoveAsync(IReadOnlyCollection<long> roots, CancellationToken cancellationToken);

    /// <summary>Pipelines that are out of sight and have rows left, in order of number, with their ids.</summary>
    Task<IReadOnlyList<RemovedRoot>> ReadRemovedAsync(int limit, CancellationToken cancellationToken);

    /// <summary>Deletes about <paramref name="rowsMax"/> rows of pipelines that are out of sight; what is left of their ids goes last.</summary>
    /// <returns>How many; 0 where none is left.</returns>
    Task<int> RemoveRowsAsync(IReadOnlyCollection<long> roots, int rowsMax, CancellationToken cancellationToken);
}

/// <summary>A submission to a cluster.</summary>
/// <param name="RootId">The id of the root pipeline.</param>
/// <param name="Tree">The tree.</param>
/// <param name="Options">The options it was submitted with.</param>
/// <param name="Ids">Every id in it, its own first.</param>
/// <param name="State">Its state, for lists.</param>
/// <param name="CreatedTime">When it was submitted.</param>
/// <param name="Host">The silo that holds it.</param>
/// <param name="Name">Its name, for lists; null for none.</param>
public sealed record ClusterSubmission(
    string RootId, ReadOnlyMemory<byte> Tree, ReadOnlyMemory<byte> Options, IReadOnlyCollection<string> Ids, string State,
    DateTimeOffset CreatedTime, string Host, string? Name)
{
    /// <summary>Whether it has secrets, which are masked where they are shown.</summary>
    public bool HasSecrets { get; init; }
}

/// <summary>A pipeline that a host holds.</summary>
/// <param name="Epoch">Counts the holds; the wakes of an earlier one are left out.</param>
/// <param name="Sequence">The pipeline machine's last delivered write; 0 for none.</param>
/// <param name="IsAwake">Whether something may be owed.</param>
/// <param name="Asked">The nodes that verbs went to since it was woken.</param>
/// <param name="Stored">What was delivered of its machines.</param>
public sealed record HeldPipeline(long Epoch, long Sequence, bool IsAwake, IReadOnlyList<string> Asked, StoredPipeline Stored);

/// <summary>What is delivered at once.</summary>
public sealed class ClusterBatch
{
    /// <summary>What machines decided; those of one machine in order of sequence.</summary>
    public List<MachineWrite> Writes { get; } = [];

    /// <summary>Pipelines that wake or go to rest, in order; they take effect after the writes.</summary>
    public List<WakeWrite> Wakes { get; } = [];
}

/// <summary>What one machine decided and has durable in its own state.</summary>
/// <param name="Root">The number of its root pipeline.</param>
/// <param name="Machine">The node's id, or the root pipeline's.</param>
/// <param name="Sequence">The number of the write within the machine, from 1.</param>
/// <param name="Records">Records that changed.</param>
/// <param name="Histories">New history entries.</param>
/// <param name="Status">A new state of the root pipeline, for lists; null where it did not change.</param>
/// <param name="Turns">How many journal turns it holds.</param>
/// <param name="Journal">The turns: a JSON array of <paramref name="Turns"/> elements.</param>
/// <param name="Timers">Timers that were set or taken away.</param>
public sealed record MachineWrite(
    long Root, string Machine, long Sequence, IReadOnlyList<RecordWrite> Records, IReadOnlyList<HistoryWrite> Histories,
    PipelineStatus? Status, int Turns, ReadOnlyMemory<byte> Journal, IReadOnlyList<TimerWrite> Timers)
{
    /// <summary>
    /// Whether this is the only place where the write is kept, so that it must not be left out silently: where another
    /// activation has written under its sequence, it is a conflict. It is never repeated after an unknown outcome.
    /// </summary>
    public bool IsFenced { get; init; }
}

/// <summary>What a delivery left out.</summary>
/// <param name="LeftOut">The wakes of epochs that are over.</param>
/// <param name="Conflicts">The fenced writes that others were ahead of.</param>
public sealed record DeliveryOutcome(IReadOnlyList<WakeWrite> LeftOut, IReadOnlyList<MachineWrite> Conflicts)
{
    /// <summary>Everything was delivered.</summary>
    public static DeliveryOutcome Whole { get; } = new([], []);
}

/// <summary>A node's machine as the tables have it.</summary>
/// <param name="RootId">The root pipeline.</param>
/// <param name="Root">Its number.</param>
/// <param name="Sequence">The machine's last write; 0 for one that an embedded engine wrote.</param>
/// <param name="State">The state.</param>
/// <param name="Data">Execution data that is kept apart; null where it is not.</param>
/// <param name="Timer">The timer that is set; null for none.</param>
public sealed record StoredMachine(
    string RootId, long Root, long Sequence, ReadOnlyMemory<byte> State, ReadOnlyMemory<byte>? Data, DateTimeOffset? Timer);

/// <summary>A far timer to be set, replaced, or taken away.</summary>
/// <param name="Id">The node, or the pipeline or sub-process, that is to be told.</param>
/// <param name="Due">When; null to take it away.</param>
public readonly record struct TimerWrite(string Id, DateTimeOffset? Due);

/// <summary>A pipeline wakes, or goes to rest.</summary>
/// <param name="Root">The number of the root pipeline.</param>
/// <param name="Epoch">The epoch in which this was decided.</param>
/// <param name="IsAwake">Whether something may be owed from now on. Going to rest forgets the asked nodes.</param>
/// <param name="Asked">A node that a verb goes to; null for none.</param>
public sealed record WakeWrite(long Root, long Epoch, bool IsAwake, string? Asked = null)
{
    /// <summary>Of one that is revoked and keeps tokens: whether it is over; null where its machine's own writes say that.</summary>
    public RevokedStatus? Revoked { get; init; }
}

/// <summary>Whether a revoked pipeline that keeps tokens is over: whether nothing in it goes on by itself.</summary>
/// <param name="ArchivedTime">Since when; null where it is not over.</param>
public sealed record RevokedStatus(DateTimeOffset? ArchivedTime);

/// <summary>A root pipeline that is awake.</summary>
/// <param name="Root">Its number.</param>
/// <param name="RootId">Its id.</param>
/// <param name="Host">The silo that held it last.</param>
public readonly record struct AwakeRoot(long Root, string RootId, string Host);

/// <summary>A root pipeline that was removed and has rows left.</summary>
/// <param name="Root">Its number.</param>
/// <param name="RootId">Its id.</param>
/// <param name="Ids">The ids in it that are still claimed.</param>
public sealed record RemovedRoot(long Root, string RootId, IReadOnlyList<string> Ids);

/// <summary>A timer that is due.</summary>
/// <param name="RootId">The root pipeline.</param>
/// <param name="Id">The node, or the pipeline or sub-process.</param>
/// <param name="Due">When it is due.</param>
public readonly record struct DueTimer(string RootId, string Id, DateTimeOffset Due);
