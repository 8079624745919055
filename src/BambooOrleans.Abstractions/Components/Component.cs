namespace BambooOrleans.Components;

/// <summary>
/// User code that a service activity runs. Derive, name it with <see cref="ComponentAttribute"/>, and register it.
/// </summary>
/// <remarks>
/// A component runs at least once for each attempt; exactly once where no process died between the decision to run it and
/// the recorded result. <see cref="ComponentContext.Version"/> is the same when the same attempt runs again: use it as
/// the key that makes a call to the outside safe to repeat. One instance is made for each call.
/// </remarks>
public abstract class Component
{
    /// <summary>
    /// How the node goes on after a successful <see cref="ExecuteAsync"/>; <see cref="Schedule.None"/> (the default) finishes it.
    /// Asked after <see cref="ExecuteAsync"/> has succeeded, and so may depend on what it found.
    /// </summary>
    public virtual Schedule Schedule => Schedule.None;

    /// <summary>What happens when the process died while this component ran.</summary>
    public virtual AfterDeath AfterDeath => AfterDeath.RunAgain;

    /// <summary>The longest that one call may take; null for the engine's own limit.</summary>
    public virtual TimeSpan? TimeLimit => null;

    /// <summary>Whether the hook methods of this component are called; true where one is overridden.</summary>
    public virtual bool HooksEnabled => ComponentHooks.AreOverridden(GetType());

    /// <summary>What the component takes, for documentation and for checks at submission.</summary>
    public virtual IReadOnlyList<FieldDeclaration> Inputs => [];

    /// <summary>What the component gives, for documentation.</summary>
    public virtual IReadOnlyList<FieldDeclaration> Outputs => [];

    /// <summary>
    /// Does the work. The result's truthiness decides success (observed: nothing returned is success); a throw is a failure.
    /// </summary>
    /// <param name="context">The inputs, the outputs to fill, and what is known of the attempt.</param>
    /// <param name="cancellationToken">Cancelled when the time limit passes, the node is forced to fail, or the engine closes.</param>
    public abstract Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Called for each poll and for each callback. Call <see cref="ComponentContext.FinishSchedule"/> when a poll or a
    /// multiple callback is done; a single callback is done after one call.
    /// </summary>
    /// <param name="context">As in <see cref="ExecuteAsync"/>, with the outputs as they were left.</param>
    /// <param name="callbackData">The data of the callback; null for a poll.</param>
    /// <param name="cancellationToken">As in <see cref="ExecuteAsync"/>.</param>
    public virtual Task<ComponentResult> ScheduleAsync(
        ComponentContext context, Value? callbackData, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"{GetType().Name} declares a schedule but does not override ScheduleAsync.");

    /// <summary>
    /// With <see cref="AfterDeath.Reconcile"/>: finds out what became of an execution whose process died. Returning null
    /// means that it cannot be told and that <see cref="ExecuteAsync"/> is to run again.
    /// </summary>
    public virtual Task<ComponentResult?> ReconcileAsync(ComponentContext context, CancellationToken cancellationToken) =>
        Task.FromResult<ComponentResult?>(null);

