using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Embedded;

/// <summary>Finding what a verb names, and the refusals where it is not there.</summary>
internal static class Verbs
{
    /// <exception cref="NotFoundException">The id is the root pipeline's, which is no node.</exception>
    public static NodeDefinition NodeOf(PipelineInstance instance, string id) =>
        instance.Definition.Nodes.TryGetValue(id, out NodeDefinition? node) ? node : throw NoNode(id);

    public static NotFoundException NoNode(string id) => new($"there is no node {id}");

    public static InvalidOperationVerbException NotWaiting(string id) =>
        new("callback.not-waiting", $"can not find sleep process with current node id: {id}");
}
