using System.Collections.Concurrent;
using BambooOrleans.Components;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Embedded.Tests;

/// <summary>What a verb takes besides its arguments, and what it leaves in the journal.</summary>
public class VerbOptionsTests
{
    private static readonly VerbOptions Signed = new() { Operator = "ada", Reason = "a \"reason\"" };

    // Timers are never early, and so may be a little late.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly MemoryStore _store = new();
    private readonly VirtualTime _time = new();
    private readonly Workbench _bench = new() { Deadline = TimeSpan.FromMinutes(10) };

    [Fact]
    public async Task Who_asked_and_why_stands_in_the_journal_before_what_the_verb_did()
    {
        await using EmbeddedEngine engine = await OpenAsync();
        await engine.RunAsync(Waiting());

        await engine.PauseNodeAppointAsync("b", Signed).Done();
        await engine.PausePipelineAsync("p", Signed).Done();
        await engine.ForcedFailActivityAsync("a", "enough", Signed).Done();

        List<JournalTurn> turns = await JournalAsync(engine);
        AssertTaken(turns, "b", "node-verb-taken", "pause_node_appoint", "node-paused");
        AssertTaken(turns, "p", "pipeline-verb-taken", "pause_pipeline", "pipeline-paused");
        AssertTaken(turns, "a", "node-verb-taken", "forced_fail_activity", "node-forced-to-fail");
    }

    [Fact]
    public async Task A_verb_that_is_refused_leaves_nothing_in_the_journal()
    {
        await using EmbeddedEngine engine = await OpenAsync();
        await engine.RunAsync(Waiting());
        int turns = (await JournalAsync(engine)).Count;

        Assert.Equal("verb.not-failed", (await engine.RetryNodeAsync("a", options: Signed)).ErrorCode);
        Assert.Equal("verb.not-suspended", (await engine.ResumePipelineAsync("p", Signed)).ErrorCode);

        Assert.Equal(turns, (await JournalAsync(engine)).Count);
    }

    [Fact]
    public async Task A_verb_that_expects_another_version_is_refused_and_changes_nothing()
    {
        await using EmbeddedEngine engine = await OpenAsync();
        await engine.RunAsync(Waiting());
        List<string> before = await engine.Describe("p");
        int turns = (await JournalAsync(engine)).Count;
        var other = new VerbOptions { ExpectedVersion = "v-other" };

        EngineApiResult<VerbOutcome>[] answers =
        [
            await engine.PausePipelineAsync("p", other),
            await engine.RevokePipelineAsync("p", other),
            await engine.PauseNodeAppointAsync("a", other),
            await engine.PauseNodeAppointAsync("b", other),
            await engine.ForcedFailActivityAsync("a", "enough", other),
            await engine.CallbackAsync("a", await engine.VersionOf("a"), 1, other),
        ];

        Assert.All(answers, answer => Assert.Equal("state-version-mismatch", answer.ErrorCode));
        Assert.Equal(before, await engine.Describe("p"));
        Assert.Equal(turns, (await JournalAsync(engine)).Count);
    }

    [Fact]
    public async Task A_verb_that_expects_the_version_there_is_is_carried_out_once_however_often_it_is_repeated()
    {
        await using EmbeddedEngine engine = await OpenAsync();
        _bench.Executions["a"] = (_, _) => Task.FromResult(ComponentResult.Failed);
        await engine.RunAsync(Waiting());
        var expecting = new VerbOptions { ExpectedVersion = await engine.VersionOf("a") };

        await engine.RetryNodeAsync("a", options: expecting).Done();
        await engine.WaitUntilSettledAsync("p").Done();

        Assert.Equal("state-version-mismatch", (await engine.RetryNodeAsync("a", options: expecting)).ErrorCode);
        Assert.Single(await engine.GetNodeHistoriesAsync("a").Get());
    }

    [Theory]
    [InlineData("p")]
    [InlineData("b")]
    public async Task A_resume_at_a_time_comes_then_and_not_before(string paused)
    {
        await using EmbeddedEngine engine = await OpenAsync();
        await HoldAsync(engine, paused);

        await ResumeAtAsync(engine, paused, 60);
        _time.Advance(TimeSpan.FromMinutes(59));
        await Engines.Breathe();
        Assert.Equal(NodeStateName.Suspended, await engine.StateOf(paused));
        _time.Advance(TimeSpan.FromMinutes(1) + Grace);

        await FinishesAsync(engine);
    }

