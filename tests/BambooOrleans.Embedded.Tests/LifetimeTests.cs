using BambooOrleans.Components;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Embedded.Tests;

/// <summary>Opening and closing, leaving memory and coming back, many at once and large ones.</summary>
public class LifetimeTests
{
    private readonly Workbench _bench = new();

    [Fact]
    public async Task Closing_waits_for_the_components_that_run_and_keeps_what_they_came_to()
    {
        var store = new MemoryStore();
        var go = new TaskCompletionSource();
        _bench.Executions["a"] = async (context, _) => { await go.Task; context.SetOutput("n", 5); return true; };
        EmbeddedEngine first = await Engines.OpenAsync(store, _bench);
        await first.SubmitAsync(new TreeSketch().Flow("start", "a", "end"));
        await _bench.Entered("a");

        Task closing = first.DisposeAsync().AsTask();
        await Engines.Breathe();
        Assert.False(closing.IsCompleted);
        go.SetResult();
        await closing.WaitAsync(Engines.Patience);

        await using EmbeddedEngine second = await Engines.OpenAsync(store, _bench);
        await second.WaitUntilSettledAsync("p").Done();
        Assert.Equal(NodeStateName.Finished, await second.StateOf("p"));
        Assert.Equal(5, (await second.GetExecutionDataOutputsAsync("a").Get())["n"]);
        Assert.Single(_bench.Calls);
    }

    [Fact]
    public async Task Closing_cuts_off_what_runs_beyond_the_limit_and_it_runs_again_at_the_next_opening_under_the_same_version()
    {
        var store = new MemoryStore();
        var cut = new TaskCompletionSource();
        _bench.Executions["a"] = async (_, token) =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            finally
            {
                cut.TrySetResult();
            }

            return true;
        };
        EmbeddedEngine first = await Engines.OpenAsync(store, _bench, Engines.Hasty);
        await first.SubmitAsync(new TreeSketch().Flow("start", "a", "end"));
        await _bench.Entered("a");
        await first.DisposeAsync();
        await cut.Task.WaitAsync(Engines.Patience);
        _bench.Executions.Clear();

        await using EmbeddedEngine second = await Engines.OpenAsync(store, _bench);
        await second.WaitUntilSettledAsync("p").Done();

