using BambooOrleans.Pipelines;

namespace BambooOrleans.Building;

/// <summary>Where a pipeline starts.</summary>
/// <param name="id">The id; null makes one.</param>
/// <param name="name">A name for people.</param>
public sealed class EmptyStartEvent(string? id = null, string? name = null) : Element(id, name)
{
    /// <inheritdoc/>
    public override string Type => NodeTypes.EmptyStartEvent;
}

/// <summary>Where a pipeline ends.</summary>
/// <param name="id">The id; null makes one.</param>
/// <param name="name">A name for people.</param>
public sealed class EmptyEndEvent(string? id = null, string? name = null) : Element(id, name)
{
    /// <inheritdoc/>
    public override string Type => NodeTypes.EmptyEndEvent;
}

/// <summary>Where a pipeline ends after it has run registered code.</summary>
/// <param name="code">The code under which the event is registered; it becomes the node's type.</param>
/// <param name="id">The id; null makes one.</param>
/// <param name="name">A name for people.</param>
public sealed class ExecutableEndEvent(string code, string? id = null, string? name = null) : Element(id, name)
{
    /// <inheritdoc/>
    public override string Type => code;
}
