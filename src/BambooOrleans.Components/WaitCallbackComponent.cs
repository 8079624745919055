namespace BambooOrleans.Components.BuiltIn;

/// <summary>
/// Waits for one callback: an approval, or the end of work that something else does. The callback's data becomes an output.
/// Data that is a map with a <c>result</c> that counts as false fails the node.
/// </summary>
[Component("wait_callback", Description = "Waits for one callback; its data with result false fails the node.")]
public sealed class WaitCallbackComponent : BuiltInComponent
{
    /// <inheritdoc/>
    public override Schedule Schedule => Schedule.Callback;

    /// <inheritdoc/>
    public override IReadOnlyList<FieldDeclaration> Inputs { get; } =
        [new("*", "any", false, "Whatever tells people what is waited for.")];

    /// <inheritdoc/>
    public override IReadOnlyList<FieldDeclaration> Outputs { get; } =
        [new("callback_data", "any", true, "The data of the callback.")];

    /// <inheritdoc/>
    protected override Task<ComponentResult> RunAsync(ComponentContext context, CancellationToken cancellationToken) =>
        Task.FromResult(ComponentResult.Ok);

    /// <inheritdoc/>
    protected override Task<ComponentResult> GoOnAsync(
        ComponentContext context, Value? callbackData, CancellationToken cancellationToken)
    {
        context.SetOutput("callback_data", callbackData ?? Value.Null);
        if (callbackData is MapValue data && data.TryGetValue("result", out Value? result) && !result.IsTruthy)
        {
            return Task.FromResult(context.Fail(data.TryGetValue("message", out Value? message)
                ? BuiltIn.Inputs.AsText(message)
                : $"the callback's data says result {result.ToJson()}"));
        }

        return Task.FromResult(ComponentResult.Ok);
    }
}
