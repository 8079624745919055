using BambooOrleans.Components;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Embedded.Tests;

/// <summary>Removing finished pipelines while the engine runs, and what must not be touched by it.</summary>
public class RetentionTests
{
    private static readonly DateTimeOffset Ever = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly MemoryStore _memory = new();
    private readonly Workbench _bench = new();

    [Fact]
    public async Task A_purged_pipeline_is_gone_and_its_ids_run_again()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_memory, _bench);
        string empty = await Engines.StatisticsOf(_memory);
        await engine.RunAsync(Chain());

        Assert.Equal(1, await engine.PurgeAsync(Ever));

        Assert.Empty(await engine.GetPipelineStatesAsync("p").Get());
        Assert.Empty(await engine.GetChildrenStatesAsync("a").Get());
        Assert.Empty(await engine.ListPipelinesAsync().Get());
        await engine.GetWaitsAsync("p").ContinueWith(waits => Assert.Equal("not-found", waits.Result.ErrorCode));
        Assert.Equal(empty, await Engines.StatisticsOf(_memory));
        Assert.Equal(0, await engine.PurgeAsync(Ever));

        await engine.RunAsync(Chain());
        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p"));
        Assert.Equal(["a", "b", "a", "b"], _bench.Executed);
    }

    [Fact]
    public async Task The_journal_goes_on_behind_what_was_purged_also_after_the_engine_was_opened_again()
    {
        long last = 0;
        await using (EmbeddedEngine engine = await Engines.OpenAsync(_memory, _bench))
        {
            await engine.RunAsync(Chain());
            last = await LastPosition(engine);
            await engine.PurgeAsync(Ever);
        }

        await using EmbeddedEngine next = await Engines.OpenAsync(_memory, _bench);
        await next.RunAsync(Chain());

        List<long> positions = await Positions(next);
        Assert.Equal(last + 1, positions[0]);
        Assert.Equal(positions.Order(), positions);
    }

    [Fact]
    public async Task What_is_unfinished_or_finished_later_is_not_purged()
    {
        var time = new VirtualTime();
        await using EmbeddedEngine engine = await Engines.OpenAsync(_memory, _bench, options => options with { Time = time });
        await engine.RunAsync(new TreeSketch("w", "ws", "we").Flow("ws", "wa", "we").Activity("wa", "wait"));
        await engine.RunAsync(Chain());
        DateTimeOffset finished = time.GetUtcNow();

        Assert.Equal(0, await engine.PurgeAsync(finished));
        Assert.Equal(1, await engine.PurgeAsync(finished + TimeSpan.FromTicks(10)));

        await engine.CallbackAsync("wa", await engine.VersionOf("wa"), 1).Done();
        await engine.WaitUntilSettledAsync("w").Done();
        Assert.Equal(NodeStateName.Finished, await engine.StateOf("w"));
    }

    [Theory]
    [InlineData("ok")]
    [InlineData("wait")]
    public async Task A_revoked_pipeline_whose_token_stays_at_a_failed_or_waiting_node_is_purged(string code)
    {
        _bench.Executions["a"] = (_, _) => Task.FromResult(code == "ok" ? ComponentResult.Failed : ComponentResult.Ok);
        await using EmbeddedEngine engine = await Engines.OpenAsync(_memory, _bench);
        string empty = await Engines.StatisticsOf(_memory);
        await engine.RunAsync(Standing(code));
        Assert.Equal(0, await engine.PurgeAsync(Ever));

        await engine.RevokePipelineAsync("p").Done();

        Assert.NotNull(Assert.Single(await engine.ListPipelinesAsync().Get()).ArchivedTime);
        Assert.Empty(await _memory.ReadUnfinishedAsync(CancellationToken.None));
        Assert.Equal(1, await engine.PurgeAsync(Ever));
        Assert.Equal(empty, await Engines.StatisticsOf(_memory));
    }

    [Theory]
    [InlineData("ok")]
    [InlineData("fails")]
    public async Task The_time_of_a_revoked_pipeline_counts_from_then_however_long_it_ran(string node)
    {
        var time = new VirtualTime();
        _bench.Executions["a"] = (_, _) => Task.FromResult<ComponentResult>(node == "ok");
        await using EmbeddedEngine engine = await Engines.OpenAsync(_memory, _bench, options => options with { Time = time });
        await engine.SubmitAsync(new TreeSketch("p", "s", "e").Flow("s", "a", "w", "e").Activity("w", "wait"));
        await engine.WaitUntilSettledAsync("p").Done();
        time.Advance(TimeSpan.FromDays(40));
        DateTimeOffset revoked = time.GetUtcNow();

        await engine.RevokePipelineAsync("p").Done();

        Assert.Equal(0, await engine.PurgeAsync(revoked));
        Assert.Equal(1, await engine.PurgeAsync(revoked + TimeSpan.FromTicks(10)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_revoked_pipeline_is_purged_once_its_code_has_ended_even_where_that_came_to_nothing(bool isForced)
    {
        var gate = new TaskCompletionSource();
        _bench.Executions["a"] = async (_, _) =>
        {
            await gate.Task;
            return ComponentResult.Ok;
        };
        await using EmbeddedEngine engine = await Engines.OpenAsync(_memory, _bench);
        await engine.SubmitAsync(Standing("ok"));
        await _bench.Entered("a");
        await engine.RevokePipelineAsync("p").Done();
        Assert.Equal(0, await engine.PurgeAsync(Ever));

        if (isForced)
        {
            await engine.ForcedFailActivityAsync("a", "enough").Done();
        }

        gate.SetResult();
        await Engines.Until(() => engine.PurgeAsync(Ever).Result == 1);
    }

    [Fact]
    public async Task A_revoked_pipeline_that_is_called_back_is_unfinished_until_that_has_ended_also_over_a_death()
    {
        var gate = new TaskCompletionSource();
        _bench.Schedules["a"] = async (_, _, _) =>
        {
            await gate.Task;
            return ComponentResult.Ok;
        };
        EmbeddedEngine engine = await Engines.OpenAsync(_memory, _bench, Engines.Hasty);
        await engine.RunAsync(Standing("wait"));
        await engine.RevokePipelineAsync("p").Done();
        await engine.CallbackAsync("a", await engine.VersionOf("a"), 1).Done();

        Assert.Null(Assert.Single(await engine.ListPipelinesAsync().Get()).ArchivedTime);
        Assert.Equal(0, await engine.PurgeAsync(Ever));
        await engine.DisposeAsync();
        _bench.Schedules.Clear();

        await using EmbeddedEngine next = await Engines.OpenAsync(_memory, _bench);
        await next.WaitUntilSettledAsync("p").Done();
        Assert.Equal(NodeStateName.Finished, await next.StateOf("a"));
        Assert.Equal(1, await next.PurgeAsync(Ever));
    }

    [Fact]
    public async Task A_revoked_pipeline_with_a_deadline_is_unfinished_until_that_has_passed()
    {
        var time = new VirtualTime();
        await using EmbeddedEngine engine = await Engines.OpenAsync(_memory, _bench, options => options with { Time = time });
        await engine.RunAsync(Standing("within"));
        await engine.RevokePipelineAsync("p").Done();
        Assert.Equal(0, await engine.PurgeAsync(Ever));

        time.Advance(_bench.Deadline + TimeSpan.FromSeconds(1)); // timers are never early, and so may be a little late

        await Engines.Until(() => engine.PurgeAsync(Ever).Result == 1);
    }

    [Fact]
    public async Task A_revoked_pipeline_that_was_kept_as_unfinished_is_over_after_the_next_opening()
    {
        _bench.Executions["a"] = (_, _) => Task.FromResult(ComponentResult.Failed);
        await using (EmbeddedEngine engine = await Engines.OpenAsync(_memory, _bench))
        {
            await engine.RunAsync(Standing("ok"));
            await engine.RevokePipelineAsync("p").Done();
        }

        await _memory.OpenAsync(CancellationToken.None);
        await _memory.CommitAsync(new CommitBatch { Statuses = { new PipelineStatus(1, "REVOKED", null) } }, CancellationToken.None);
        await _memory.DisposeAsync();

        await using EmbeddedEngine next = await Engines.OpenAsync(_memory, _bench);
        await Engines.Until(() => next.PurgeAsync(Ever).Result == 1);
    }

    [Fact]
    public async Task With_a_retention_finished_pipelines_go_by_themselves_when_their_time_has_come()
    {
        var time = new VirtualTime();
        await using EmbeddedEngine engine = await Engines.OpenAsync(_memory, _bench, options => options with
        {
            Time = time,
            Retention = TimeSpan.FromDays(30),
            RetentionInterval = TimeSpan.FromHours(1),
        });
        await engine.RunAsync(Chain());
        for (int hour = 0; hour < 24; hour++)
        {
            time.Advance(TimeSpan.FromHours(1));
            await Engines.Breathe();
        }

        Assert.Single(await engine.ListPipelinesAsync().Get());

        // More than once: whoever looks for what is due may be under way, and waits again only after.
        time.Advance(TimeSpan.FromDays(30));
        await Engines.Until(() =>
        {
            time.Advance(TimeSpan.FromHours(1));
            return engine.ListPipelinesAsync().Result.Data!.Count == 0;
        });
    }

    [Fact]
    public async Task A_removal_that_a_death_left_half_done_is_finished_at_the_next_opening()
    {
        var store = new ProbedStore(_memory);
        EmbeddedEngine engine = await Engines.OpenAsync(store, _bench);
        string empty = await Engines.StatisticsOf(_memory);
        await engine.RunAsync(Chain());
        store.OnRemoveRows = () => throw new StoreUnavailableException("store.outcome-unknown", "the process is dead");
        await Assert.ThrowsAsync<EngineUnavailableException>(() => engine.PurgeAsync(Ever));
        await engine.DisposeAsync();

        // Gone for whoever reads, though rows of it are there.
        await _memory.OpenAsync(CancellationToken.None);
        Assert.NotEqual(empty, await Engines.StatisticsOf(_memory));
        Assert.Null(await _memory.LoadAsync("p", CancellationToken.None));
        await _memory.DisposeAsync();

        await using EmbeddedEngine next = await Engines.OpenAsync(_memory, _bench);
        await Engines.Until(() => Engines.StatisticsOf(_memory).Result == empty);
        await next.RunAsync(Chain());
    }

    [Fact]
    public async Task A_store_that_fails_while_rows_are_deleted_is_opened_again_and_the_rest_deleted()
    {
        int failures = 1;
        var store = new ProbedStore(_memory);
        await using EmbeddedEngine engine = await Engines.OpenAsync(store, _bench);
        string empty = await Engines.StatisticsOf(_memory);
        await engine.RunAsync(Chain());
        store.OnRemoveRows = () =>
        {
            if (Interlocked.Decrement(ref failures) == 0)
            {
                throw new StoreUnavailableException("store.outcome-unknown", "the disk is slow today");
            }
        };
        await Assert.ThrowsAsync<EngineUnavailableException>(() => engine.PurgeAsync(Ever));

        EngineApiResult run;
        do
        {
            run = await engine.RunPipelineAsync(new TreeSketch("q", "qs", "qe").Flow("qs", "qa", "qe").Build());
            await Task.Yield();
        }
        while (run.ErrorCode == "engine-unavailable");
        Assert.True(run.Result, run.ErrorTrace);
        await engine.WaitUntilSettledAsync("q").Done();
        Assert.Equal(1, await engine.PurgeAsync(Ever));
        Assert.Equal(empty, await Engines.StatisticsOf(_memory));
    }

    [Fact]
    public async Task What_is_asked_of_a_pipeline_while_its_removal_is_committed_is_told_that_it_is_not_there()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_memory, _bench);
        await engine.RunAsync(Chain());
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource<CommitFault>(TaskCreationOptions.RunContinuationsAsynchronously);
        _memory.BeforeCommit = batch =>
        {
            reached.TrySetResult();
            return batch.Removals.Count > 0 ? new(go.Task) : new(CommitFault.None);
        };
        Task<int> purge = engine.PurgeAsync(Ever);
        await reached.Task;
        Task<EngineApiResult<VerbOutcome>> verb = engine.UpdateContextValuesAsync("p", []);
        Task<EngineApiResult<IReadOnlyDictionary<string, NodeStateInfo>>> read = engine.GetChildrenStatesAsync("a");
        await Engines.Breathe();
        Assert.False(verb.IsCompleted);
        Assert.False(read.IsCompleted);

        go.SetResult(CommitFault.None);

        Assert.Equal(1, await purge.WaitAsync(Engines.Patience));
        Assert.Equal("not-found", (await verb.WaitAsync(Engines.Patience)).ErrorCode);
        Assert.False((await read.WaitAsync(Engines.Patience)).Result);
    }

    [Fact]
    public async Task A_timer_of_a_purged_pipeline_does_nothing_to_another_one_under_its_id()
    {
        var time = new VirtualTime();
        await using EmbeddedEngine engine = await Engines.OpenAsync(_memory, _bench, options => options with { Time = time });
        await engine.SubmitAsync(new TreeSketch().Flow("start", "w", "x", "end").Activity("w", "wait"));
        await engine.WaitUntilSettledAsync("p").Done();
        await engine.PauseNodeAppointAsync("x").Done();
        await engine.CallbackAsync("w", await engine.VersionOf("w"), 1).Done();
        await engine.WaitUntilSettledAsync("p").Done();
        await engine.ResumeNodeAppointAsync("x", new VerbOptions { At = time.GetUtcNow().AddHours(1) }).Done();
        await engine.ResumeNodeAppointAsync("x").Done();
        await engine.WaitUntilSettledAsync("p").Done();
        Assert.NotNull(time.NextDue);
        Assert.Equal(1, await engine.PurgeAsync(Ever));
        await engine.RunAsync(Chain().Activity("b", "wait"));

        time.Advance(TimeSpan.FromHours(3));
        await Engines.Breathe();

        await engine.CallbackAsync("b", await engine.VersionOf("b"), 1).Done();
        await engine.WaitUntilSettledAsync("p").Done();
        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p"));
    }

    [Fact]
    public async Task Purging_beside_a_busy_engine_takes_only_what_is_finished_and_a_follower_of_the_journal_goes_on()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_memory, _bench);
        string empty = await Engines.StatisticsOf(_memory);
        using var stop = new CancellationTokenSource();
        List<long> followed = [];
        HashSet<string> finished = [];
        Task following = Task.Run(async () =>
        {
            await foreach (JournalTurn turn in engine.ReadJournalAsync(follow: true, cancellationToken: stop.Token))
            {
                followed.Add(turn.Position);
            }
        });
        Task<int> purging = Task.Run(async () =>
        {
            int purged = 0;
            while (!stop.IsCancellationRequested)
            {
                purged += await engine.PurgeAsync(Ever);
                await Task.Yield();
            }

            return purged;
        });

        await Parallel.ForEachAsync(Enumerable.Range(0, 200), async (number, _) =>
        {
            string id = $"p{number}";
            EngineApiResult run = await engine.RunPipelineAsync(
                new TreeSketch(id, $"{id}s", $"{id}e").Flow($"{id}s", $"{id}a", $"{id}b", $"{id}e").Build());
            Assert.True(run.Result, run.ErrorTrace);

            // It may be purged before this is asked.
            EngineApiResult settled = await engine.WaitUntilSettledAsync(id);
            Assert.True(settled.Result || settled.ErrorCode == "not-found", settled.ErrorTrace);
        });
        await stop.CancelAsync();
        int purged = await purging.WaitAsync(Engines.Patience);
        purged += await engine.PurgeAsync(Ever);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);

        Assert.Equal(200, purged);
        Assert.Equal(400, _bench.Executed.Distinct().Count());
        Assert.Equal(400, _bench.Executed.Count());
        Assert.Equal(empty, await Engines.StatisticsOf(_memory));
        Assert.Equal(followed.Distinct().Order(), followed);
    }

    private static TreeSketch Standing(string code) => new TreeSketch("p", "s", "e").Flow("s", "a", "e").Activity("a", code);

    private static TreeSketch Chain() => new TreeSketch().Flow("start", "a", "b", "end");

    private static async Task<long> LastPosition(EmbeddedEngine engine) => (await Positions(engine))[^1];

    private static async Task<List<long>> Positions(EmbeddedEngine engine)
    {
        List<long> positions = [];
        await foreach (JournalTurn turn in engine.ReadJournalAsync())
        {
            positions.Add(turn.Position);
        }

        return positions;
    }
}
