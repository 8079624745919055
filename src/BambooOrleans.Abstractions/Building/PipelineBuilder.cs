using BambooOrleans.Pipelines;

namespace BambooOrleans.Building;

/// <summary>Makes pipeline trees from elements that have been joined.</summary>
public static class PipelineBuilder
{
    /// <summary>Makes a tree of everything that can be reached from a start event.</summary>
    /// <param name="start">The start event.</param>
    /// <param name="data">The variables and outputs of the pipeline; null for none.</param>
    /// <param name="id">The id of the pipeline; null makes one.</param>
    /// <param name="newId">
    /// Makes the ids that were not given, from the letter they begin with: <c>e</c> for a node, <c>f</c> for a flow, <c>p</c>
    /// for a pipeline. Null makes random ones.
    /// </param>
    /// <exception cref="PipelineBuildException">The elements make no tree.</exception>
    /// <exception cref="PipelineTreeException">The tree is refused when it is read, for an id that occurs twice for example.</exception>
    public static PipelineTree BuildTree(
        EmptyStartEvent start, Data? data = null, string? id = null, Func<string, string>? newId = null)
    {
        ArgumentNullException.ThrowIfNull(start);
        newId ??= Element.NewId;
        return PipelineTreeReader.Read(new PipelineBuilding(newId).Build(start, data, () => id ?? newId("p")));
    }
}