    /// <summary>A hook: the node was entered.</summary>
    public virtual HookResult NodeEnter(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook: before <see cref="ExecuteAsync"/>.</summary>
    public virtual HookResult PreExecute(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook: after a successful <see cref="ExecuteAsync"/>.</summary>
    public virtual HookResult PostExecute(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook: before <see cref="ScheduleAsync"/>.</summary>
    public virtual HookResult PreSchedule(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook: after a successful <see cref="ScheduleAsync"/>.</summary>
    public virtual HookResult PostSchedule(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook: <see cref="ExecuteAsync"/> threw.</summary>
    public virtual HookResult NodeExecuteException(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook: <see cref="ExecuteAsync"/> failed and the node will be FAILED.</summary>
    public virtual HookResult NodeExecuteFail(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook: <see cref="ScheduleAsync"/> threw.</summary>
    public virtual HookResult NodeScheduleException(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook: <see cref="ScheduleAsync"/> failed and the node will be FAILED.</summary>
    public virtual HookResult NodeScheduleFail(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook: the node is finished and left. Its outputs have gone to the context already.</summary>
    public virtual HookResult NodeFinish(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook around a verb: before the node is retried. Changes of data are not kept.</summary>
    public virtual HookResult PreRetryNode(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook around a verb: after the node was retried. Changes of data are not kept.</summary>
    public virtual HookResult PostRetryNode(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook around a verb: before the node is skipped. Changes of data are not kept.</summary>
    public virtual HookResult PreSkipNode(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook around a verb: after the node was skipped. Changes of data are not kept.</summary>
    public virtual HookResult PostSkipNode(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook around a verb: before the node is paused. Changes of data are not kept.</summary>
    public virtual HookResult PrePauseNode(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook around a verb: after the node was paused. Changes of data are not kept.</summary>
    public virtual HookResult PostPauseNode(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook around a verb: before the node is forced to fail. Changes of data are not kept.</summary>
    public virtual HookResult PreForcedFailActivity(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook around a verb: after the node was forced to fail. Changes of data are not kept.</summary>
    public virtual HookResult PostForcedFailActivity(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook around a verb: a callback was accepted and is about to be handled. Changes of data are not kept.</summary>
    public virtual HookResult PreCallback(ComponentContext context) => HookResult.Keep;

    /// <summary>A hook around a verb: a callback was handed over. Changes of data are not kept.</summary>
    public virtual HookResult PostCallback(ComponentContext context) => HookResult.Keep;
}

/// <summary>What becomes of the data that a hook changed.</summary>
public enum HookResult
{
    /// <summary>The node's execution data is recorded with the hook's changes.</summary>
    Keep,

    /// <summary>The hook asks for nothing to be recorded.</summary>
    Discard,
}

/// <summary>What happens to an attempt whose process died while its component ran.</summary>
public enum AfterDeath
{
    /// <summary>The component runs again with the same version.</summary>
    RunAgain,

    /// <summary><see cref="Component.ReconcileAsync"/> is asked what became of it.</summary>
    Reconcile,

    /// <summary>The node is FAILED and waits for an operator.</summary>
    Fail,
}

/// <summary>What a component returns. Its <see cref="Value"/> is kept as the output <c>_result</c>.</summary>
/// <param name="Value">The raw result; success is its truthiness.</param>
public readonly record struct ComponentResult(Value Value)
{
    /// <summary>Success; <c>_result</c> is <c>true</c>.</summary>
    public static ComponentResult Ok { get; } = new(true);

    /// <summary>Failure; <c>_result</c> is <c>false</c>.</summary>
    public static ComponentResult Failed { get; } = new(false);

    /// <summary>Whether the result counts as success.</summary>
    public bool IsSuccess => Value.IsTruthy;

    /// <summary>Any value as a result; success is its truthiness.</summary>
    public static implicit operator ComponentResult(bool success) => success ? Ok : Failed;
}

/// <summary>One declared input or output.</summary>
/// <param name="Name">The name in the inputs or outputs.</param>
/// <param name="Type">The type's name for people: <c>text</c>, <c>int</c>, <c>float</c>, <c>bool</c>, <c>list</c>, <c>map</c>, <c>any</c>.</param>
/// <param name="Required">Whether a tree that leaves it out is refused.</param>
/// <param name="Description">What it means, with its unit.</param>
public sealed record FieldDeclaration(string Name, string Type, bool Required, string Description)
{
    /// <summary>Of an input: whether its value is masked wherever it is shown, as if the tree had it marked <c>secret</c>.</summary>
    public bool IsSecret { get; init; }
}

/// <summary>Gives a component its code and version.</summary>
/// <param name="code">The code by which trees name the component.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ComponentAttribute(string code) : Attribute
{
    /// <summary>The code by which trees name the component.</summary>
    public string Code { get; } = code;

    /// <summary>The version by which trees name it; <c>legacy</c> where they name none.</summary>
    public string Version { get; init; } = "legacy";

    /// <summary>One line for people.</summary>
    public string Description { get; init; } = "";
}
