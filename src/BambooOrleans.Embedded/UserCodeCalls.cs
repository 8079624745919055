using System.Collections.Concurrent;

namespace BambooOrleans.Embedded;

/// <summary>The calls of user code, from when they are decided until the reactor has taken what became of them.</summary>
/// <param name="post">Takes a call's answer, on any thread.</param>
internal sealed class UserCodeCalls(Action<CallMessage> post) : IDisposable
{
    private readonly ConcurrentDictionary<(string RootId, string Id, string Version), CancellationTokenSource> _calls = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private int _count;
    private TaskCompletionSource? _none;

    /// <summary>Cancelled when what runs is cut off.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Decides a call, which begins once the decision is durable. Its answer comes without an input where it was cut off.</summary>
    /// <param name="decision">The batch that holds the decision.</param>
    /// <param name="instance">The pipeline that it is for.</param>
    /// <param name="id">The node, or the sub-process.</param>
    /// <param name="version">The version under which it runs.</param>
    /// <param name="call">The call; it throws nothing.</param>
    public void Add(
        Commit decision, PipelineInstance instance, string id, string version, Func<PipelineInstance, CancellationToken, Task<CallMessage?>> call)
    {
        (string, string, string) key = (instance.RootId, id, version);
        instance.Running++;
        lock (_lock)
        {
            _count++;
        }

        // Known from the decision on, so that a verb that comes before the call has begun can cancel it too.
        var stopping = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        _calls[key] = stopping;
        decision.OnOutcome(failure =>
        {
            if (failure is not null)
            {
                _calls.TryRemove(key, out CancellationTokenSource? _);
                stopping.Dispose();
                Ended();
                return;
            }

            // The pool runs it: user code may do anything before its first await. UserCode answers every failure itself.
            ThreadPool.UnsafeQueueUserWorkItem(_ => _ = RunAsync(), null);
        });

        async Task RunAsync()
        {
            CallMessage answer = await call(instance, stopping.Token).ConfigureAwait(false)
                ?? new CallMessage(instance.RootId, null, null, null);
            _calls.TryRemove(new(key, stopping));
            stopping.Dispose();
            post(answer);
        }
    }

    /// <summary>Cancels a call, once that is durable.</summary>
    public void Cancel(Commit decision, string rootId, string nodeId, string version) => decision.OnOutcome(failure =>
    {
        if (failure is null && _calls.TryRemove((rootId, nodeId, version), out CancellationTokenSource? call))
        {
            // On the pool: what is registered on the token is user code.
            ThreadPool.UnsafeQueueUserWorkItem(_ => Cancel(call), null);
        }
    });

    /// <summary>A call's answer was taken, or will not be.</summary>
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

    /// <summary>Waits for what runs up to the limit, cuts off the rest, and waits for that up to the limit again.</summary>
    public async Task StopAsync(TimeSpan limit, TimeProvider time)
    {
        await WhenNoneAsync(limit, time).ConfigureAwait(false);
        await Task.Run(() => Cancel(_stopping)).ConfigureAwait(false);
        await WhenNoneAsync(limit, time).ConfigureAwait(false);
    }

    public void Dispose() => _stopping.Dispose();

    // A call that has just ended needs no cancelling, and what user code registered for it is not to bring the process down.
    private static void Cancel(CancellationTokenSource call)
    {
        try
        {
            call.Cancel();
        }
        catch (Exception failure) when (failure is ObjectDisposedException or AggregateException)
        {
        }
    }

    private async Task WhenNoneAsync(TimeSpan limit, TimeProvider time)
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
