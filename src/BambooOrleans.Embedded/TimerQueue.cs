namespace BambooOrleans.Embedded;

/// <summary>Calls back when times come due, never early. One platform timer serves all.</summary>
/// <remarks>A timer that was replaced or is no longer wanted fires too: the machine that set it tells by version and time.</remarks>
internal sealed class TimerQueue : IDisposable
{
    private readonly Lock _lock = new();
    private readonly PriorityQueue<TimerEntry, DateTimeOffset> _entries = new();
    private readonly TimeProvider _time;
    private readonly Action<TimerEntry> _fire;
    private readonly ITimer _timer;
    private DateTimeOffset _armedFor = DateTimeOffset.MaxValue;

    public TimerQueue(TimeProvider time, Action<TimerEntry> fire)
    {
        _time = time;
        _fire = fire;
        _timer = time.CreateTimer(_ => FireDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Add(TimerEntry entry, DateTimeOffset due)
    {
        lock (_lock)
        {
            _entries.Enqueue(entry, due);
            Arm();
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            _entries.Clear();
        }
    }

    public void Dispose() => _timer.Dispose();

    private void FireDue()
    {
        var due = new List<TimerEntry>();
        lock (_lock)
        {
            _armedFor = DateTimeOffset.MaxValue;
            DateTimeOffset now = _time.GetUtcNow();
            while (_entries.TryPeek(out _, out DateTimeOffset next) && next <= now)
            {
                due.Add(_entries.Dequeue());
            }

            Arm();
        }

        due.ForEach(_fire);
    }

    private void Arm()
    {
        if (_entries.TryPeek(out _, out DateTimeOffset next) && next < _armedFor)
        {
            // The platform's timers count whole milliseconds and cut off the rest; one more keeps them from being early.
            TimeSpan wait = next - _time.GetUtcNow() + TimeSpan.FromMilliseconds(1);
            TimeSpan longest = TimeSpan.FromDays(24);
            _armedFor = next;
            _timer.Change(wait < TimeSpan.Zero ? TimeSpan.Zero : wait > longest ? longest : wait, Timeout.InfiniteTimeSpan);
        }
    }
}

/// <summary>Whom to tell that a time has come.</summary>
/// <param name="RootId">The root pipeline.</param>
/// <param name="NodeId">The node.</param>
/// <param name="Version">The version of the attempt that set the timer.</param>
internal readonly record struct TimerEntry(string RootId, string NodeId, string Version);
