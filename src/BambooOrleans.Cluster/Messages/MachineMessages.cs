using BambooOrleans.Core;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Cluster;

/// <summary>
/// An input for a node machine. Within a silo the object itself is handed over; to another silo it goes as JSON, so that silos
/// of two versions understand each other.
/// </summary>
[Immutable]
public sealed class NodeMessage
{
    private readonly NodeInput? _input;
    private readonly NodeDefinition? _definition;
    private byte[]? _json;

    internal NodeMessage(string rootId, NodeInput input, NodeDefinition definition)
    {
        RootId = rootId;
        _input = input;
        _definition = definition;
    }

    internal NodeMessage(string rootId, byte[] json)
    {
        RootId = rootId;
        _json = json;
    }

    /// <summary>The root pipeline that the node belongs to.</summary>
    public string RootId { get; }

    /// <summary>
    /// Whether the node most likely has no state yet, so that its grain need not look for one: if it has, its first write meets
    /// the state that is there and fails, and the message comes again without this.
    /// </summary>
    internal bool IsFirst { get; init; }

    internal byte[] ToJson() => _json ??= InputJson.Write(_input!, _definition!);

    internal NodeInput Read(NodeDefinition definition, EngineSettings settings) =>
        _input ?? InputJson.ReadNode(_json, definition, settings.Expressions);
}

/// <summary>An input for a pipeline machine; see <see cref="NodeMessage"/>.</summary>
[Immutable]
public sealed class PipelineMessage
{
    private readonly PipelineInput? _input;
    private byte[]? _json;

    internal PipelineMessage(PipelineInput input) => _input = input;

    internal PipelineMessage(byte[] json) => _json = json;

    internal byte[] ToJson() => _json ??= InputJson.Write(_input!);

    internal PipelineInput Read(PipelineDefinition definition) => _input ?? InputJson.ReadPipeline(_json, definition);
}

/// <summary>A <see cref="NodeMessage"/> between silos.</summary>
[GenerateSerializer]
public struct NodeMessageSurrogate
{
    /// <summary>The root pipeline.</summary>
    [Id(0)]
    public string RootId;

    /// <summary>The input.</summary>
    [Id(1)]
    public byte[] Json;

    /// <summary>Whether the node most likely has no state yet.</summary>
    [Id(2)]
    public bool IsFirst;
}

/// <summary>A <see cref="PipelineMessage"/> between silos.</summary>
[GenerateSerializer]
public struct PipelineMessageSurrogate
{
    /// <summary>The input.</summary>
    [Id(0)]
    public byte[] Json;
}

/// <summary>Writes and reads a <see cref="NodeMessage"/> between silos.</summary>
[RegisterConverter]
public sealed class NodeMessageConverter : IConverter<NodeMessage, NodeMessageSurrogate>
{
    /// <inheritdoc/>
    public NodeMessage ConvertFromSurrogate(in NodeMessageSurrogate surrogate) => 
        new(surrogate.RootId, surrogate.Json) { IsFirst = surrogate.IsFirst };

    /// <inheritdoc/>
    public NodeMessageSurrogate ConvertToSurrogate(in NodeMessage value) => 
        new() { RootId = value.RootId, Json = value.ToJson(), IsFirst = value.IsFirst };
}

/// <summary>Writes and reads a <see cref="PipelineMessage"/> between silos.</summary>
[RegisterConverter]
public sealed class PipelineMessageConverter : IConverter<PipelineMessage, PipelineMessageSurrogate>
{
    /// <inheritdoc/>
    public PipelineMessage ConvertFromSurrogate(in PipelineMessageSurrogate surrogate) => new(surrogate.Json);

    /// <inheritdoc/>
    public PipelineMessageSurrogate ConvertToSurrogate(in PipelineMessage value) => new() { Json = value.ToJson() };
}
