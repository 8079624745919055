using System.Globalization;

namespace BambooOrleans.Components.BuiltIn;

/// <summary>
/// Waits. The time at which it ends is kept in an output, so that the wait goes on where it stood after a restart; while it
/// waits it is a timer of the engine and nothing else.
/// </summary>
/// <param name="time">The clock; null for the system's.</param>
[Component("sleep", Description = "Waits for some seconds, never fewer than asked.")]
public sealed class SleepComponent(TimeProvider? time = null) : BuiltInComponent
{
    /// <summary>The longest wait, in seconds: 366 days.</summary>
    public const double SecondsMax = 366 * 24 * 3600;

    // Longer waits are taken in steps, so that a clock that is set meanwhile is noticed.
    private static readonly TimeSpan StepMax = TimeSpan.FromHours(1);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private TimeSpan _left;

    /// <inheritdoc/>
    public override Schedule Schedule => Schedule.Poll(_ => _left);

    /// <inheritdoc/>
    public override IReadOnlyList<FieldDeclaration> Inputs { get; } =
        [new("seconds", "float", true, "How long to wait, in seconds.")];

    /// <inheritdoc/>
    public override IReadOnlyList<FieldDeclaration> Outputs { get; } =
        [new("due_time", "text", true, "When the wait ends, in ISO 8601.")];

    /// <inheritdoc/>
    protected override Task<ComponentResult> RunAsync(ComponentContext context, CancellationToken cancellationToken)
    {
        double seconds = context.OptionalNumber("seconds", 0, SecondsMax)
            ?? throw new ComponentInputException("seconds", "is missing");
        DateTimeOffset due = _time.GetUtcNow() + TimeSpan.FromSeconds(seconds);
        context.SetOutput("due_time", due.ToString("O", CultureInfo.InvariantCulture));
        return Task.FromResult(ComponentResult.Ok);
    }

    /// <inheritdoc/>
    protected override Task<ComponentResult> GoOnAsync(
        ComponentContext context, Value? callbackData, CancellationToken cancellationToken)
    {
        string due = ((TextValue)context.Outputs["due_time"]).Value;
        _left = DateTimeOffset.Parse(due, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind) - _time.GetUtcNow();
        if (_left <= TimeSpan.Zero)
        {
            context.FinishSchedule();
        }
        else if (_left > StepMax)
        {
            _left = StepMax;
        }

        return Task.FromResult(ComponentResult.Ok);
    }
}
