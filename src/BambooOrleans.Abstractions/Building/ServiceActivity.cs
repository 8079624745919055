using BambooOrleans.Pipelines;

namespace BambooOrleans.Building;

/// <summary>An activity that runs a component.</summary>
/// <param name="component">The code of the component.</param>
/// <param name="id">The id; null makes one.</param>
/// <param name="name">A name for people.</param>
public sealed class ServiceActivity(string component, string? id = null, string? name = null) : Element(id, name)
{
    /// <inheritdoc/>
    public override string Type => NodeTypes.ServiceActivity;

    /// <summary>The code of the component.</summary>
    public string Component { get; } = component;

    /// <summary>The version of the component; null for the one without a version (<c>legacy</c>).</summary>
    public string? ComponentVersion { get; init; }

    /// <summary>The component's inputs by name.</summary>
    public VariableMap Inputs { get; init; } = [];

    /// <summary>Whether a failure is passed over and the pipeline goes on.</summary>
    public bool ErrorIgnorable { get; init; }

    /// <summary>Whether an operator may skip the node when it has failed.</summary>
    public bool Skippable { get; init; } = true;

    /// <summary>Whether an operator may retry the node when it has failed.</summary>
    public bool Retryable { get; init; } = true;

    /// <summary>The member <c>timeout</c>, in seconds. The engine keeps it and does not act on it.</summary>
    public int? Timeout { get; init; }

    /// <summary>How the node loops by itself; null where it does not.</summary>
    public Loop? Loop { get; init; }
}

/// <summary>How a service activity loops by itself.</summary>
/// <param name="times">How many times it runs.</param>
public sealed class Loop(int times)
{
    /// <summary>How many times it runs.</summary>
    public int Times { get; } = times;

    /// <summary>Whether a failed round is passed over.</summary>
    public bool FailSkip { get; init; }

    /// <summary>Whether an operator may retry a failed round.</summary>
    public bool Retryable { get; init; }

    /// <summary>Whether an operator may skip a failed round.</summary>
    public bool Skippable { get; init; }

    /// <summary>The context key that collects the outputs of all rounds; null for <c>outputs</c>.</summary>
    public string? OutputsKey { get; init; }
}
