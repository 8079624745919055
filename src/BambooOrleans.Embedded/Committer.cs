using System.Threading.Channels;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;

namespace BambooOrleans.Embedded;

/// <summary>The one writer: makes batches durable, one after the other, and releases what waited for them.</summary>
internal sealed class Committer
{
    private readonly IEngineStore _store;
    private readonly Channel<Func<Task>> _work = Channel.CreateUnbounded<Func<Task>>(
        new UnboundedChannelOptions { SingleReader = true });

    private readonly EngineTelemetry _telemetry;
    private readonly Action<Commit, Exception?> _done;
    private readonly Task _loop;
    private Exception? _failure;

    /// <param name="store">The store.</param>
    /// <param name="telemetry">What measures commits.</param>
    /// <param name="done">Called when the outcome of a batch is known and what waited for it was released.</param>
    public Committer(IEngineStore store, EngineTelemetry telemetry, Action<Commit, Exception?> done)
    {
        _store = store;
        _telemetry = telemetry;
        _done = done;
        _loop = Task.Run(LoopAsync);
    }

    public void Enqueue(Commit commit) => _work.Writer.TryWrite(() => CommitAsync(commit));

    /// <summary>Deletes rows of removed pipelines when the batches before it are done.</summary>
    /// <returns>How many; 0 where none is left.</returns>
    public Task<int> RemoveRowsAsync(int rowsMax)
    {
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        return _work.Writer.TryWrite(() => RemoveRowsAsync(rowsMax, done))
            ? done.Task
            : throw new EngineUnavailableException("the engine is closing");
    }

    /// <summary>Takes no more batches, and waits for those it has.</summary>
    public Task CompleteAsync()
    {
        _work.Writer.TryComplete();
        return _loop;
    }

    private async Task LoopAsync()
    {
        await foreach (Func<Task> work in _work.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            await work().ConfigureAwait(false);
        }
    }

    // After a failure every later batch fails too: it builds on state that may not be there.
    private async Task CommitAsync(Commit commit)
    {
        if (_failure is null && !commit.Batch.IsEmpty)
        {
            long began = _telemetry.BeginCommit();
            try
            {
                await _store.CommitAsync(commit.Batch, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                _failure = failure;
            }

            _telemetry.Committed(began, commit.Batch, _failure);
        }

        commit.Release(_failure);
        _done(commit, _failure);
    }

    private async Task RemoveRowsAsync(int rowsMax, TaskCompletionSource<int> done)
    {
        try
        {
            done.SetResult(_failure is null
                ? await _store.RemoveRowsAsync(rowsMax, CancellationToken.None).ConfigureAwait(false)
                : throw new EngineUnavailableException("the engine is starting again from its store after a failure"));
        }
        catch (Exception failure)
        {
            _failure ??= failure;
            done.SetException(failure);
        }
    }
}
