using System.Threading.Channels;
using BambooOrleans.Storage;

namespace BambooOrleans.Embedded;

/// <summary>The one writer: makes batches durable, one after the other, and releases what waited for them.</summary>
internal sealed class Committer
{
    private readonly IEngineStore _store;
    private readonly Channel<Commit> _commits = Channel.CreateUnbounded<Commit>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private readonly Action<Commit, Exception?> _done;
    private readonly Task _loop;
    private Exception? _failure;

    /// <param name="store">The store.</param>
    /// <param name="done">Called when the outcome of a batch is known and what waited for it was released.</param>
    public Committer(IEngineStore store, Action<Commit, Exception?> done)
    {
        _store = store;
        _done = done;
        _loop = Task.Run(LoopAsync);
    }

    public void Enqueue(Commit commit) => _commits.Writer.TryWrite(commit);

    /// <summary>Takes no more batches, and waits for those it has.</summary>
    public Task CompleteAsync()
    {
        _commits.Writer.TryComplete();
        return _loop;
    }

    // After a failure every later batch fails too: it builds on state that may not be there.
    private async Task LoopAsync()
    {
        await foreach (Commit commit in _commits.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (_failure is null && !commit.Batch.IsEmpty)
            {
                try
                {
                    await _store.CommitAsync(commit.Batch, CancellationToken.None).ConfigureAwait(false);
                }
                catch (Exception failure)
                {
                    _failure = failure;
                }
            }

            commit.Release(_failure);
            _done(commit, _failure);
        }
    }
}
