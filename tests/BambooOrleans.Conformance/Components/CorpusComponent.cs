using BambooOrleans.Components;

namespace BambooOrleans.Conformance.Components;

/// <summary>
/// Base of the corpus's components. None of them waits for anything, so that they are written as plain methods.
/// </summary>
public abstract class CorpusComponent : Component
{
    public sealed override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken) =>
        Completed(() => Execute(context));

    public sealed override Task<ComponentResult> ScheduleAsync(
        ComponentContext context, Value? callbackData, CancellationToken cancellationToken) =>
        Completed(() => OnSchedule(context, callbackData));

    protected abstract ComponentResult Execute(ComponentContext context);

    protected virtual ComponentResult OnSchedule(ComponentContext context, Value? callbackData) =>
        throw new NotSupportedException($"{GetType().Name} has no schedule.");

    /// <summary>Sets every input, <c>_loop</c> and <c>_inner_loop</c> too, as an output of the same name ("copy" in FORMAT.md).</summary>
    protected static void CopyInputsToOutputs(ComponentContext context) => context.Outputs.SetAll(context.Inputs);

    // A throw belongs to the task, as it would in a component that awaits something before it throws.
    private static Task<ComponentResult> Completed(Func<ComponentResult> work)
    {
        try
        {
            return Task.FromResult(work());
        }
        catch (Exception failure)
        {
            return Task.FromException<ComponentResult>(failure);
        }
    }
}
