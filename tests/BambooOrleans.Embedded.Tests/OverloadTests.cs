using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Embedded.Tests;

/// <summary>More work than the engine may take on: clear refusals, a bounded queue, and everything acknowledged finishes.</summary>
public class OverloadTests
{
    private readonly MemoryStore _store = new();
    private readonly Workbench _bench = new();

    [Theory]
    [InlineData(100, 50_000, "50 pipelines")]
    [InlineData(20, 50_000, "20 calls")]
    [InlineData(100, 4_000, "bytes")]
    public async Task A_flood_before_a_slow_store_is_refused_beyond_the_limits_and_what_was_acknowledged_finishes(
        int calls, int bytes, string reason)
    {
        const int Flood = 2000;
        await using EmbeddedEngine engine = await OpenAsync(
            new EngineLimits { ActivePipelines = 50, WaitingCalls = calls, SubmittedBytes = bytes });
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        int pipelinesMax = 0;
        _store.BeforeCommit = async batch =>
        {
            pipelinesMax = Math.Max(pipelinesMax, batch.Pipelines.Count);
            await go.Task;
            return CommitFault.None;
        };

        Task<EngineApiResult>[] flood = [.. Enumerable.Range(0, Flood).Select(number => engine.RunPipelineAsync(Tree(number)))];
        await Engines.Until(() => flood.Count(call => call.IsCompleted) >= Flood - Math.Min(calls, 50));
        await Engines.Breathe();
        EngineApiResult[] refused = [.. flood.Where(call => call.IsCompleted).Select(call => call.Result)];
        Assert.All(refused, result => Assert.Equal((false, "engine-overloaded"), (result.Result, result.ErrorCode)));
        Assert.Contains(refused, result => result.Message.Contains(reason, StringComparison.Ordinal));

        go.SetResult();
        EngineApiResult[] all = await Task.WhenAll(flood).WaitAsync(Engines.Patience);
        string[] acknowledged = [.. all.Select((result, number) => (result, number)).Where(item => item.result.Result).Select(item => $"p{item.number}")];
        Assert.NotEmpty(acknowledged);
        Assert.Equal(Flood, acknowledged.Length + refused.Length);
        Assert.InRange(pipelinesMax, 1, Math.Min(calls, 50));
        foreach (string id in acknowledged)
        {
            await engine.WaitUntilSettledAsync(id).Done();
            Assert.Equal(NodeStateName.Finished, await engine.StateOf(id));
        }

        Assert.Equal(acknowledged.Length, (await engine.ListPipelinesAsync(limit: Flood).Get()).Count);
    }

    [Fact]
    public async Task The_engine_takes_more_by_itself_once_there_is_room()
    {
        await using EmbeddedEngine engine = await OpenAsync(new EngineLimits { ActivePipelines = 3 });
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (int number = 0; number < 4; number++)
        {
            _bench.Executions[$"a{number}"] = async (_, _) => { await go.Task; return true; };
        }

        for (int number = 0; number < 3; number++)
        {
            await engine.RunPipelineAsync(Tree(number)).Done();
            await _bench.Entered($"a{number}");
        }

        await engine.RunPipelineAsync(Tree(3)).Refused("engine-overloaded", "3 pipelines are active already");
        Assert.Empty(await engine.GetPipelineStatesAsync("p3").Get());

        go.SetResult();
        await engine.WaitUntilSettledAsync("p0").Done();
        await engine.WaitUntilSettledAsync("p1").Done();
        await engine.WaitUntilSettledAsync("p2").Done();
        await engine.RunPipelineAsync(Tree(3)).Done();
        await engine.WaitUntilSettledAsync("p3").Done();
        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p3"));
    }

    [Fact]
    public async Task Pipelines_that_only_wait_leave_memory_for_others_and_are_answered_as_before()
    {
        var store = new ProbedStore(_store);
        await using EmbeddedEngine engine = await OpenAsync(new EngineLimits { ActivePipelines = 2 }, store);
        for (int number = 0; number < 20; number++)
        {
            await engine.RunPipelineAsync(Tree(number, "wait")).Done();
            await engine.WaitUntilSettledAsync($"p{number}").Done();
        }

        for (int number = 0; number < 20; number++)
        {
            await engine.CallbackAsync($"a{number}", await engine.VersionOf($"a{number}"), 1).Done();
            await engine.WaitUntilSettledAsync($"p{number}").Done();
            Assert.Equal(NodeStateName.Finished, await engine.StateOf($"p{number}"));
        }

        Assert.True(store.Loads >= 18, $"only {store.Loads} left memory");
    }

    [Fact]
    public async Task A_tree_that_is_larger_than_all_submissions_may_be_together_is_taken_when_it_comes_alone()
    {
        await using EmbeddedEngine engine = await OpenAsync(new EngineLimits { SubmittedBytes = 10 });

        await engine.RunPipelineAsync(Tree(1)).Done();
    }

    private static Pipelines.PipelineTree Tree(int number, string component = "ok") =>
        new TreeSketch($"p{number}", $"s{number}", $"e{number}").Flow($"s{number}", $"a{number}", $"e{number}")
            .Activity($"a{number}", component).Build();

    private Task<EmbeddedEngine> OpenAsync(EngineLimits limits, IEngineStore? store = null) =>
        Engines.OpenAsync(store ?? _store, _bench, options => options with { Limits = limits });
}
