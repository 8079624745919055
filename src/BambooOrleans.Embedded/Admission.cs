namespace BambooOrleans.Embedded;

/// <summary>Counts the calls that wait for their answer, and the bytes that they hold, and lets no more in than the limits allow.</summary>
internal sealed class Admission(EngineLimits limits)
{
    private int _calls;
    private long _bytes;

    /// <summary>Lets a call in; it leaves when what this gives is disposed.</summary>
    /// <param name="bytes">What it holds until then.</param>
    /// <exception cref="EngineOverloadedException">There is no room.</exception>
    public Stay Enter(long bytes = 0)
    {
        if (Interlocked.Increment(ref _calls) > limits.WaitingCalls)
        {
            Interlocked.Decrement(ref _calls);
            throw new EngineOverloadedException($"{limits.WaitingCalls} calls wait for their answer already");
        }

        long held = Interlocked.Add(ref _bytes, bytes);
        if (bytes > 0 && held > limits.SubmittedBytes && held != bytes)
        {
            Leave(bytes);
            throw new EngineOverloadedException($"submissions of {held - bytes} bytes wait to be stored already");
        }

        return new Stay(this, bytes);
    }

    private void Leave(long bytes)
    {
        Interlocked.Add(ref _bytes, -bytes);
        Interlocked.Decrement(ref _calls);
    }

    /// <summary>A call that was let in.</summary>
    public readonly struct Stay(Admission admission, long bytes) : IDisposable
    {
        public void Dispose() => admission.Leave(bytes);
    }
}