    [Theory]
    [InlineData("p", 30)]
    [InlineData("p", 90)]
    [InlineData("b", 30)]
    [InlineData("b", 90)]
    public async Task A_resume_at_a_time_survives_a_restart_before_or_after_that_time(string paused, int minutesClosed)
    {
        await using (EmbeddedEngine first = await OpenAsync())
        {
            await HoldAsync(first, paused);
            await ResumeAtAsync(first, paused, 60);
        }

        _time.Advance(TimeSpan.FromMinutes(minutesClosed));
        await using EmbeddedEngine second = await OpenAsync();
        if (minutesClosed < 60)
        {
            await Engines.Breathe();
            Assert.Equal(NodeStateName.Suspended, await second.StateOf(paused));
            _time.Advance(TimeSpan.FromMinutes(60 - minutesClosed) + Grace);
        }

        await FinishesAsync(second);
    }

    [Theory]
    [InlineData("p")]
    [InlineData("b")]
    public async Task A_resume_that_was_cancelled_does_not_come_and_cannot_be_cancelled_again(string paused)
    {
        await using EmbeddedEngine engine = await OpenAsync();
        await HoldAsync(engine, paused);
        await ResumeAtAsync(engine, paused, 60);

        await engine.CancelScheduledResumeAsync(paused).Done();
        _time.Advance(TimeSpan.FromHours(3));
        await Engines.Breathe();

        Assert.Equal(NodeStateName.Suspended, await engine.StateOf(paused));
        Assert.Equal("resume.not-scheduled", (await engine.CancelScheduledResumeAsync(paused)).ErrorCode);
    }

    [Theory]
    [InlineData("p", 30, 120)]
    [InlineData("p", 120, 30)]
    [InlineData("b", 30, 120)]
    [InlineData("b", 120, 30)]
    public async Task A_new_time_takes_the_place_of_the_one_before(string paused, int before, int after)
    {
        await using EmbeddedEngine engine = await OpenAsync();
        await HoldAsync(engine, paused);
        await ResumeAtAsync(engine, paused, before);
        await ResumeAtAsync(engine, paused, after);

        _time.Advance(TimeSpan.FromMinutes(after - 1));
        await Engines.Breathe();
        Assert.Equal(NodeStateName.Suspended, await engine.StateOf(paused));
        _time.Advance(TimeSpan.FromMinutes(1) + Grace);

        await FinishesAsync(engine);
    }

