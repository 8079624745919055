using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Embedded.Tests;

/// <summary>Following the journal: what comes, to how many, and what that asks of the store.</summary>
public class FollowTests
{
    private readonly ProbedStore _store = new(new MemoryStore());
    private readonly Workbench _bench = new();

    [Fact]
    public async Task Whoever_follows_gets_every_turn_once_and_in_order_whenever_they_begin()
    {
        const int Pipelines = 60;
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        using var stop = new CancellationTokenSource();
        var random = new Random(7);
        (string? RootId, long From)[] wanted =
        [
            .. Enumerable.Range(0, 48).Select(index =>
                (index % 4 == 0 ? null : $"p{random.Next(Pipelines)}", index % 3 == 0 ? random.Next(1, 400) : 1L)),
        ];
        List<long>[] seen = [.. wanted.Select(_ => new List<long>())];
        List<Task> followers = [];
        for (int pipeline = 0; pipeline < Pipelines; pipeline++)
        {
            if (pipeline < wanted.Length)
            {
                int index = pipeline;
                followers.Add(Task.Run(() => FollowAsync(engine, wanted[index], seen[index], stop.Token)));
            }

            await engine.SubmitAsync(Chain($"p{pipeline}", 5));
        }

        for (int pipeline = 0; pipeline < Pipelines; pipeline++)
        {
            await engine.WaitUntilSettledAsync($"p{pipeline}").Done();
        }

        List<JournalTurn> journal = await JournalAsync(engine);
        for (int index = 0; index < wanted.Length; index++)
        {
            (string? rootId, long from) = wanted[index];
            List<long> expected =
                [.. journal.Where(turn => turn.Position >= from && (rootId is null || turn.RootId == rootId)).Select(turn => turn.Position)];
            await Engines.Until(() => CountOf(seen[index]) >= expected.Count);
            Assert.Equal(expected, seen[index]);
        }

        await stop.CancelAsync();
        await Task.WhenAll(followers);
    }

    [Fact]
    public async Task A_hundred_who_follow_one_pipeline_cost_no_read_each_when_others_go_on()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        await engine.RunAsync(Chain("quiet", 2));
        using var stop = new CancellationTokenSource();
        List<long>[] seen = [.. Enumerable.Range(0, 100).Select(_ => new List<long>())];
        Task[] followers = [.. seen.Select(list => Task.Run(() => FollowAsync(engine, ("quiet", 1), list, stop.Token)))];
        int turns = (await JournalAsync(engine)).Count;
        await Engines.Until(() => seen.All(list => CountOf(list) == turns));
        (int reads, int commits) = (_store.JournalReads, _store.Commits);

        await engine.RunAsync(Chain("busy", 20));

        Assert.InRange(_store.Commits - commits, 20, 100);
        Assert.InRange(_store.JournalReads - reads, 0, _store.Commits - commits + 2);
        await stop.CancelAsync();
        await Task.WhenAll(followers);
    }

    [Fact]
    public async Task Who_pauses_longer_than_what_is_kept_for_them_reads_on_from_the_store()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        using var patience = new CancellationTokenSource(Engines.Patience);
        await engine.RunAsync(Chain("p0", 1));
        await using IAsyncEnumerator<JournalTurn> follower =
            engine.ReadJournalAsync(follow: true, cancellationToken: patience.Token).GetAsyncEnumerator();
        Assert.True(await follower.MoveNextAsync());
        List<long> seen = [follower.Current.Position];
        for (int pipeline = 1; pipeline <= 40; pipeline++)
        {
            await engine.RunAsync(Chain($"p{pipeline}", 12));
        }

        List<long> expected = [.. (await JournalAsync(engine)).Select(turn => turn.Position)];
        while (seen.Count < expected.Count)
        {
            Assert.True(await follower.MoveNextAsync());
            seen.Add(follower.Current.Position);
        }

        Assert.Equal(expected, seen);
        Assert.True(expected.Count > 1000);
    }

    [Fact]
    public async Task When_the_journal_cannot_be_read_those_who_follow_hear_of_it_and_can_begin_again()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        await engine.RunAsync(Chain("p0", 1));
        int turns = (await JournalAsync(engine)).Count;
        using var stop = new CancellationTokenSource();
        List<long>[] seen = [[], []];
        Task[] followers = [.. seen.Select((list, index) => Task.Run(() => FollowAsync(engine, (index == 0 ? null : "p0", 1), list, stop.Token)))];
        await Engines.Until(() => seen.All(list => CountOf(list) == turns));

        _store.OnReadJournal = () => throw new StoreUnavailableException("store.failed", "the disk is away");
        await engine.RunAsync(Chain("p1", 1));
        foreach (Task follower in followers)
        {
            Exception failure = await Assert.ThrowsAnyAsync<BambooException>(() => follower.WaitAsync(Engines.Patience));
            Assert.Contains("the disk is away", failure.Message, StringComparison.Ordinal);
        }

        _store.OnReadJournal = () => { };
        List<long> again = [];
        Task later = Task.Run(() => FollowAsync(engine, (null, 1), again, stop.Token));
        await engine.RunAsync(Chain("p2", 1));
        int all = (await JournalAsync(engine)).Count;
        await Engines.Until(() => CountOf(again) == all);
        await stop.CancelAsync();
        await later;
    }

    [Fact]
    public async Task Where_nobody_follows_any_more_the_journal_is_not_read()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        await engine.RunAsync(Chain("p0", 1));
        using var stop = new CancellationTokenSource();
        List<long> seen = [];
        int turns = (await JournalAsync(engine)).Count;
        Task follower = Task.Run(() => FollowAsync(engine, (null, 1), seen, stop.Token));
        await Engines.Until(() => CountOf(seen) == turns);
        await stop.CancelAsync();
        await follower;
        await Engines.Breathe();
        int reads = _store.JournalReads;

        await engine.RunAsync(Chain("p1", 10));
        await Engines.Breathe();

        Assert.Equal(reads, _store.JournalReads);
    }

    private static TreeSketch Chain(string id, int activities) =>
        new TreeSketch(id, $"{id}s", $"{id}e").Flow([$"{id}s", .. Enumerable.Range(0, activities).Select(index => $"{id}a{index}"), $"{id}e"]);

    private static int CountOf(List<long> list)
    {
        lock (list)
        {
            return list.Count;
        }
    }

    private static async Task FollowAsync(EmbeddedEngine engine, (string? RootId, long From) wanted, List<long> seen, CancellationToken stop)
    {
        try
        {
            await foreach (JournalTurn turn in engine.ReadJournalAsync(wanted.From, wanted.RootId, follow: true, stop))
            {
                lock (seen)
                {
                    seen.Add(turn.Position);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }

    private static async Task<List<JournalTurn>> JournalAsync(EmbeddedEngine engine)
    {
        List<JournalTurn> turns = [];
        await foreach (JournalTurn turn in engine.ReadJournalAsync())
        {
            turns.Add(turn);
        }

        return turns;
    }
}
