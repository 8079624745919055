using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Embedded.Tests;

/// <summary>Persist, then release; and what happens when the store does not persist.</summary>
public class DurabilityTests
{
    private readonly MemoryStore _store = new();
    private readonly Workbench _bench = new();

    [Fact]
    public async Task Nothing_is_seen_of_a_submission_before_it_is_durable()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        Held held = HoldNext();
        Task<EngineApiResult> submission = engine.RunPipelineAsync(Chain().Build());
        await held.Reached;
        await Engines.Breathe();

        Assert.False(submission.IsCompleted);
        Assert.Empty(_bench.Calls);

        held.Release();
        await submission.Done();
        await _bench.Entered("a");
    }

    [Fact]
    public async Task A_component_runs_only_once_the_decision_to_run_it_is_durable_and_a_read_waits_for_what_it_saw()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        var go = new TaskCompletionSource();
        _bench.Executions["a"] = async (_, _) => { await go.Task; return true; };
        await engine.SubmitAsync(Chain());
        await _bench.Entered("a");
        Held held = HoldNext();
        go.SetResult();
        await held.Reached;
        Task<NodeStateName> read = engine.StateOf("a");
        await Engines.Breathe();

        Assert.False(read.IsCompleted);
        Assert.Equal(["a"], _bench.Executed);

        held.Release();
        Assert.Equal(NodeStateName.Finished, await read.WaitAsync(Engines.Patience));
        await _bench.Entered("b");
    }

    [Fact]
    public async Task A_callback_is_answered_once_it_is_durable_and_the_component_sees_it_then()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        await engine.RunAsync(Chain().Activity("a", "wait"));
        string version = await engine.VersionOf("a");
        Held held = HoldNext();
        Task<EngineApiResult<VerbOutcome>> callback = engine.CallbackAsync("a", version, 1);
        await held.Reached;
        await Engines.Breathe();

        Assert.False(callback.IsCompleted);
        Assert.DoesNotContain(_bench.Calls, call => call.What == "schedule");

        held.Release();
        await callback.Done();
    }

    [Fact]
    public async Task While_one_batch_is_committed_the_next_one_fills_and_many_submissions_share_it()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        List<int> pipelines = [];
        Held held = HoldNext(batch => pipelines.Add(batch.Pipelines.Count));
        Task first = engine.RunPipelineAsync(new TreeSketch("first", "s", "e").Flow("s", "x", "e").Build()).Done();
        await held.Reached;
        Task[] others =
        [
            .. Enumerable.Range(0, 50).Select(number => engine.RunPipelineAsync(
                new TreeSketch($"p{number}", $"s{number}", $"e{number}").Flow($"s{number}", $"a{number}", $"e{number}").Build()).Done()),
        ];

        held.Release();
        await Task.WhenAll(others).WaitAsync(Engines.Patience);
        await first;

        Assert.Equal([1, 50], pipelines.Take(2));
    }

    [Theory]
    [InlineData(CommitFault.Refused)]
    [InlineData(CommitFault.Lost)]
    [InlineData(CommitFault.Unacknowledged)]
    public async Task A_submission_whose_commit_fails_is_answered_so_and_nothing_of_it_ran(CommitFault fault)
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        _store.BeforeCommit = _ => ValueTask.FromResult(fault);

        EngineApiResult result = await engine.RunPipelineAsync(Chain().Build()).WaitAsync(Engines.Patience);

        Assert.Equal((false, "engine-unavailable"), (result.Result, result.ErrorCode));
        Assert.StartsWith("the store failed, and whether the call took effect is not known: ", result.Message);
        Assert.Empty(_bench.Calls);
    }

    [Theory]
    [InlineData(CommitFault.Refused)]
    [InlineData(CommitFault.Lost)]
    [InlineData(CommitFault.Unacknowledged)]
    public async Task After_a_commit_that_failed_the_engine_goes_on_from_what_is_in_the_store(CommitFault fault)
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        await engine.RunAsync(Chain().Activity("b", "wait"));
        string version = await engine.VersionOf("b");
        int commits = 0;
        _store.BeforeCommit = _ => ValueTask.FromResult(commits++ == 0 ? fault : CommitFault.None);

        EngineApiResult lost = await engine.CallbackAsync("b", version, 1).WaitAsync(Engines.Patience);
        Assert.Equal("engine-unavailable", lost.ErrorCode);
        Assert.True((await Engines.UntilBack(() => engine.GetPipelineStatesAsync("p"))).Result);
        await engine.WaitUntilSettledAsync("p").Done();
        if (fault != CommitFault.Unacknowledged)
        {
            Assert.Equal(NodeStateName.Running, await engine.StateOf("b"));
            await engine.CallbackAsync("b", version, 1).Done();
            await engine.WaitUntilSettledAsync("p").Done();
        }

        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p"));
    }

    [Fact]
    public async Task A_submission_whose_commit_was_not_acknowledged_is_there_after_all_and_finishes()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        int commits = 0;
        _store.BeforeCommit = _ => ValueTask.FromResult(commits++ == 0 ? CommitFault.Unacknowledged : CommitFault.None);
        await engine.RunPipelineAsync(Chain().Build());

        await Engines.UntilBack(() => engine.GetPipelineStatesAsync("p"));
        await engine.WaitUntilSettledAsync("p").Done();

        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p"));
        await engine.RunPipelineAsync(Chain().Build()).Refused(
            "already-exists", "the id p belongs to a pipeline that was submitted already");
    }

    [Fact]
    public async Task A_caller_that_waits_for_the_end_is_told_that_the_engine_is_away_when_a_commit_fails()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(_store, _bench);
        var go = new TaskCompletionSource();
        _bench.Executions["a"] = async (_, _) => { await go.Task; return true; };
        await engine.SubmitAsync(Chain());
        await _bench.Entered("a");
        Task<EngineApiResult> wait = engine.WaitUntilSettledAsync("p");
        Task<NodeStateName> after = engine.StateOf("a");
        await after;
        int commits = 0;
        _store.BeforeCommit = _ => ValueTask.FromResult(commits++ == 0 ? CommitFault.Lost : CommitFault.None);
        go.SetResult();

        EngineApiResult result = await wait.WaitAsync(Engines.Patience);

        Assert.Equal("engine-unavailable", result.ErrorCode);
    }

    [Fact]
    public async Task A_store_that_stays_away_is_asked_again_until_it_is_back()
    {
        int asked = 0;
        var probed = new ProbedStore(_store)
        {
            OnCommit = (number, _) => Task.FromResult(number != 1),
            OnReopen = () => _ = ++asked <= 5 ? throw new StoreUnavailableException("store.unavailable", "still away") : 0,
        };
        await using EmbeddedEngine engine = await Engines.OpenAsync(probed, _bench);
        Assert.Equal("engine-unavailable", (await engine.RunPipelineAsync(Chain().Build())).ErrorCode);

        await Engines.UntilBack(() => engine.GetPipelineStatesAsync("p"));
        await Engines.Until(() => asked == 6);
        EngineApiResult result;
        do
        {
            result = await engine.RunPipelineAsync(Chain().Build());
        }
        while (result.ErrorCode == "engine-unavailable");

        await engine.WaitUntilSettledAsync("p").Done();
        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p"));
    }

    private static TreeSketch Chain() => new TreeSketch().Flow("start", "a", "b", "end");

    private Held HoldNext(Action<CommitBatch>? seen = null)
    {
        var held = new Held();
        int commits = 0;
        _store.BeforeCommit = async batch =>
        {
            seen?.Invoke(batch);
            if (Interlocked.Increment(ref commits) == 1)
            {
                await held.Hold();
            }

            return CommitFault.None;
        };
        return held;
    }

    private sealed class Held
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Reached => _reached.Task.WaitAsync(Engines.Patience);

        public Task Hold()
        {
            _reached.TrySetResult();
            return _release.Task;
        }

        public void Release() => _release.TrySetResult();
    }
}
