using System.Text.Json.Serialization;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines;

/// <summary>What an attempt of a node came to, as the pipeline needs it. Kept by the node until it is entered again.</summary>
public sealed record NodeReport
{
    /// <summary>What it came to.</summary>
    public required NodeOutcome Outcome { get; init; }

    /// <summary>Of a finished one: where the token goes; several for a gateway that forks, none for an end event.</summary>
    public IReadOnlyList<string> Next { get; init; } = [];

    /// <summary>Whether the node's outputs are to be extracted to the context.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ExtractsOutputs { get; init; }

    /// <summary>The outputs that are extracted, where they are not those that the node records.</summary>
    public MapValue? Outputs { get; init; }

    /// <summary>Of a start event: context values that it rendered, by context key. Of an end event: the pipeline's outputs.</summary>
    public MapValue? Values { get; init; }

    /// <summary>Of a failed one: the outputs that an operator has set since, in order; null where none did.</summary>
    public IReadOnlyList<MapValue>? Updates { get; init; }

    /// <summary>Of a skipped one: the failure that was skipped, for a pipeline that has not heard of that.</summary>
    public NodeReport? Failure { get; init; }

    /// <summary>Of a failed one: why, where the node itself found it.</summary>
    public string? Cause { get; init; }
}
