namespace BambooOrleans.Components.BuiltIn;

/// <summary>What the built-in components share: a failure that was foreseen is told in one line, without a stack trace.</summary>
public abstract class BuiltInComponent : Component
{
    /// <inheritdoc/>
    public sealed override async Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(context, cancellationToken).ConfigureAwait(false);
        }
        catch (BambooException refusal)
        {
            return context.Fail(refusal.Message);
        }
    }

    /// <inheritdoc/>
    public sealed override async Task<ComponentResult> ScheduleAsync(
        ComponentContext context, Value? callbackData, CancellationToken cancellationToken)
    {
        try
        {
            return await GoOnAsync(context, callbackData, cancellationToken).ConfigureAwait(false);
        }
        catch (BambooException refusal)
        {
            return context.Fail(refusal.Message);
        }
    }

    /// <summary>Does the work of <see cref="ExecuteAsync"/>.</summary>
    protected abstract Task<ComponentResult> RunAsync(ComponentContext context, CancellationToken cancellationToken);

    /// <summary>Does the work of <see cref="ScheduleAsync"/>.</summary>
    protected virtual Task<ComponentResult> GoOnAsync(
        ComponentContext context, Value? callbackData, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} has no schedule.");
}
