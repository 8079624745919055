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

    private Schedule(ScheduleKind kind, Func<int, TimeSpan>? interval = null)
    {
        Kind = kind;
        _interval = interval;
    }

    /// <summary>The node finishes after its execution.</summary>
    public static Schedule None { get; } = new(ScheduleKind.None);

    /// <summary>The node waits for one callback.</summary>
    public static Schedule Callback { get; } = new(ScheduleKind.Callback);

    /// <summary>The node takes callbacks until the component is done.</summary>
    public static Schedule MultipleCallback { get; } = new(ScheduleKind.MultipleCallback);

    /// <summary>How the schedule goes on.</summary>
    public ScheduleKind Kind { get; }

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
