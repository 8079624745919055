namespace BambooOrleans.Components.BuiltIn;

/// <summary>
/// Gives each input as an output of the same name: with inputs that hold templates, this is how a pipeline computes a value
/// and, by <c>source_act</c>, puts it into its context.
/// </summary>
[Component("assign", Description = "Gives each input, with its templates rendered, as an output of the same name.")]
public sealed class AssignComponent : BuiltInComponent
{
    /// <inheritdoc/>
    public override IReadOnlyList<FieldDeclaration> Inputs { get; } =
        [new("*", "any", false, "Any input of any name.")];

    /// <inheritdoc/>
    public override IReadOnlyList<FieldDeclaration> Outputs { get; } =
        [new("*", "any", true, "Each input under its own name.")];

    /// <inheritdoc/>
    protected override Task<ComponentResult> RunAsync(ComponentContext context, CancellationToken cancellationToken)
    {
        context.Outputs.SetAll(context.Inputs);
        return Task.FromResult(ComponentResult.Ok);
    }
}
