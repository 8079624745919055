using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Storage;

namespace BambooOrleans.Hosting;

/// <summary>The states of a root pipeline's machines as a store kept them.</summary>
public sealed class LoadedPipeline : IPipelineView, IVerbFacts
{
    private readonly Dictionary<string, LoadedNode> _nodes = new(StringComparer.Ordinal);

    private LoadedPipeline(long root, PipelineDefinition definition)
    {
        Root = root;
        Definition = definition;
        State = PipelineMachine.InitialState(definition);
    }

    /// <summary>The pipeline's number in the store.</summary>
    public long Root { get; }

    /// <inheritdoc cref="IPipelineView.Definition"/>
    public PipelineDefinition Definition { get; }

    /// <inheritdoc/>
    public PipelineState State { get; }

    /// <summary>What is kept of its nodes, by id.</summary>
    public IReadOnlyDictionary<string, LoadedNode> Nodes => _nodes;

    /// <inheritdoc/>
    public IEnumerable<(NodeDefinition Node, NodeState State)> NodeStates =>
        _nodes.Select(node => (Definition.Nodes[node.Key], node.Value.State));

    /// <summary>Reads the records.</summary>
    /// <param name="stored">What the store kept.</param>
    /// <param name="definition">The pipeline; <see cref="SubmissionCheck.Compile"/> makes it.</param>
    /// <exception cref="System.Text.Json.JsonException">A record cannot be read.</exception>
    public static LoadedPipeline Load(StoredPipeline stored, PipelineDefinition definition)
    {
        var loaded = new LoadedPipeline(stored.Root, definition);
        PipelineState state = loaded.State;
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

        foreach ((string nodeId, ReadOnlyMemory<byte> payload) in nodes)
        {
            NodeExecutionData? apart = data.GetValueOrDefault(nodeId);
            loaded._nodes[nodeId] = new LoadedNode(MachineJson.ReadNodeState(payload.Span, apart), apart);
        }

        return loaded;
    }

    /// <inheritdoc/>
    public NodeState? NodeState(string nodeId) => _nodes.TryGetValue(nodeId, out LoadedNode? node) ? node.State : null;

    /// <inheritdoc/>
    public bool IsJoiningAt(string nodeId) => PipelineRecords.IsJoiningAt(State, nodeId);

    /// <inheritdoc/>
    public NodeStateName? ScopeState(string id) => State.Scopes.GetValueOrDefault(id)?.State;
}

/// <summary>What a store kept of a node.</summary>
/// <param name="State">The state, with its execution data.</param>
/// <param name="Apart">The execution data where it was kept in a record of its own; null where it was not.</param>
public sealed record LoadedNode(NodeState State, NodeExecutionData? Apart);
