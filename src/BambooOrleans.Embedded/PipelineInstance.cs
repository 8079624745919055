using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;

namespace BambooOrleans.Embedded;

/// <summary>
/// One root pipeline in memory: its machines, and what of them has changed since the last batch. Touched by the reactor only.
/// </summary>
internal sealed class PipelineInstance : IPipelineView
{
    private readonly Dictionary<string, NodeRecords> _nodes = new(StringComparer.Ordinal);
    private readonly List<NodeRecords> _changedNodes = [];
    private readonly JournalBuffer _journal;

    public PipelineInstance(long root, PipelineDefinition definition, PipelineState state, NewPipeline? submission = null)
    {
        Records = new PipelineRecords(root, new PipelineMachine(definition, state), submission);
        _journal = new JournalBuffer(root);
    }

    public string RootId => Definition.RootId;

    public PipelineRecords Records { get; }

    public PipelineMachine Pipeline => Records.Machine;

    public PipelineDefinition Definition => Records.Machine.Definition;

    public PipelineState State => Records.Machine.State;

    /// <summary>How many calls of user code run for this pipeline.</summary>
    public int Running { get; set; }

    /// <summary>When something last happened here.</summary>
    public DateTimeOffset LastUsed { get; set; }

    /// <summary>The batch that holds its last changes.</summary>
    public long LastBatch { get; set; }

    /// <summary>Whether it stands in the list of those that changed since the last batch.</summary>
    public bool IsChanged { get; set; }

    /// <summary>Whether it was told that it is over.</summary>
    public bool IsKnownOver { get; set; }

    /// <summary>Callers that wait until it has settled.</summary>
    public List<TaskCompletionSource> Watchers { get; } = [];

    /// <summary>The nodes that have a state.</summary>
    public IEnumerable<(NodeDefinition Node, NodeState State)> NodeStates => _nodes.Values
        .Where(node => node.Machine.State is not null)
        .Select(node => (node.Machine.Definition, node.Machine.State!));

    /// <summary>How many records changed since the last batch, at the most.</summary>
    public int ChangedRecords => Records.Changed + _changedNodes.Count;

    /// <summary>Whether it is finished, or revoked and nothing in it goes on by itself.</summary>
    public bool IsOver => State.Tokens.Count == 0 || (Running == 0 && Quiescence.IsOver(State, RootId, NodeState));

    /// <summary>Whether nothing in it can go on without a call from outside, but for deadlines and appointed resumes.</summary>
    public bool IsSettled => Running == 0 && State.Tokens.Values.All(token => Quiescence.IsQuiet(token, NodeState(token.Node)));

    public static PipelineInstance Load(LoadedPipeline loaded)
    {
        var instance = new PipelineInstance(loaded.Root, loaded.Definition, loaded.State);
        foreach ((string nodeId, LoadedNode node) in loaded.Nodes)
        {
            instance.Add(nodeId, node.State, node.Apart);
        }

        instance.IsKnownOver = instance.IsOver;

        return instance;
    }

    public NodeRecords Node(string nodeId) => _nodes.TryGetValue(nodeId, out NodeRecords? node) ? node : Add(nodeId, null, null);

    /// <summary>The state of a node; null for one without.</summary>
    public NodeState? NodeState(string nodeId) => _nodes.TryGetValue(nodeId, out NodeRecords? node) ? node.Machine.State : null;

    /// <summary>The nodes that are to go on at a time.</summary>
    public IReadOnlyList<string> NodesWithTimers() =>
        [.. NodeStates.Where(node => node.State.NextTimer is not null).Select(node => node.Node.Id)];

    /// <summary>Takes note of a node's turn.</summary>
    public void Record(NodeRecords node, IReadOnlyList<MachineEvent> events)
    {
        if (node.Record(events))
        {
            _changedNodes.Add(node);
        }

        _journal.Add(node.Machine.Definition.Id, events);
    }

    /// <summary>Takes note of a turn of the pipeline machine.</summary>
    public void Record(IReadOnlyList<MachineEvent> events)
    {
        Records.Record(events);
        _journal.Add(RootId, events);
    }

    /// <summary>Puts everything that changed into a batch, and starts again.</summary>
    /// <returns>The next journal position.</returns>
    public long Seal(CommitBatch batch, long position, DateTimeOffset now)
    {
        Records.Seal(batch, IsOver ? now : null);
        foreach (NodeRecords node in _changedNodes)
        {
            node.Seal(batch);
        }

        _changedNodes.Clear();
        return _journal.Seal(batch, position);
    }

    private NodeRecords Add(string nodeId, NodeState? state, NodeExecutionData? apart) => _nodes[nodeId] = new NodeRecords(
        Records.Root, new NodeMachine(Definition.Nodes[nodeId], Definition.Settings, state), apart);
}
