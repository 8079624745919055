using BambooOrleans.Components;

namespace BambooOrleans.Benchmarks;

/// <summary>Takes a while, as an activity that calls something else does.</summary>
[Component(Code)]
public sealed class Pace(PaceTime time) : Component
{
    internal const string Code = "pace";

    /// <inheritdoc/>
    public override async Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken)
    {
        await Task.Delay(time.Duration, cancellationToken).ConfigureAwait(false);
        return ComponentResult.Ok;
    }
}

/// <summary>How long an activity takes.</summary>
public sealed class PaceTime
{
    internal TimeSpan Duration { get; set; }
}
