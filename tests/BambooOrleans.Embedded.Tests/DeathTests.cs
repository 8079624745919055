using BambooOrleans.Components;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Embedded.Tests;

/// <summary>The process dies. A death is an engine none of whose later commits goes through, and another over the same store.</summary>
public class DeathTests
{
    private readonly Workbench _bench = new();

    [Fact]
    public Task A_death_after_any_commit_leads_to_the_same_end_as_none() =>
        DieAfterEachCommit(new MemoryStore(), store => store, () => { });

    [Fact]
    public Task A_death_after_any_commit_to_a_file_leads_to_the_same_end_as_none()
    {
        using var files = new Files();
        return DieAfterEachCommit(files.Next(), _ => files.Again(), () => { }, files.Next);
    }

    [Fact]
    public async Task A_component_that_ran_when_the_process_died_runs_again_under_the_same_version()
    {
        await DieWhileRunning("ok");

        (string What, string Node, string Version)[] calls = [.. _bench.Calls];
        Assert.Equal(["execute", "execute"], calls.Select(call => call.What));
        Assert.Equal(calls[0].Version, calls[1].Version);
    }

    [Fact]
    public async Task A_component_that_reconciles_says_what_became_of_it_and_does_not_run_again()
    {
        _bench.OnReconcile = context =>
        {
            context.SetOutput("found", "it was done");
            return ComponentResult.Ok;
        };

        await using EmbeddedEngine engine = await DieWhileRunning("reconciling");

        Assert.Equal(["execute", "reconcile"], _bench.Calls.Select(call => call.What));
        Assert.Equal("it was done", (await engine.GetExecutionDataOutputsAsync("a").Get())["found"]);
        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p"));
    }

    [Fact]
    public async Task A_component_that_cannot_tell_what_became_of_it_runs_again()
    {
        await using EmbeddedEngine engine = await DieWhileRunning("reconciling");

        Assert.Equal(["execute", "reconcile", "execute"], _bench.Calls.Select(call => call.What));
        Assert.Single(_bench.Calls.Select(call => call.Version).Distinct());
    }

    [Fact]
    public async Task A_component_that_asks_to_fail_after_a_death_is_failed_and_says_why()
    {
        await using EmbeddedEngine engine = await DieWhileRunning("fragile");

        Assert.Equal(["execute"], _bench.Calls.Select(call => call.What));
        Assert.Equal(NodeStateName.Failed, await engine.StateOf("a"));
        Assert.Contains(
            "the process died while the component of a ran, and it asks to fail then", ((TextValue)await engine.ExDataOf("a")).Value);
    }

    [Fact]
    public async Task A_callback_that_was_acknowledged_and_not_handled_is_handled_after_the_death()
    {
        var store = new MemoryStore();
        var hang = new TaskCompletionSource<ComponentResult>();
        _bench.Schedules["a"] = (_, _, _) => hang.Task;
        EmbeddedEngine first = await Engines.OpenAsync(store, _bench, Engines.Hasty);
        await first.RunAsync(new TreeSketch().Flow("start", "a", "end").Activity("a", "wait").Fill("${got}", "a", "data"));
        await first.CallbackAsync("a", await first.VersionOf("a"), Value.Map(("k", "v"))).Done();
        await Kill(first, store);
        _bench.Schedules.Clear();

        await using EmbeddedEngine second = await Engines.OpenAsync(store, _bench);
        await second.WaitUntilSettledAsync("p").Done();

        Assert.Equal(Value.Map(("k", "v")), await second.ContextOf("${got}"));
        Assert.Equal(NodeStateName.Finished, await second.StateOf("p"));
    }

    [Fact]
    public async Task Callbacks_that_wait_behind_the_one_that_runs_are_all_handled_in_order_after_a_death()
    {
        var store = new MemoryStore();
        var hang = new TaskCompletionSource<ComponentResult>();
        _bench.Schedules["a"] = (_, _, _) => hang.Task;
        EmbeddedEngine first = await Engines.OpenAsync(store, _bench, Engines.Hasty);
        await first.RunAsync(new TreeSketch().Flow("start", "a", "end").Activity("a", "multi"));
        string version = await first.VersionOf("a");
        for (int number = 1; number <= 3; number++)
        {
            await first.CallbackAsync("a", version, number).Done();
        }

        await Kill(first, store);
        List<Value> handled = [];
        _bench.Schedules["a"] = (context, data, _) =>
        {
            handled.Add(data!);
            if (handled.Count == 3)
            {
                context.FinishSchedule();
            }

            return Task.FromResult(ComponentResult.Ok);
        };

        await using EmbeddedEngine second = await Engines.OpenAsync(store, _bench);
        await second.WaitUntilSettledAsync("p").Done();

        Assert.Equal([1, 2, 3], handled);
        Assert.Equal(NodeStateName.Finished, await second.StateOf("p"));
    }