        Assert.Equal(2, _bench.Calls.Count);
        Assert.Single(_bench.Calls.Select(call => call.Version).Distinct());
        Assert.Equal(NodeStateName.Finished, await second.StateOf("p"));
    }

    [Fact]
    public async Task Closing_ends_where_a_component_heeds_nothing_and_where_one_throws_at_its_cancellation()
    {
        _bench.Executions["a"] = (_, _) => new TaskCompletionSource<ComponentResult>().Task;
        _bench.Executions["b"] = (_, token) =>
        {
            token.Register(() => throw new InvalidOperationException("not with me"));
            return new TaskCompletionSource<ComponentResult>().Task;
        };
        EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), _bench, Engines.Hasty);
        await engine.SubmitAsync(new TreeSketch().Flow("start", "pg", "a", "cg", "end").Flow("pg", "b", "cg"));
        await _bench.Entered("a");
        await _bench.Entered("b");

        await engine.DisposeAsync().AsTask().WaitAsync(Engines.Patience);
    }

    [Fact]
    public async Task A_closed_engine_answers_every_verb_that_it_is_closed()
    {
        EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), _bench);
        await engine.RunAsync(new TreeSketch().Flow("start", "a", "end"));
        await engine.DisposeAsync();

        EngineApiResult[] answers =
        [
            await engine.RunPipelineAsync(new TreeSketch("q").Flow("start", "a", "end").Build()),
            await engine.CallbackAsync("a", "v", 1),
            await engine.PausePipelineAsync("p"),
            await engine.RetryNodeAsync("a"),
            await engine.GetPipelineStatesAsync("p"),
            await engine.GetExecutionDataAsync("a"),
            await engine.GetNodeHistoriesAsync("a"),
            await engine.ListPipelinesAsync(),
            await engine.WaitUntilSettledAsync("p"),
        ];

        Assert.All(answers, answer => Assert.Equal(
            (false, "engine-unavailable", "the engine is closed"), (answer.Result, answer.ErrorCode, answer.Message)));
    }

    [Fact]
    public async Task An_engine_may_be_closed_twice()
    {
        EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), _bench);

        await engine.DisposeAsync();
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task A_second_engine_on_the_same_file_is_refused_and_the_first_goes_on()
    {
        using var file = new TemporaryFile();
        await using EmbeddedEngine first = await Engines.OpenAsync(file.Store(), _bench);

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => Engines.OpenAsync(file.Store(), _bench));

        Assert.Equal("store.in-use", refusal.Code);
        await first.RunAsync(new TreeSketch().Flow("start", "a", "end"));
        Assert.Equal(NodeStateName.Finished, await first.StateOf("p"));
    }

    [Fact]
    public async Task A_pipeline_that_does_nothing_leaves_memory_and_comes_back_for_a_read_and_for_a_callback()
    {
        var time = new VirtualTime();
        var store = new ProbedStore(new MemoryStore());
        await using EmbeddedEngine engine = await Engines.OpenAsync(store, _bench, options => options with { Time = time });
        await engine.RunAsync(new TreeSketch().Flow("start", "a", "b", "end").Activity("a", "wait").Activity("b", "wait"));
        Assert.Equal(0, store.Loads);

        await MakeIdle(engine, time);
        string version = await engine.VersionOf("a");
        Assert.Equal(1, store.Loads);
        await MakeIdle(engine, time);
        await engine.CallbackAsync("a", version, 1).Done();
        Assert.Equal(2, store.Loads);
        await engine.WaitUntilSettledAsync("p").Done();
        await engine.CallbackAsync("b", await engine.VersionOf("b"), 1).Done();
        await engine.WaitUntilSettledAsync("p").Done();

        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p"));
        Assert.Equal(2, store.Loads);
    }

    [Fact]
    public async Task Of_many_pipelines_that_are_over_the_oldest_leave_memory_at_once_and_come_back_for_a_read()
    {
        const int Pipelines = 1200;
        var store = new ProbedStore(new MemoryStore());
        await using EmbeddedEngine engine = await Engines.OpenAsync(store, _bench);
        for (int i = 0; i < Pipelines; i++)
        {
            await engine.SubmitAsync(new TreeSketch($"p{i}", $"start{i}", $"end{i}").Flow($"start{i}", $"a{i}", $"end{i}"));
            await engine.WaitUntilSettledAsync($"p{i}").Done();
        }

        Assert.Equal(0, store.Loads);
        Assert.Equal(NodeStateName.Finished, await engine.StateOf($"p{Pipelines - 1}"));
        Assert.Equal(0, store.Loads);
        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p0"));
        Assert.Equal(1, store.Loads);
    }

    [Fact]
    public async Task A_pipeline_that_is_not_in_memory_comes_back_for_its_timer()
    {
        var time = new VirtualTime();
        var store = new ProbedStore(new MemoryStore());
        await using EmbeddedEngine engine = await Engines.OpenAsync(store, _bench, options => options with { Time = time });
        await SubmitPolling(engine, time);

        await MakeIdle(engine, time);
        time.Advance(TimeSpan.FromHours(1));
        await engine.WaitUntilSettledAsync("p").Done();

        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p"));
        Assert.Equal(1, store.Loads);
    }

    [Fact]
    public async Task A_timer_is_not_lost_when_the_pipeline_cannot_be_read_from_the_store_at_its_time()
    {
        var time = new VirtualTime();
        ProbedStore store = WithoutFirstLoad();
        await using EmbeddedEngine engine = await Engines.OpenAsync(store, _bench, options => options with { Time = time });
        await SubmitPolling(engine, time);
        await MakeIdle(engine, time);

        time.Advance(TimeSpan.FromHours(1));
        await Engines.Until(() => store.Loads > 0);
        await Engines.UntilBack(() => engine.GetPipelineStatesAsync("p"));
        await engine.WaitUntilSettledAsync("p").Done();

        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p"));
    }

    [Fact]
    public async Task A_caller_whose_pipeline_cannot_be_read_is_told_that_the_engine_is_away()
    {
        var time = new VirtualTime();
        ProbedStore store = WithoutFirstLoad();
        await using EmbeddedEngine engine = await Engines.OpenAsync(store, _bench, options => options with { Time = time });
        await engine.RunAsync(new TreeSketch().Flow("start", "a", "end"));
        await MakeIdle(engine, time);

        Assert.Equal("engine-unavailable", (await engine.GetPipelineStatesAsync("p")).ErrorCode);
        Assert.True((await Engines.UntilBack(() => engine.GetPipelineStatesAsync("p"))).Result);
    }

    [Fact]
    public async Task Of_two_submissions_of_the_same_ids_at_once_exactly_one_wins()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), _bench);
        TreeSketch[] sketches =
        [
            .. Enumerable.Range(0, 20).Select(_ => new TreeSketch().Flow("start", "a", "end")),
        ];

        EngineApiResult[] results = await Task.WhenAll(sketches.Select(sketch => Task.Run(() => engine.RunPipelineAsync(sketch.Build()))));
        await engine.WaitUntilSettledAsync("p").Done();

        Assert.Equal(19, results.Count(result => result.ErrorCode == "already-exists"));
        Assert.Single(results, result => result.Result);
        Assert.Single(_bench.Calls);
    }

    [Fact]
    public async Task Two_pipelines_that_share_one_node_id_cannot_both_be_there()
    {
        var store = new MemoryStore();
        await using EmbeddedEngine engine = await Engines.OpenAsync(store, _bench);
        await engine.RunAsync(new TreeSketch().Flow("start", "a", "end"));
        string before = await Engines.StatisticsOf(store);

        await engine.RunPipelineAsync(new TreeSketch("q", "qs", "qe").Flow("qs", "a", "qe").Build())
            .Refused("already-exists", "the id a belongs to a pipeline that was submitted already");

        Assert.Equal(before, await Engines.StatisticsOf(store));
    }

    [Fact]
    public async Task Ids_differ_by_case()
    {
        using var file = new TemporaryFile();
        await using EmbeddedEngine engine = await Engines.OpenAsync(file.Store(), _bench);

        await engine.RunAsync(new TreeSketch("p", "start", "end").Flow("start", "a", "A", "end"));
        await engine.SubmitAsync(new TreeSketch("P", "Start", "End").Flow("Start", "b", "End"));
        await engine.WaitUntilSettledAsync("P").Done();

        Assert.Equal(["P", "p"], (await engine.ListPipelinesAsync().Get()).Select(row => row.RootId));
        Assert.Empty(await engine.GetPipelineStatesAsync("B").Get());
    }

    [Fact]
    public async Task Two_hundred_pipelines_at_once_all_finish()
    {
        using var file = new TemporaryFile();
        await using EmbeddedEngine engine = await Engines.OpenAsync(file.Store(), _bench);

        await Task.WhenAll(Enumerable.Range(0, 200).Select(async number =>
        {
            await engine.SubmitAsync(new TreeSketch($"p{number}", $"s{number}", $"e{number}")
                .Flow($"s{number}", $"pg{number}", $"a{number}", $"cg{number}", $"e{number}").Flow($"pg{number}", $"b{number}", $"cg{number}"));
            await engine.WaitUntilSettledAsync($"p{number}").Done();
        })).WaitAsync(Engines.Patience * 4);

        Assert.All(await engine.ListPipelinesAsync(limit: 300).Get(), row => Assert.Equal(NodeStateName.Finished, row.State));
        Assert.Equal(400, _bench.Calls.Count);
    }

    [Fact]
    public async Task A_value_of_ten_megabytes_goes_through_inputs_outputs_and_context_and_survives_reopening()
    {
        using var file = new TemporaryFile();
        var large = new string('x', 10_000_000);
        await using (EmbeddedEngine engine = await Engines.OpenAsync(file.Store(), _bench))
        {
            await engine.RunAsync(new TreeSketch().Flow("start", "a", "b", "end")
                .Var("${x}", TreeSketch.Plain(large)).Activity("a", "ok", ("n", "${x}"))
                .Fill("${y}", "a", "n").Activity("b", "ok", ("m", "${y}")).Outputs("${y}"));
        }

        await using EmbeddedEngine second = await Engines.OpenAsync(file.Store(), _bench);

        Assert.Equal(NodeStateName.Finished, await second.StateOf("p"));
        Assert.Equal(large, (await second.GetExecutionDataInputsAsync("a").Get())["n"]);
        Assert.Equal(large, (await second.GetExecutionDataOutputsAsync("b").Get())["m"]);
        Assert.Equal(large, await second.ContextOf("${y}"));
    }

    [Fact]
    public async Task Histories_hold_every_earlier_entry_of_a_node_and_can_be_asked_for_by_loop()
    {
        var store = new MemoryStore();
        _bench.Executions["a"] = (context, _) =>
        {
            context.SetOutput("n", context.Loop);
            return Task.FromResult(ComponentResult.Ok);
        };
        await using (EmbeddedEngine engine = await Engines.OpenAsync(store, _bench))
        {
            await engine.RunAsync(new TreeSketch().Flow("start", "a", "eg", "a").Flow("eg", "end").Fill("${n}", "a", "n")
                .When("eg", "a", "${n} < 4").When("eg", "end", "${n} >= 4"));
        }

        await using EmbeddedEngine second = await Engines.OpenAsync(store, _bench);
        IReadOnlyList<NodeHistory> all = await second.GetNodeHistoriesAsync("a").Get();
        IReadOnlyList<NodeHistory> one = await second.GetNodeHistoriesAsync("a", loop: 2).Get();

        Assert.Equal([(1L, 1), (2L, 2), (3L, 3)], all.Select(entry => (entry.Id, entry.Loop)));
        Assert.Equal([1, 2, 3], all.Select(entry => entry.Outputs["n"]));
        Assert.Equal(2, Assert.Single(one).Id);
        Assert.Equal(4, all.Select(entry => entry.Version).Append(await second.VersionOf("a")).Distinct().Count());
        Assert.Equal([1L, 2L, 3L], (await second.GetNodeShortHistoriesAsync("a").Get()).Select(entry => entry.Id));
        Assert.Empty(await second.GetNodeHistoriesAsync("none").Get());
    }

    [Fact]
    public async Task Options_give_context_to_the_root_and_to_every_sub_process_and_data_to_components()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), _bench);
        _bench.Executions["b"] = (context, _) =>
        {
            context.SetOutput("data", context.RootPipelineData["who"]);
            context.SetOutput("seen", context.Input("seen"));
            return Task.FromResult(ComponentResult.Ok);
        };

        await engine.RunAsync(
            new TreeSketch().Flow("start", "a", "sp", "end").Activity("a", "ok", ("n", "${root}"))
                .Sub("sp", new TreeSketch("i", "s1", "e1").Flow("s1", "b", "e1").Activity("b", "ok", ("seen", "${sub} ${root}"))),
            new RunPipelineOptions
            {
                RootPipelineData = Value.Map(("who", "me")),
                RootPipelineContext = Value.Map(("${root}", 1)),
                SubprocessContext = Value.Map(("${sub}", 2)),
            });

        Assert.Equal(1, (await engine.GetExecutionDataInputsAsync("a").Get())["n"]);
        MapValue outputs = await engine.GetExecutionDataOutputsAsync("b").Get();
        Assert.Equal(("me", "2 ${root}"), (((TextValue)outputs["data"]).Value, ((TextValue)outputs["seen"]).Value));
        Assert.Equal(2, await engine.ContextOf("${sub}", "sp"));
    }

    [Fact]
    public async Task A_pipeline_may_start_at_a_node_of_its_main_line()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), _bench);

        await engine.RunAsync(new TreeSketch().Flow("start", "a", "b", "end"), new RunPipelineOptions { StartNodeId = "b" });

        Assert.Equal(["b"], _bench.Executed);
        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p"));
    }

    // The next message after the idle time finds the pipeline idle.
    private static async Task MakeIdle(EmbeddedEngine engine, VirtualTime time)
    {
        string root = $"idle{Guid.NewGuid():N}";
        time.Advance(TimeSpan.FromSeconds(31));
        await engine.SubmitAsync(new TreeSketch(root, $"{root}s", $"{root}e").Flow($"{root}s", $"x{root}", $"{root}e"));
        await engine.WaitUntilSettledAsync(root).Done();
    }

    private static ProbedStore WithoutFirstLoad()
    {
        int fails = 1;
        return new ProbedStore(new MemoryStore())
        {
            OnLoad = root =>
            {
                if (root == "p" && Interlocked.Decrement(ref fails) == 0)
                {
                    throw new StoreUnavailableException("store.unavailable", "no disk just now");
                }
            },
        };
    }

    private async Task SubmitPolling(EmbeddedEngine engine, VirtualTime time)
    {
        _bench.PollTwice("a", TimeSpan.FromHours(1));
        await engine.SubmitAsync(new TreeSketch().Flow("start", "a", "end").Activity("a", "poll"));
        await Engines.Until(() => time.NextDue is not null);
        await engine.StateOf("a");
    }

    [Fact]
    public async Task The_journal_of_a_closed_engine_is_refused_as_every_call_is()
    {
        EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), new Workbench());
        await engine.DisposeAsync();

        await Assert.ThrowsAsync<EngineUnavailableException>(async () =>
        {
            await foreach (JournalTurn _ in engine.ReadJournalAsync())
            {
            }
        });
    }
}
