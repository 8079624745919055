namespace BambooOrleans.Building;

/// <summary>Elements were put together in a way that makes no tree.</summary>
/// <param name="code">
/// <c>builder.leads-nowhere</c>, <c>builder.leads-to-many</c>, <c>builder.duplicate-id</c>, <c>builder.two-ends</c>,
/// <c>builder.no-end</c>, <c>builder.no-condition</c> or <c>builder.circle</c>.
/// </param>
/// <param name="elementId">The id of the element that is wrong.</param>
/// <param name="problem">What is wrong with it.</param>
public sealed class PipelineBuildException(string code, string elementId, string problem)
    : BambooException(code, $"element \"{elementId}\" {problem}")
{
    /// <summary>The id of the element that is wrong.</summary>
    public string ElementId { get; } = elementId;
}
