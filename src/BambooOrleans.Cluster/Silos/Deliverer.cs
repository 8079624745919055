using System.Threading.Channels;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace BambooOrleans.Cluster;

/// <summary>
/// Hands what the grains of this silo have made durable over to the shared tables, in the order in which it came. While one
/// batch commits the next one fills. What it holds is kept in the grains' own states too, so that the silo's death delays it
/// and loses nothing.
/// </summary>
internal sealed partial class Deliverer : IAsyncDisposable
{
    private const int BatchItemsMax = 1024;
    private const long BatchBytesMax = 16 << 20;
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    private readonly IClusterStore _store;
    private readonly ILogger<Deliverer> _logger;
    private readonly EngineTelemetry _telemetry;
    private readonly Channel<Item> _items = Channel.CreateUnbounded<Item>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;
    private TaskCompletionSource _next = NewCompletion();
    private int _queued;

    public Deliverer(IClusterStore store, UserCode userCode, LivePipelines live, ILogger<Deliverer> logger)
    {
        _telemetry = userCode.Telemetry;
        _telemetry.Observe(() => live.Count, () => Volatile.Read(ref _queued), hasAllPipelines: false);
        _store = store;
        _logger = logger;

        // What it does it does for all pipelines, and not in the span of whoever came first.
        using AsyncFlowControl apart = ExecutionContext.SuppressFlow();
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Delivers a write of a machine; the task ends when readers see it.</summary>
    public async Task DeliverAsync(MachineWrite write)
    {
        var item = new Item(write, null, NewOutcome());
        Enqueue(item);
        await item.Done.Task.ConfigureAwait(false);
    }

    /// <summary>Makes a write durable that is kept nowhere else, together with those of other grains; the task ends when it is.</summary>
    /// <exception cref="InconsistentStateException">Another activation of the machine was ahead; nothing was written.</exception>
    public async Task WriteAsync(MachineWrite write)
    {
        var item = new Item(write with { IsFenced = true }, null, NewOutcome());
        Enqueue(item);
        if (!await item.Done.Task.ConfigureAwait(false))
        {
            throw new InconsistentStateException($"another activation of {write.Machine} has made write {write.Sequence}");
        }
    }

    /// <summary>Wakes a pipeline or puts it to rest.</summary>
    /// <returns>False where another activation holds the pipeline by now, so that nothing was changed.</returns>
    public Task<bool> WakeAsync(WakeWrite wake)
    {
        var item = new Item(null, wake, NewOutcome());
        Enqueue(item);
        return item.Done.Task;
    }

    /// <summary>Ends when something has been delivered by this silo after now.</summary>
    public Task WhenDeliveredAsync() => Volatile.Read(ref _next).Task;

    /// <summary>Ends the deliveries; what has not been delivered is delivered when its grain is active again.</summary>
    public async ValueTask DisposeAsync()
    {
        _items.Writer.TryComplete();
        try
        {
            await _loop.WaitAsync(WaitMax).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await _stopping.CancelAsync().ConfigureAwait(false);
            await _loop.ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    private static TaskCompletionSource NewCompletion() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static TaskCompletionSource<bool> NewOutcome() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Enqueue(Item item)
    {
        Interlocked.Increment(ref _queued);
        if (!_items.Writer.TryWrite(item))
        {
            item.Done.TrySetException(new EngineUnavailableException("the silo is shutting down"));
        }
    }

    private async Task LoopAsync()
    {
        var taken = new List<Item>();
        while (await _items.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var batch = new ClusterBatch();
            long bytes = 0;
            while (taken.Count < BatchItemsMax && bytes < BatchBytesMax && _items.Reader.TryRead(out Item? item))
            {
                Interlocked.Decrement(ref _queued);
                taken.Add(item);
                if (item.Write is { } write)
                {
                    batch.Writes.Add(write);
                    bytes += write.Journal.Length + write.Records.Sum(record => record.Payload?.Length ?? 0);
                }
                else
                {
                    batch.Wakes.Add(item.Wake!);
                }
            }

            await CommitAsync(batch, bytes, taken).ConfigureAwait(false);
            taken.Clear();
        }
    }

    // Nothing may be passed over: what follows it would be delivered and it would not, for good.
    private async Task CommitAsync(ClusterBatch batch, long bytes, List<Item> taken)
    {
        for (TimeSpan wait = WaitMin; ; wait = wait * 2 < WaitMax ? wait * 2 : WaitMax)
        {
            long began = _telemetry.BeginCommit();
            try
            {
                DeliveryOutcome outcome = await _store.DeliverAsync(batch, _stopping.Token).ConfigureAwait(false);
                Measure(began, null);
                foreach (Item item in taken)
                {
                    item.Done.TrySetResult(item.Wake is { } wake
                        ? !outcome.LeftOut.Contains(wake)
                        : !outcome.Conflicts.Contains(item.Write!, ReferenceEqualityComparer.Instance));
                }

                Interlocked.Exchange(ref _next, NewCompletion()).TrySetResult();
                return;
            }
            catch (Exception failure) when (!_stopping.IsCancellationRequested && !batch.Writes.Any(write => write.IsFenced))
            {
                Measure(began, failure);
                LogFailed(failure, batch.Writes.Count, wait);
            }
            catch (Exception failure)
            {
                // Of a write that is kept nowhere else the outcome is not known: its grain reads what is there.
                Measure(began, failure);
                LogLost(failure, batch.Writes.Count);
                Exception answer = _stopping.IsCancellationRequested ? new EngineUnavailableException("the silo is shutting down", failure) : failure;
                taken.ForEach(item => item.Done.TrySetException(answer));
                return;
            }

            await Task.Delay(wait, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        void Measure(long began, Exception? failure)
        {
            if (began != 0)
            {
                long rows = batch.Wakes.Count + batch.Writes.Sum(write => write.Records.Count + write.Histories.Count + write.Timers.Count + (write.Turns > 0 ? 1L : 0L));
                _telemetry.Committed(began, rows, bytes, failure);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "{Writes} writes could not be delivered; trying again in {Wait}.")]
    private partial void LogFailed(Exception failure, int writes, TimeSpan wait);

    [LoggerMessage(LogLevel.Warning, "{Writes} writes could not be committed; their grains read what is there.")]
    private partial void LogLost(Exception failure, int writes);

    private sealed record Item(MachineWrite? Write, WakeWrite? Wake, TaskCompletionSource<bool> Done);
}