    [Fact]
    public async Task A_poll_whose_time_passed_while_nobody_was_there_is_made_at_opening()
    {
        var store = new MemoryStore();
        var time = new VirtualTime();
        await PollAndCloseAsync(store, time);

        time.Advance(TimeSpan.FromDays(1));
        await using EmbeddedEngine second = await Engines.OpenAsync(store, _bench, options => options with { Time = time });
        await second.WaitUntilSettledAsync("p").Done();

        Assert.Equal(NodeStateName.Finished, await second.StateOf("p"));
        Assert.Equal(2, _bench.Calls.Count(call => call.What == "schedule"));
    }

    [Fact]
    public async Task A_poll_whose_time_has_not_come_at_opening_waits_for_it()
    {
        var store = new MemoryStore();
        var time = new VirtualTime();
        await PollAndCloseAsync(store, time);

        await using EmbeddedEngine second = await Engines.OpenAsync(store, _bench, options => options with { Time = time });
        await second.StateOf("a");
        time.Advance(TimeSpan.FromMinutes(59));
        await second.StateOf("a");
        await Engines.Breathe();
        Assert.Equal(1, _bench.Calls.Count(call => call.What == "schedule"));

        await Engines.Until(() => time.NextDue is not null);
        time.Advance(TimeSpan.FromMinutes(2));
        await second.WaitUntilSettledAsync("p").Done();
        Assert.Equal(NodeStateName.Finished, await second.StateOf("p"));
    }

    [Fact]
    public async Task Lazy_variables_and_end_events_that_nobody_registers_any_more_fail_their_nodes_with_the_cause()
    {
        var store = new MemoryStore();
        EmbeddedEngine first = await Engines.OpenAsync(store, _bench);
        await first.RunAsync(new TreeSketch("p").Flow("start", "w", "a", "end").Activity("w", "wait")
            .Var("${x}", TreeSketch.LazyOf("lazy", 1)).Activity("a", "ok", ("n", "${x}")));
        await first.SubmitAsync(new TreeSketch("q", "qs", "qe").Flow("qs", "qw", "qe").Activity("qw", "wait").EndsWith("notify"));
        await first.WaitUntilSettledAsync("q").Done();
        await first.SubmitAsync(new TreeSketch("r", "rs", "re").Flow("rs", "rw", "ra", "re").Activity("rw", "wait").Activity("ra", "poll"));
        await first.WaitUntilSettledAsync("r").Done();
        await first.DisposeAsync();

        await using EmbeddedEngine second = await Engines.OpenAsync(
            store, _bench, options => options with { Registry = new Hosting.ComponentRegistry().Add<Workbench.Ok>().Add<Workbench.Wait>() });
        foreach ((string node, string root) in new[] { ("w", "p"), ("qw", "q"), ("rw", "r") })
        {
            await second.CallbackAsync(node, await second.VersionOf(node), 1).Done();
            await second.WaitUntilSettledAsync(root).Done();
        }

        Assert.Equal(
            "inputs hydrate failed(the lazy variable lazy of ${x} is not registered), check node log for details",
            await second.ExDataOf("a"));
        Assert.Equal("the end event notify is not registered", await second.ExDataOf("qe"));
        Assert.Equal("the component poll of version legacy is not registered", await second.ExDataOf("ra"));
        Assert.All(
            [await second.StateOf("a"), await second.StateOf("qe"), await second.StateOf("ra")],
            state => Assert.Equal(NodeStateName.Failed, state));
    }

    private static TreeSketch Everything()
    {
        TreeSketch inner = new TreeSketch("inner", "s1", "e1").Flow("s1", "b1", "e1")
            .Activity("b1", "ok", ("n", "${p} in")).Fill("${q}", "b1", "n").Outputs("${q}");
        return new TreeSketch("p")
            .Flow("start", "a", "pg", "b", "cg", "sp", "eg", "again", "a").Flow("eg", "cpg", "d", "cg2", "f", "end").Flow("cpg", "e", "cg2")
            .Flow("pg", "pg2", "wait", "cg3", "cg").Flow("pg2", "poll", "cg3")
            .Fill("${n}", "a", "n", before: 0).Var("${lazy}", TreeSketch.LazyOf("lazy", "${n}")).Var("${all}", TreeSketch.Splice("${n}/${lazy}"))
            .Activity("a", "ok", ("last", "${n}")).Activity("b", "ok", ("text", "${all}"))
            .Activity("poll", "poll").Activity("wait", "wait").Fill("${got}", "wait", "data")
            .Activity("f", "ok", "legacy", MapValue.Empty, Value.Map(("loop_config", Value.Map(("enable", true), ("loop_times", 2)))))
            .Sub("sp", inner, ("${p}", "${n}")).Fill("${sub}", "sp", "${q}")
            .When("eg", "again", "${n} < 2").When("eg", "cpg", "${n} >= 2")
            .When("cpg", "d", "1 == 1").When("cpg", "e", "${n} > 1")
            .EndsWith("notify").Outputs("${n}", "${all}", "${sub}", "${got}");
    }

