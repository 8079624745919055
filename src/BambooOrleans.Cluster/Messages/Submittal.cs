using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Cluster;

/// <summary>A pipeline that passed every check, on its way to its grain.</summary>
[Immutable]
public sealed class Submittal
{
    internal Submittal(byte[] tree, byte[] options, PipelineDefinition? definition)
    {
        Tree = tree;
        Options = options;
        Definition = definition;
    }

    /// <summary>The tree, as JSON in UTF-8.</summary>
    public byte[] Tree { get; }

    /// <summary>The options and what validation found, as JSON in UTF-8.</summary>
    public byte[] Options { get; }

    /// <summary>The compiled tree; null on another silo than where it was checked.</summary>
    internal PipelineDefinition? Definition { get; }
}

/// <summary>A <see cref="Submittal"/> between silos.</summary>
[GenerateSerializer]
public struct SubmittalSurrogate
{
    /// <summary>The tree.</summary>
    [Id(0)]
    public byte[] Tree;

    /// <summary>The options.</summary>
    [Id(1)]
    public byte[] Options;
}

/// <summary>Writes and reads a <see cref="Submittal"/> between silos.</summary>
[RegisterConverter]
public sealed class SubmittalConverter : IConverter<Submittal, SubmittalSurrogate>
{
    /// <inheritdoc/>
    public Submittal ConvertFromSurrogate(in SubmittalSurrogate surrogate) => new(surrogate.Tree, surrogate.Options, null);

    /// <inheritdoc/>
    public SubmittalSurrogate ConvertToSurrogate(in Submittal value) => new() { Tree = value.Tree, Options = value.Options };
}
