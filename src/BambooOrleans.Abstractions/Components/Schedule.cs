namespace BambooOrleans.Components;

/// <summary>How a schedule goes on.</summary>
public enum ScheduleKind
{
    /// <summary>There is none: the node finishes after its execution.</summary>
    None,

    /// <summary>The component is called again and again until it is done.</summary>
    Poll,

    /// <summary>The component is called once, when a callback arrives.</summary>
    Callback,

    /// <summary>The component is called for each callback until it is done.</summary>
    MultipleCallback,
}

/// <summary>How a node goes on after its component's execution has succeeded.</summary>
public sealed class Schedule
{
    private readonly Func<int, TimeSpan>? _interval;

    private Schedule(ScheduleKind kind, Func<int, TimeSpan>? interval = null, TimeSpan? deadline = null)
    {
        Kind = kind;
        _interval = interval;
        Deadline = deadline;
    }

    /// <summary>The node finishes after its execution.</summary>
    public static Schedule None { get; } = new(ScheduleKind.None);

    /// <summary>The node waits for one callback.</summary>
    public static Schedule Callback { get; } = new(ScheduleKind.Callback);

    /// <summary>The node takes callbacks until the component is done.</summary>
    public static Schedule MultipleCallback { get; } = new(ScheduleKind.MultipleCallback);

    /// <summary>How the schedule goes on.</summary>
    public ScheduleKind Kind { get; }

    /// <summary>
    /// Of callbacks: how long the node waits for the last one, from the end of its execution; past it the node is FAILED and
    /// its schedule over. Null for no limit.
    /// </summary>
    public TimeSpan? Deadline { get; }

    /// <summary>The node waits for one callback, and fails when it does not come within a time.</summary>
    public static Schedule CallbackWithin(TimeSpan deadline) => new(ScheduleKind.Callback, deadline: deadline);

    /// <summary>The node takes callbacks until the component is done, and fails when it is not within a time.</summary>
    public static Schedule MultipleCallbackWithin(TimeSpan deadline) => new(ScheduleKind.MultipleCallback, deadline: deadline);

    /// <summary>Polls at a fixed interval. The first poll is immediate whatever the interval (observed).</summary>
    public static Schedule Poll(TimeSpan interval) => new(ScheduleKind.Poll, _ => interval);

    /// <summary>Polls at an interval that depends on how many polls there have been, from 1.</summary>
    public static Schedule Poll(Func<int, TimeSpan> interval) => new(ScheduleKind.Poll, interval);

    /// <summary>The wait after poll number <paramref name="count"/>, from 1; never negative.</summary>
    public TimeSpan IntervalAfter(int count)
    {
        TimeSpan interval = _interval?.Invoke(count) ?? TimeSpan.Zero;
        return interval < TimeSpan.Zero ? TimeSpan.Zero : interval;
    }
}
