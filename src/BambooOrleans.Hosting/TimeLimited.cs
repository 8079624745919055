namespace BambooOrleans.Hosting;

/// <summary>Runs user code with a time limit. Code that does not heed its cancellation is left behind, and its end is not awaited.</summary>
internal static class TimeLimited
{
    public static Task RunAsync(Func<CancellationToken, Task> call, TimeSpan limit, CancellationToken stopping) => RunAsync(
        async token =>
        {
            await call(token).ConfigureAwait(false);
            return true;
        },
        limit,
        stopping);

    public static async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> call, TimeSpan limit, CancellationToken stopping)
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        try
        {
            Task<T> running = call(source.Token);

            // Code that ends at once, as much does, costs no timer.
            if (running.IsCompleted)
            {
                return await running.ConfigureAwait(false);
            }

            try
            {
                return await running.WaitAsync(limit, stopping).ConfigureAwait(false);
            }
            catch (Exception failure) when (!running.IsCompleted)
            {
                // Said outright: the link from the host's token may be gone before it has told the code.
                await LeaveBehindAsync(running, source).ConfigureAwait(false);
                if (failure is TimeoutException)
                {
                    throw new TimeLimitException(limit);
                }

                throw;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                // The wait may hear of it before the linked source does, which would be gone before it could tell the code.
                await source.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }
        finally
        {
            source.Dispose();
        }
    }

    private static async Task LeaveBehindAsync(Task running, CancellationTokenSource source)
    {
        // Whatever the code comes to, or throws at its cancellation, is of no interest any more.
        _ = running.ContinueWith(
            static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        try
        {
            await source.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException)
        {
        }
    }
}

/// <summary>User code took longer than it may.</summary>
/// <param name="limit">How long it may take.</param>
public sealed class TimeLimitException(TimeSpan limit)
    : BambooException("component.time-limit", $"the call took longer than its time limit of {limit.TotalSeconds:0.###} s");
