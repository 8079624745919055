using BambooOrleans.Components;

namespace BambooOrleans.Cluster.Tests.Silo;

/// <summary>A user's component, in an assembly that a settings file names.</summary>
[Component("cluster_tests_greet")]
public sealed class GreetComponent : Component
{
    /// <inheritdoc/>
    public override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken) =>
        Task.FromResult(ComponentResult.Ok);
}