    private void ScriptEverything()
    {
        _bench.Executions["a"] = (context, _) =>
        {
            context.SetOutput("n", context.Loop);
            return Task.FromResult(ComponentResult.Ok);
        };
        _bench.Interval = _ => TimeSpan.FromMilliseconds(1);
        _bench.Schedules["poll"] = (context, _, _) =>
        {
            context.SetOutput("polls", context.ScheduleTimes + 1);
            if (context.ScheduleTimes == 2)
            {
                context.FinishSchedule();
            }

            return Task.FromResult(ComponentResult.Ok);
        };
    }

    private async Task DieAfterEachCommit(
        IEngineStore store, Func<IEngineStore, IEngineStore> again, Action cleanUp, Func<IEngineStore>? fresh = null)
    {
        ScriptEverything();
        List<string> expected;
        await using (EmbeddedEngine undisturbed = await Engines.OpenAsync(store, _bench))
        {
            await undisturbed.SubmitAsync(Everything());
            Assert.True(await FinishAsync(undisturbed));
            expected = await undisturbed.Describe("p");
        }

        int deaths = 0;
        for (int commits = 0; deaths == commits; commits++)
        {
            IEngineStore kept = fresh?.Invoke() ?? new MemoryStore();
            var died = new TaskCompletionSource();
            var probed = new ProbedStore(kept)
            {
                OnCommit = (number, _) =>
                {
                    if (number <= commits)
                    {
                        return Task.FromResult(true);
                    }

                    died.TrySetResult();
                    return Task.FromResult(false);
                },
            };
            EmbeddedEngine first = await Engines.OpenAsync(probed, _bench, Engines.Hasty);
            EngineApiResult submitted = await first.RunPipelineAsync(Everything().Build(), new RunPipelineOptions { CycleTolerate = true });
            Assert.Equal(commits > 0, submitted.Result);
            if (submitted.Result && await FinishAsync(first))
            {
                await first.DisposeAsync();
                break;
            }

            await died.Task.WaitAsync(Engines.Patience);
            deaths++;
            await first.DisposeAsync();

            await using EmbeddedEngine second = await Engines.OpenAsync(again(kept), _bench);
            if (!submitted.Result)
            {
                Assert.Empty(await second.ListPipelinesAsync().Get());
                await second.SubmitAsync(Everything());
            }

            Assert.True(await FinishAsync(second));
            Assert.Equal(expected, await second.Describe("p"));
        }

        cleanUp();
        Assert.True(deaths >= 10, $"only {deaths} commits");
    }

    // Calls back whatever waits, until the pipeline is finished; false where the engine is gone.
    private static async Task<bool> FinishAsync(IBambooEngine engine)
    {
        while (true)
        {
            if (!(await engine.WaitUntilSettledAsync("p").WaitAsync(Engines.Patience)).Result)
            {
                return false;
            }

            EngineApiResult<IReadOnlyDictionary<string, NodeStateInfo>> states = await engine.GetPipelineStatesAsync("p");
            if (!states.Result)
            {
                return false;
            }

            NodeStateInfo root = states.Data!["p"];
            if (root.State == NodeStateName.Finished)
            {
                return true;
            }

            Assert.DoesNotContain(root.Children.Values, child => child.State == NodeStateName.Failed);
            if (root.Children.TryGetValue("wait", out NodeStateInfo? wait) && wait.State == NodeStateName.Running)
            {
                await engine.CallbackAsync("wait", wait.Version, wait.Loop);
            }
        }
    }

    private async Task<EmbeddedEngine> DieWhileRunning(string component)
    {
        var store = new MemoryStore();
        var hang = new TaskCompletionSource<ComponentResult>();
        _bench.Executions["a"] = (_, _) => hang.Task;
        EmbeddedEngine first = await Engines.OpenAsync(store, _bench, Engines.Hasty);
        await first.SubmitAsync(new TreeSketch().Flow("start", "a", "end").Activity("a", component));
        await _bench.Entered("a");
        await Kill(first, store);
        _bench.Executions.Clear();
        EmbeddedEngine second = await Engines.OpenAsync(store, _bench);
        await second.WaitUntilSettledAsync("p").Done();
        return second;
    }

    private static async Task Kill(EmbeddedEngine engine, MemoryStore store)
    {
        store.BeforeCommit = _ => ValueTask.FromResult(CommitFault.Lost);
        await engine.DisposeAsync();
        store.BeforeCommit = null;
    }

    private sealed class Files : IDisposable
    {
        private readonly List<TemporaryFile> _files = [];

        public IEngineStore Next()
        {
            _files.Add(new TemporaryFile());
            return _files[^1].Store();
        }

        public IEngineStore Again() => _files[^1].Store();

        public void Dispose() => _files.ForEach(file => file.Dispose());
    }

    // An engine that is closed before the second poll, an hour after the first.
    private async Task PollAndCloseAsync(MemoryStore store, VirtualTime time)
    {
        _bench.PollTwice("a", TimeSpan.FromHours(1));
        await using EmbeddedEngine first = await Engines.OpenAsync(store, _bench, options => options with { Time = time });
        await first.SubmitAsync(new TreeSketch().Flow("start", "a", "end").Activity("a", "poll"));
        await Engines.Until(() => time.NextDue is not null);
    }
}
