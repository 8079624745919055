using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Storage;

namespace BambooOrleans.Hosting;

/// <summary>One root pipeline's machine, and what of it has changed since it was last sealed into a batch.</summary>
public sealed class PipelineRecords : IVerbFacts
{
    private readonly List<NodeHistory> _histories = [];
    private NewPipeline? _submission;
    private (NodeStateName State, bool IsOver)? _status;

    /// <summary>Makes the records of a machine whose state is as it was kept, or of a submitted pipeline.</summary>
    /// <param name="root">The pipeline's number in the store.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="submission">Of a submitted pipeline: what the first batch is to hold of it.</param>
    public PipelineRecords(long root, PipelineMachine machine, NewPipeline? submission = null)
    {
        Root = root;
        Machine = machine;
        _submission = submission;
    }

    /// <summary>The pipeline's number in the store.</summary>
    public long Root { get; }

    /// <summary>The machine.</summary>
    public PipelineMachine Machine { get; }

    /// <inheritdoc/>
    public PipelineDefinition Definition => Machine.Definition;

    /// <summary>How many records changed since it was last sealed.</summary>
    public int Changed => Machine.State.Changed.Count;

    /// <inheritdoc/>
    public bool IsJoiningAt(string nodeId) => IsJoiningAt(Machine.State, nodeId);

    /// <inheritdoc/>
    public NodeStateName? ScopeState(string id) => Machine.State.Scopes.GetValueOrDefault(id)?.State;

    /// <summary>Takes note of a turn of the machine.</summary>
    public void Record(IReadOnlyList<MachineEvent> events)
    {
        for (int index = 0; index < events.Count; index++)
        {
            if (events[index] is ScopeHistoryAdded added)
            {
                _histories.Add(added.Entry);
            }
        }
    }

    /// <summary>Puts what changed into a batch, the submission and a new status with it, and starts again. The machine has been started.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="overTime">Now, where it is finished, or revoked and nothing in it goes on by itself; null where it is not over.</param>
    public void Seal(CommitBatch batch, DateTimeOffset? overTime)
    {
        if (_submission is { } submission)
        {
            batch.Pipelines.Add(submission);
            _submission = null;
        }

        foreach (PipelineRecord record in Machine.State.Changed)
        {
            batch.Records.Add(WriteOf(record));
        }

        Machine.State.Changed.Clear();
        Seal(_histories, Root, batch);
        SealStatus(batch, overTime);
    }

    internal static bool IsJoiningAt(PipelineState state, string nodeId) =>
        state.Tokens.Values.Any(token => token.Node == nodeId && token.Phase == TokenPhase.Joining);

    internal static void Seal(List<NodeHistory>? histories, long root, CommitBatch batch)
    {
        if (histories is null)
        {
            return;
        }

        foreach (NodeHistory entry in histories)
        {
            batch.Histories.Add(new HistoryWrite(root, entry.NodeId, entry.Id, entry.Loop, MachineJson.Write(entry)));
        }

        histories.Clear();
    }

    private void SealStatus(CommitBatch batch, DateTimeOffset? overTime)
    {
        ScopeState root = Machine.State.Scopes[Definition.RootId];
        (NodeStateName, bool) status = (root.State, overTime is not null);
        if (_status != status)
        {
            _status = status;

            // A revoked pipeline has no end of its own (observed): it is over from now on.
            batch.Statuses.Add(new PipelineStatus(Root, root.State.ToApiName(), overTime is null ? null : root.ArchivedTime ?? overTime));
        }
    }

    private RecordWrite WriteOf(PipelineRecord record)
    {
        PipelineState state = Machine.State;
        return record.Kind switch
        {
            PipelineRecordKind.Scope => new(RecordKind.Scope, Root, record.Id, MachineJson.Write(state.Scopes[record.Id])),
            PipelineRecordKind.Token => new(
                RecordKind.Token,
                Root,
                record.Id,
                state.Tokens.TryGetValue(record.Id, out Token? token) ? (ReadOnlyMemory<byte>?)MachineJson.Write(token) : null),
            PipelineRecordKind.Context => new(
                RecordKind.Context,
                Root,
                $"{record.Id}\u001f{record.Key}",
                MachineJson.Write(record.Id, state.ContextOf(record.Id)[record.Key])),
            PipelineRecordKind.RawInputs => new(
                RecordKind.RawInputs, Root, record.Id, MachineJson.Write(state.RawInputs[record.Id])),
            _ => throw new InvalidOperationException($"unknown record kind {record.Kind}"),
        };
    }
}
