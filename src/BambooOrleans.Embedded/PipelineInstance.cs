using System.Buffers;
using System.Text.Json;
using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Storage;

namespace BambooOrleans.Embedded;

/// <summary>
/// One root pipeline in memory: its machines, and what of them has changed since the last batch. Touched by the reactor only.
/// </summary>
internal sealed class PipelineInstance
{
    // Execution data up to this size stands in the node's own record; more is kept apart, so that a state change does not rewrite it.
    private const int InlineDataBytesMax = 2048;

    private readonly Dictionary<string, NodeSlot> _nodes = new(StringComparer.Ordinal);
    private readonly List<NodeSlot> _changedNodes = [];
    private readonly List<NodeHistory> _histories = [];
    private readonly ArrayBufferWriter<byte> _journal = new(256);
    private Utf8JsonWriter? _journalWriter;
    private int _turns;
    private (NodeStateName State, bool IsOver)? _status;

    public PipelineInstance(long root, PipelineDefinition definition, PipelineState state)
    {
        Root = root;
        Pipeline = new PipelineMachine(definition, state);
    }

    public long Root { get; }

    public string RootId => Pipeline.Definition.RootId;

    public PipelineMachine Pipeline { get; }

    public PipelineDefinition Definition => Pipeline.Definition;

    /// <summary>How many calls of user code run for this pipeline.</summary>
    public int Running { get; set; }

    /// <summary>When something last happened here.</summary>
    public DateTimeOffset LastUsed { get; set; }

    /// <summary>The batch that holds its last changes.</summary>
    public long LastBatch { get; set; }

    /// <summary>Whether it stands in the list of those that changed since the last batch.</summary>
    public bool IsChanged { get; set; }

    /// <summary>Callers that wait until it has settled.</summary>
    public List<TaskCompletionSource> Watchers { get; } = [];

    /// <summary>Submission data that is written with the first batch; null after.</summary>
    public NewPipeline? Submission { get; set; }

    public NodeMachine Node(string nodeId) => Slot(nodeId).Machine;

    /// <summary>The state of a node; null for one without.</summary>
    public NodeState? NodeState(string nodeId) =>
        _nodes.TryGetValue(nodeId, out NodeSlot? slot) ? slot.Machine.State : null;

    /// <summary>The nodes that have a state.</summary>
    public IEnumerable<(NodeDefinition Node, NodeState State)> NodeStates => _nodes.Values
        .Where(slot => slot.Machine.State is not null)
        .Select(slot => (slot.Machine.Definition, slot.Machine.State!));

    /// <summary>The nodes that are to go on at a time.</summary>
    public IReadOnlyList<string> NodesWithTimers() =>
        [.. NodeStates.Where(node => node.State.NextTimer is not null).Select(node => node.Node.Id)];

    /// <summary>How many records changed since the last batch, at the most.</summary>
    public int ChangedRecords => Pipeline.State.Changed.Count + _changedNodes.Count;

    /// <summary>Whether it is finished or revoked, so that it will not go on at all.</summary>
    public bool IsOver => Pipeline.State.Tokens.Count == 0;

    /// <summary>Whether nothing in it can go on without a call from outside, but for deadlines and appointed resumes.</summary>
    public bool IsSettled => Running == 0 && Pipeline.State.Tokens.Values.All(IsQuiet);

    /// <summary>Whether a token waits at a node for those that it forked.</summary>
    public bool IsJoiningAt(string nodeId) =>
        Pipeline.State.Tokens.Values.Any(token => token.Node == nodeId && token.Phase == TokenPhase.Joining);

    public static PipelineInstance Load(StoredPipeline stored, PipelineDefinition definition)
    {
        PipelineState state = PipelineMachine.InitialState(definition);
        var nodes = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var data = new Dictionary<string, NodeExecutionData>(StringComparer.Ordinal);
        foreach (StoredRecord record in stored.Records)
        {
            ReadOnlySpan<byte> payload = record.Payload.Span;
            switch (record.Kind)
            {
                case RecordKind.Scope:
                    state.Scopes[record.Key] = MachineJson.ReadScopeState(payload);
                    break;
                case RecordKind.Token:
                    state.Tokens[record.Key] = MachineJson.ReadToken(payload);
                    break;
                case RecordKind.Context:
                    (string scopeId, ContextEntry entry) = MachineJson.ReadContextEntry(payload);
                    state.SetContext(scopeId, entry);
                    break;
                case RecordKind.RawInputs:
                    state.RawInputs[record.Key] = MachineJson.ReadRawInputs(payload, definition.Settings.Expressions);
                    break;
                case RecordKind.Node:
                    nodes[record.Key] = record.Payload;
                    break;
                case RecordKind.Data:
                    data[record.Key] = MachineJson.ReadExecutionData(payload);
                    break;
            }
        }

        var instance = new PipelineInstance(stored.Root, definition, state);
        foreach ((string nodeId, ReadOnlyMemory<byte> payload) in nodes)
        {
            instance.AddSlot(nodeId, MachineJson.ReadNodeState(payload.Span, data.GetValueOrDefault(nodeId)))
                .Written = data.GetValueOrDefault(nodeId);
        }

        return instance;
    }

