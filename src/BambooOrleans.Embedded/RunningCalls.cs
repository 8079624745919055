namespace BambooOrleans.Embedded;

/// <summary>Counts the calls of user code that have been decided and have not ended.</summary>
internal sealed class RunningCalls
{
    private readonly Lock _lock = new();
    private int _count;
    private TaskCompletionSource? _none;

    public void Began()
    {
        lock (_lock)
        {
            _count++;
        }
    }

    public void Ended()
    {
        lock (_lock)
        {
            if (--_count == 0)
            {
                _none?.TrySetResult();
            }
        }
    }

    /// <summary>Waits until none runs, at most for a time.</summary>
    public async Task WhenNoneAsync(TimeSpan limit, TimeProvider time)
    {
        Task none;
        lock (_lock)
        {
            if (_count == 0)
            {
                return;
            }

            _none = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            none = _none.Task;
        }

        try
        {
            await none.WaitAsync(limit, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What still runs is cut off; its durable intent makes it run again at the next opening.
        }
    }
}
