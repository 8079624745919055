using BambooOrleans.Components;

namespace BambooOrleans.Cluster.Chaos;

/// <summary>Fails until an operator retries it with <c>pass</c>. The silos load it from this program.</summary>
[Component("chaos_moody", Description = "Fails unless its input pass is true.")]
public sealed class MoodyComponent : Component
{
    /// <inheritdoc/>
    public override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken)
    {
        context.SetOutput("mood", "good");
        return Task.FromResult<ComponentResult>(context.Inputs.TryGetValue("pass", out Value? pass) && pass.Equals((Value)true));
    }
}