    /// <summary>Takes note of a node's turn.</summary>
    public void Record(NodeMachine machine, IReadOnlyList<MachineEvent> events)
    {
        NodeSlot slot = Slot(machine.Definition.Id);
        if (!slot.IsChanged)
        {
            slot.IsChanged = true;
            _changedNodes.Add(slot);
        }

        foreach (MachineEvent item in events)
        {
            if (item is NodeHistoryAdded added)
            {
                _histories.Add(added.Entry);
            }
        }

        WriteTurn(machine.Definition.Id, events);
    }

    /// <summary>Takes note of a turn of the pipeline machine.</summary>
    public void Record(IReadOnlyList<MachineEvent> events)
    {
        foreach (MachineEvent item in events)
        {
            if (item is ScopeHistoryAdded added)
            {
                _histories.Add(added.Entry);
            }
        }

        WriteTurn(RootId, events);
    }

    /// <summary>Puts everything that changed into a batch, and starts again.</summary>
    /// <returns>The next journal position.</returns>
    public long Seal(CommitBatch batch, long position)
    {
        if (Submission is { } submission)
        {
            batch.Pipelines.Add(submission);
            Submission = null;
        }

        foreach (PipelineRecord record in Pipeline.State.Changed)
        {
            batch.Records.Add(WriteOf(record));
        }

        Pipeline.State.Changed.Clear();
        foreach (NodeSlot slot in _changedNodes)
        {
            slot.IsChanged = false;
            SealNode(slot, batch);
        }

        _changedNodes.Clear();
        foreach (NodeHistory entry in _histories)
        {
            batch.Histories.Add(new HistoryWrite(Root, entry.NodeId, entry.Id, entry.Loop, MachineJson.Write(entry)));
        }

        _histories.Clear();
        SealStatus(batch);
        return SealJournal(batch, position);
    }

    private void SealNode(NodeSlot slot, CommitBatch batch)
    {
        NodeState? state = slot.Machine.State;
        if (state is null)
        {
            return;
        }

        string key = slot.Machine.Definition.Id;
        bool apart = slot.Written is not null
            || !(ValueSize.IsAtMost(InlineDataBytesMax, state.RunningInputs, state.Inputs, state.Outputs));
        batch.Records.Add(new RecordWrite(RecordKind.Node, Root, key, MachineJson.Write(state, withData: !apart)));
        if (apart && !(slot.Written is { } written
            && ReferenceEquals(written.RunningInputs, state.RunningInputs)
            && ReferenceEquals(written.Inputs, state.Inputs)
            && ReferenceEquals(written.Outputs, state.Outputs)))
        {
            slot.Written = new NodeExecutionData(state.RunningInputs, state.Inputs, state.Outputs);
            batch.Records.Add(new RecordWrite(RecordKind.Data, Root, key, MachineJson.Write(slot.Written)));
        }
    }

    private void SealStatus(CommitBatch batch)
    {
        ScopeState root = Pipeline.State.Scopes[RootId];
        (NodeStateName, bool) status = (root.State, Pipeline.State.Tokens.Count == 0);
        if (_status != status)
        {
            _status = status;
            batch.Statuses.Add(new PipelineStatus(
                Root, root.State.ToApiName(), status.Item2 ? root.ArchivedTime ?? root.StartedTime : null));
        }
    }

    private long SealJournal(CommitBatch batch, long position)
    {
        if (_turns == 0)
        {
            return position;
        }

        _journalWriter!.WriteEndArray();
        _journalWriter.Flush();
        batch.Journal.Add(new JournalWrite(position, _turns, Root, _journal.WrittenSpan.ToArray()));
        position += _turns;
        _turns = 0;
        _journal.ResetWrittenCount();
        _journalWriter.Reset(_journal);
        return position;
    }

    // A journal row holds the turns of one batch in order: [{"machine": id, "events": [...]}, ...].
    private void WriteTurn(string machine, IReadOnlyList<MachineEvent> events)
    {
        _journalWriter ??= MachineJson.CreateWriter(_journal);
        if (_turns++ == 0)
        {
            _journalWriter.WriteStartArray();
        }

        _journalWriter.WriteStartObject();
        _journalWriter.WriteString("machine", machine);
        _journalWriter.WritePropertyName("events");
        MachineJson.WriteEvents(_journalWriter, events);
        _journalWriter.WriteEndObject();
    }

    private RecordWrite WriteOf(PipelineRecord record)
    {
        PipelineState state = Pipeline.State;
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

    private bool IsQuiet(Token token) => token.Phase switch
    {
        TokenPhase.Held or TokenPhase.Asleep or TokenPhase.Joining => true,
        TokenPhase.Hydrating => false,
        _ => NodeState(token.Node) is { } state && (state.State == NodeStateName.Suspended
            || (state is { Phase: NodePhase.Waiting, Schedule: { Due: null, Pending.Count: 0 } schedule }
                && schedule.Kind != ScheduleKind.Poll)),
    };

    private NodeSlot Slot(string nodeId) => _nodes.TryGetValue(nodeId, out NodeSlot? slot) ? slot : AddSlot(nodeId, null);

    private NodeSlot AddSlot(string nodeId, NodeState? state) =>
        _nodes[nodeId] = new NodeSlot(new NodeMachine(Definition.Nodes[nodeId], Definition.Settings, state));

    private sealed class NodeSlot(NodeMachine machine)
    {
        public NodeMachine Machine { get; } = machine;

        public bool IsChanged { get; set; }

        /// <summary>The execution data as it was last written apart; null where it stands in the node's record.</summary>
        public NodeExecutionData? Written { get; set; }
    }
}
