using System.Runtime.CompilerServices;
using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Hosting;

/// <summary>Where the secrets of pipelines stand, found once for each definition.</summary>
/// <param name="declared">The inputs of a node that its component declares as secret.</param>
internal sealed class PipelineSecretsCache(Func<NodeDefinition, IEnumerable<string>> declared)
{
    private readonly ConditionalWeakTable<PipelineDefinition, Found> _found = [];

    /// <summary>Where the secrets of a pipeline stand; null where it has none.</summary>
    public PipelineSecrets? Of(PipelineDefinition definition) => _found.GetValue(
        definition,
        found => new Found(PipelineSecrets.Find(found, node => declared(node).Concat(found.DeclaredSecrets.GetValueOrDefault(node.Id) ?? [])))).Secrets;

    /// <summary>Whether user code of a node is given a secret.</summary>
    public bool MayKnow(NodeDefinition node) => node.SecretInputs.Count > 0 || declared(node).Any();

    private sealed record Found(PipelineSecrets? Secrets);
}
