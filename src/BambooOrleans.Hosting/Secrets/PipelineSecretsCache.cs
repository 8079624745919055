using System.Runtime.CompilerServices;
using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Hosting;

/// <summary>Where the secrets of pipelines stand, found once for each definition.</summary>
/// <param name="declared">What components declare as secret.</param>
internal sealed class PipelineSecretsCache(DeclaredInputs declared)
{
    private readonly ConditionalWeakTable<PipelineDefinition, Found> _found = [];

    /// <summary>What components declare.</summary>
    public DeclaredInputs Declared => declared;

    /// <summary>Where the secrets of a pipeline stand; null where it has none.</summary>
    public PipelineSecrets? Of(PipelineDefinition definition) => _found.GetValue(
        definition,
        found => new Found(PipelineSecrets.Find(found, node => declared.SecretsOf(node).Concat(found.DeclaredSecrets.GetValueOrDefault(node.Id) ?? [])))).Secrets;

    /// <summary>Whether user code of a node is given a secret.</summary>
    public bool MayKnow(NodeDefinition node) => node.SecretInputs.Count > 0 || declared.SecretsOf(node).Any();

    private sealed record Found(PipelineSecrets? Secrets);
}
