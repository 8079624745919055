using System.Runtime.InteropServices;
using System.Threading.Channels;
using BambooOrleans.Storage;

namespace BambooOrleans.Hosting;

/// <summary>
/// The end of the journal, read once for all who follow it. If each follower asked the store by itself at every commit, a thousand of
/// them would ask a thousand times for rows of which one is theirs.
/// </summary>
/// <param name="reads">What is kept.</param>
/// <param name="whenGrown">Gives a task that ends when there may be more than there was when it was called.</param>
/// <param name="answerOf">What those who follow hear of a failure.</param>
internal sealed class JournalFeed(IEngineReads reads, Func<CancellationToken, Task> whenGrown, Func<Exception, Exception> answerOf)
{
    private const int PageRows = 256;

    // A follower that is further behind reads on from the store, which has no limit.
    private const int WaitingRowsMax = 256;

    // Nobody sees that an event came so much later, and a fast chain of commits is read at once instead of one by one.
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(15);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, HashSet<Follower>> _ofRoot = new(StringComparer.Ordinal);
    private readonly HashSet<Follower> _ofAll = [];
    private Pump? _pump;

    /// <summary>Begins to follow: every row from <see cref="Follower.Start"/> on comes.</summary>
    /// <param name="rootId">The pipeline whose rows are wanted; null for all.</param>
    public Follower Follow(string? rootId)
    {
        lock (_lock)
        {
            Pump pump = _pump ??= StartPump();
            var follower = new Follower(this, rootId, pump.Next is { } next ? Task.FromResult(next) : pump.Began.Task);
            (rootId is null ? _ofAll : CollectionsMarshal.GetValueRefOrAddDefault(_ofRoot, rootId, out _) ??= []).Add(follower);
            return follower;
        }
    }

    private Pump StartPump()
    {
        var pump = new Pump();
        _ = Task.Run(() => RunAsync(pump));
        return pump;
    }

    private async Task RunAsync(Pump pump)
    {
        CancellationToken stop = pump.Stop.Token;
        try
        {
            long next = await reads.ReadJournalEndAsync(stop).ConfigureAwait(false);
            lock (_lock)
            {
                pump.Next = next;
            }

            pump.Began.SetResult(next);
            while (true)
            {
                // Taken before reading, so that what is committed in between is not missed.
                Task grown = whenGrown(stop);
                IReadOnlyList<JournalRow> rows = await reads.ReadJournalAsync(next, rootId: null, PageRows, stop).ConfigureAwait(false);
                if (rows.Count > 0)
                {
                    next = rows[^1].Position + rows[^1].Turns;
                    HandOut(pump, rows, next);
                }

                if (rows.Count < PageRows)
                {
                    await grown.WaitAsync(stop).ConfigureAwait(false);
                    await Task.Delay(Rest, stop).ConfigureAwait(false);
                }
            }
        }
        catch (Exception failure)
        {
            // Where nobody follows any more, there is nobody to tell.
            Fail(pump, failure is OperationCanceledException ? failure : answerOf(failure));
        }
    }

    private void HandOut(Pump pump, IReadOnlyList<JournalRow> rows, long next)
    {
        lock (_lock)
        {
            if (_pump != pump)
            {
                return;
            }

            pump.Next = next;
            foreach (JournalRow row in rows)
            {
                _ofAll.RemoveWhere(follower => !follower.Take(row));
                if (_ofRoot.TryGetValue(row.RootId, out HashSet<Follower>? followers))
                {
                    followers.RemoveWhere(follower => !follower.Take(row));
                }
            }
        }
    }

    private void Fail(Pump pump, Exception failure)
    {
        lock (_lock)
        {
            if (_pump == pump)
            {
                foreach (Follower follower in _ofRoot.Values.SelectMany(followers => followers).Concat(_ofAll))
                {
                    follower.End(failure);
                }

                _ofRoot.Clear();
                _ofAll.Clear();
                _pump = null;
            }
        }

        pump.Began.TrySetException(failure);
        _ = pump.Began.Task.Exception; // seen, also where nobody waits for it
    }

    private void Leave(Follower follower)
    {
        Pump? idle = null;
        lock (_lock)
        {
            _ofAll.Remove(follower);
            if (follower.RootId is { } rootId && _ofRoot.TryGetValue(rootId, out HashSet<Follower>? followers))
            {
                followers.Remove(follower);
                if (followers.Count == 0)
                {
                    _ofRoot.Remove(rootId);
                }
            }

            if (_ofAll.Count == 0 && _ofRoot.Count == 0)
            {
                (idle, _pump) = (_pump, null);
            }
        }

        idle?.Stop.Cancel();
    }

    /// <summary>One who follows. Disposing it ends that.</summary>
    /// <param name="feed">What it follows.</param>
    /// <param name="rootId">The pipeline whose rows it wants; null for all.</param>
    /// <param name="start">The position from which on rows come.</param>
    public sealed class Follower(JournalFeed feed, string? rootId, Task<long> start) : IDisposable
    {
        private readonly Channel<JournalRow> _rows = Channel.CreateBounded<JournalRow>(
            new BoundedChannelOptions(WaitingRowsMax) { SingleReader = true, SingleWriter = true });

        /// <summary>The position from which on rows come: those before it are stored.</summary>
        public Task<long> Start => start;

        /// <summary>The rows, in order. They end where it fell too far behind; what follows is stored by then.</summary>
        public ChannelReader<JournalRow> Rows => _rows.Reader;

        internal string? RootId => rootId;

        public void Dispose() => feed.Leave(this);

        /// <returns>Whether it still follows.</returns>
        internal bool Take(JournalRow row)
        {
            if (_rows.Writer.TryWrite(row))
            {
                return true;
            }

            _rows.Writer.TryComplete();
            return false;
        }

        internal void End(Exception failure) => _rows.Writer.TryComplete(failure);
    }

    /// <summary>What reads, while anybody follows.</summary>
    private sealed class Pump
    {
        // Never disposed, as it may be cancelled after the end; it has no timer.
        public CancellationTokenSource Stop { get; } = new();

        public TaskCompletionSource<long> Began { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>The position up to which rows were handed out; null until the end of the journal is known.</summary>
        public long? Next { get; set; }
    }
}
