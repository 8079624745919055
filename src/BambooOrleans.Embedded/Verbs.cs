using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Embedded;

/// <summary>Finding what a verb names, and the refusals where it is not there.</summary>
internal static class Verbs
{
    /// <exception cref="NotFoundException">The id is the root pipeline's, which is no node.</exception>
    public static NodeDefinition NodeOf(PipelineInstance instance, string id) =>
        instance.Definition.Nodes.TryGetValue(id, out NodeDefinition? node) ? node : throw NoNode(id);

    public static NotFoundException NoNode(string id) => new($"there is no node {id}");

    /// <summary>The refusal of a callback to a pipeline: at one that failed a token sleeps, but none ever waited (as in the reference).</summary>
    public static BambooException NoCallback(PipelineInstance instance, string id, string version) =>
        instance.Pipeline.State.Scopes.GetValueOrDefault(id)?.State == NodeStateName.Failed
            ? new NotFoundException($"{id} never waited under version {version}")
            : NotWaiting(id);

    public static InvalidOperationVerbException NotWaiting(string id) =>
        new("callback.not-waiting", $"can not find sleep process with current node id: {id}");
}