    [Fact]
    public async Task Revoking_drops_a_resume_that_was_appointed_for_a_time()
    {
        await using EmbeddedEngine engine = await OpenAsync();
        await HoldAsync(engine, "p");
        await ResumeAtAsync(engine, "p", 60);

        await engine.RevokePipelineAsync("p").Done();
        _time.Advance(TimeSpan.FromHours(2));
        await Engines.Breathe();

        Assert.Equal(NodeStateName.Revoked, await engine.StateOf("p"));
        Assert.Equal("resume.not-scheduled", (await engine.CancelScheduledResumeAsync("p")).ErrorCode);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Past_its_deadline_a_node_that_waits_for_a_callback_is_failed_and_a_late_one_is_refused(bool restarts)
    {
        EmbeddedEngine engine = await OpenAsync();
        try
        {
            await engine.RunAsync(Waiting("within"));
            string version = await engine.VersionOf("a");
            _time.Advance(TimeSpan.FromMinutes(9));
            await Engines.Breathe();
            Assert.Equal(NodeStateName.Running, await engine.StateOf("a"));
            if (restarts)
            {
                await engine.DisposeAsync();
                engine = await OpenAsync();
            }

            _time.Advance(TimeSpan.FromMinutes(1) + Grace);
            await ComesToAsync(engine, "a", NodeStateName.Failed);

            Assert.StartsWith("no callback came by ", ((TextValue)await engine.ExDataOf("a")).Value);
            Assert.Equal("callback.schedule-over", (await engine.CallbackAsync("a", version, 1)).ErrorCode);
            Assert.DoesNotContain(_bench.Calls, call => call.What == "schedule");
        }
        finally
        {
            await engine.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_deadline_that_passed_while_the_engine_was_closed_fails_the_node_at_the_next_opening()
    {
        await using (EmbeddedEngine first = await OpenAsync())
        {
            await first.RunAsync(Waiting("within"));
        }

        _time.Advance(TimeSpan.FromHours(1));
        await using EmbeddedEngine second = await OpenAsync();

        await ComesToAsync(second, "a", NodeStateName.Failed);
    }

    [Fact]
    public async Task A_callback_in_time_ends_the_deadline()
    {
        await using EmbeddedEngine engine = await OpenAsync();
        await engine.RunAsync(Waiting("within"));

        await engine.CallbackAsync("a", await engine.VersionOf("a"), 1).Done();
        _time.Advance(TimeSpan.FromHours(1));

        await FinishesAsync(engine);
    }

    [Fact]
    public async Task The_hooks_around_a_verb_run_once_each_and_what_they_change_is_not_kept()
    {
        await using EmbeddedEngine engine = await OpenAsync();
        await engine.RunAsync(Waiting("hooked"));
        string version = await engine.VersionOf("a");

        await engine.PauseNodeAppointAsync("a").Done();
        await engine.ResumeNodeAppointAsync("a").Done();
        await engine.ForcedFailActivityAsync("a", "enough").Done();
        await engine.WaitUntilSettledAsync("p").Done();
        MapValue outputs = await engine.GetExecutionDataOutputsAsync("a").Get();
        await engine.RetryNodeAsync("a").Done();
        await engine.WaitUntilSettledAsync("p").Done();
        await engine.CallbackAsync("a", await engine.VersionOf("a"), 1).Done();
        await FinishesAsync(engine);

        await Engines.Until(() => Hooks.Count >= 8);
        Assert.Equal(
            ["PreCallback", "PostCallback", "PreForcedFail", "PostForcedFail", "PrePause", "PostPause", "PreRetry", "PostRetry"],
            Hooks.OrderBy(hook => hook.Replace("Pre", "").Replace("Post", "") + (hook.StartsWith("Pre", StringComparison.Ordinal) ? 0 : 1)));
        Assert.DoesNotContain("changed by a hook", outputs.Keys);
        Assert.DoesNotContain("changed by a hook", (await engine.GetExecutionDataOutputsAsync("a").Get()).Keys);
        Assert.NotEqual(version, await engine.VersionOf("a"));
    }

    [Fact]
    public async Task Forcing_an_activity_to_fail_cancels_what_its_component_runs_and_ignores_what_that_comes_to()
    {
        var cancelled = new TaskCompletionSource();
        _bench.Executions["a"] = async (context, token) =>
        {
            token.Register(cancelled.SetResult);
            await cancelled.Task;
            context.SetOutput("late", 1);
            return true;
        };
        await using EmbeddedEngine engine = await OpenAsync();
        await engine.SubmitAsync(new TreeSketch().Flow("start", "a", "end"));
        await _bench.Entered("a");

        await engine.ForcedFailActivityAsync("a", "enough").Done();
        await cancelled.Task.WaitAsync(Engines.Patience);
        await engine.WaitUntilSettledAsync("p").Done();

        Assert.Equal(NodeStateName.Failed, await engine.StateOf("a"));
        MapValue outputs = await engine.GetExecutionDataOutputsAsync("a").Get();
        Assert.Equal("enough", outputs["ex_data"]);
        Assert.DoesNotContain("late", outputs.Keys);
    }

    [Fact]
    public async Task The_journal_is_read_from_a_position_and_of_one_root()
    {
        await using EmbeddedEngine engine = await OpenAsync();
        await engine.RunAsync(Waiting());
        await engine.RunPipelineAsync(new TreeSketch("q", "qs", "qe").Flow("qs", "qa", "qe").Build()).Done();
        await engine.WaitUntilSettledAsync("q").Done();
        List<JournalTurn> all = await JournalAsync(engine);

        Assert.Equal(Enumerable.Range(1, all.Count), all.Select(turn => (int)turn.Position));
        Assert.Equal(["p", "q"], all.Select(turn => turn.RootId).Distinct());
        Assert.Equal(Shown(all.Where(turn => turn.RootId == "q")), Shown(await JournalAsync(engine, 1, "q")));
        foreach (int from in Enumerable.Range(1, all.Count + 1))
        {
            Assert.Equal(Shown(all.Where(turn => turn.Position >= from)), Shown(await JournalAsync(engine, from)));
            Assert.Equal(Shown(all.Where(turn => turn.Position >= from && turn.RootId == "p")), Shown(await JournalAsync(engine, from, "p")));
        }
    }

    [Fact]
    public async Task A_journal_that_is_followed_gives_what_comes_later_of_its_root_only()
    {
        await using EmbeddedEngine engine = await OpenAsync();
        await engine.RunAsync(Waiting());
        long from = (await JournalAsync(engine)).Count + 1;
        using var patience = new CancellationTokenSource(Engines.Patience);
        IAsyncEnumerator<JournalTurn> follower = engine.ReadJournalAsync(from, "p", follow: true, patience.Token).GetAsyncEnumerator();
        Task<bool> next = follower.MoveNextAsync().AsTask();
        await engine.RunPipelineAsync(new TreeSketch("q", "qs", "qe").Flow("qs", "qa", "qe").Build()).Done();
        await engine.WaitUntilSettledAsync("q").Done();
        await Engines.Breathe();
        Assert.False(next.IsCompleted);

        await engine.PauseNodeAppointAsync("b", Signed).Done();

        Assert.True(await next.WaitAsync(Engines.Patience));
        Assert.Equal(("p", "b"), (follower.Current.RootId, follower.Current.MachineId));
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await follower.MoveNextAsync());
        await follower.DisposeAsync();
    }

    private static ConcurrentQueue<string> Hooks => HookedWait.Called;

    private static TreeSketch Waiting(string component = "wait") =>
        new TreeSketch().Flow("start", "a", "b", "end").Activity("a", component);

    private static string Shown(IEnumerable<JournalTurn> turns) =>
        string.Join('\n', turns.Select(turn => $"{turn.Position} {turn.RootId} {turn.MachineId} {turn.Events.ToJson()}"));

    private static void AssertTaken(List<JournalTurn> turns, string machine, string taken, string verb, string then)
    {
        JournalTurn turn = Assert.Single(turns, turn => turn.MachineId == machine && EventOf(turn, 0)["event"].Equals((Value)taken));
        MapValue note = EventOf(turn, 0);
        Assert.Equal(((Value)verb, (Value)"ada", (Value)"a \"reason\""), (note["verb"], note["operator"], note["reason"]));
        Assert.Equal((Value)then, EventOf(turn, 1)["event"]);
    }

    private static MapValue EventOf(JournalTurn turn, int index) => (MapValue)turn.Events[index];

    private static async Task<List<JournalTurn>> JournalAsync(EmbeddedEngine engine, long from = 1, string? rootId = null)
    {
        List<JournalTurn> turns = [];
        await foreach (JournalTurn turn in engine.ReadJournalAsync(from, rootId))
        {
            turns.Add(turn);
        }

        return turns;
    }

    private static async Task ComesToAsync(EmbeddedEngine engine, string node, NodeStateName state)
    {
        using var patience = new CancellationTokenSource(Engines.Patience);
        while (await engine.StateOf(node) != state)
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private static Task FinishesAsync(EmbeddedEngine engine) => ComesToAsync(engine, "p", NodeStateName.Finished);

    private Task<EmbeddedEngine> OpenAsync() => Engines.OpenAsync(_store, _bench, options => options with
    {
        Time = _time,
        Registry = Workbench.Registry.Add<HookedWait>(),
    });

    // The token stands before b, held by a pause of b or of the root.
    private static async Task HoldAsync(EmbeddedEngine engine, string paused)
    {
        await engine.RunAsync(Waiting());
        await (paused == "p" ? engine.PausePipelineAsync("p") : engine.PauseNodeAppointAsync(paused)).Done();
        await engine.CallbackAsync("a", await engine.VersionOf("a"), 1).Done();
        await engine.WaitUntilSettledAsync("p").Done();
    }

    private async Task ResumeAtAsync(EmbeddedEngine engine, string paused, int minutes)
    {
        var at = new VerbOptions { At = _time.GetUtcNow() + TimeSpan.FromMinutes(minutes) };
        await (paused == "p" ? engine.ResumePipelineAsync("p", at) : engine.ResumeNodeAppointAsync(paused, at)).Done();
        Assert.Equal(NodeStateName.Suspended, await engine.StateOf(paused));
    }

    [Component("hooked")]
    public sealed class HookedWait(Workbench bench) : Workbench.Ok(bench)
    {
        // One test uses it.
        public static ConcurrentQueue<string> Called { get; } = new();

        public override Schedule Schedule => Schedule.Callback;

        public override HookResult PrePauseNode(ComponentContext context) => Note(context, "PrePause");

        public override HookResult PostPauseNode(ComponentContext context) => Note(context, "PostPause");

        public override HookResult PreForcedFailActivity(ComponentContext context) => Note(context, "PreForcedFail");

        public override HookResult PostForcedFailActivity(ComponentContext context) => Note(context, "PostForcedFail");

        public override HookResult PreRetryNode(ComponentContext context) => Note(context, "PreRetry");

        public override HookResult PostRetryNode(ComponentContext context) => Note(context, "PostRetry");

        public override HookResult PreCallback(ComponentContext context) => Note(context, "PreCallback");

        public override HookResult PostCallback(ComponentContext context) => Note(context, "PostCallback");

        private static HookResult Note(ComponentContext context, string hook)
        {
            Called.Enqueue(hook);
            context.SetOutput("changed by a hook", hook);
            return HookResult.Keep;
        }
    }
}
