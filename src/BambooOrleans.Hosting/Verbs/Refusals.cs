using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Hosting;

/// <summary>Finding what a verb or a read names, and the refusals where it is not there.</summary>
public static class Refusals
{
    /// <summary>The node of an id.</summary>
    /// <exception cref="NotFoundException">The id is the root pipeline's, which is no node.</exception>
    public static NodeDefinition NodeOf(PipelineDefinition definition, string id) =>
        definition.Nodes.TryGetValue(id, out NodeDefinition? node) ? node : throw NoNode(id);

    /// <summary>There is no such node.</summary>
    public static NotFoundException NoNode(string id) => new($"there is no node {id}");

    /// <summary>There is no such root pipeline.</summary>
    public static NotFoundException NoPipeline(string rootId) => new($"there is no pipeline {rootId}");

    /// <summary>There is nothing to read of a node or pipeline.</summary>
    public static NotFoundException NoData(string id, string what) => new($"there is no {what} of {id}");

    /// <summary>The refusal of a callback to a pipeline: at one that failed a token sleeps, but none ever waited (as in the reference).</summary>
    internal static BambooException NoCallback(IVerbFacts facts, string id, string version) =>
        facts.ScopeState(id) == NodeStateName.Failed
            ? new NotFoundException($"{id} never waited under version {version}")
            : NotWaiting(id);

    internal static InvalidOperationVerbException NotWaiting(string id) =>
        new("callback.not-waiting", $"can not find sleep process with current node id: {id}");
}
