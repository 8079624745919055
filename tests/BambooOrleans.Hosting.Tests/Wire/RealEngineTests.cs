using BambooOrleans.Embedded;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Hosting.Tests.Wire;

/// <summary>A real engine answers the same, asked directly and as data, in every state that docs/verbs.md has.</summary>
public class RealEngineTests
{
    private static readonly string[] Ids = ["p", "sp", "w", "x", "y", "eg", "cpg", "pg", "cg", "start", "s2", "e2", "end", "z", "nobody"];

    public static TheoryData<string> NodeTypes => [.. VerbTable.Cells.Select(cell => cell.NodeType).Distinct()];

    public static TheoryData<string> Verbs => [.. VerbTable.Verbs];

    /// <summary>Submissions: name, the code that both answer, null for success.</summary>
    public static TheoryData<string, string?> Submissions => new()
    {
        { "good", null },
        { "with options", null },
        { "from a node", null },
        { "an id that is taken", "already-exists" },
        { "an unknown component", "component.unknown" },
        { "an unknown lazy variable", "lazy-variable.unknown" },
        { "an unknown end event", "end-event.unknown" },
        { "a cycle", "tree.cycle" },
        { "an activity with two ways on", "tree.connection" },
        { "a fork that meets nowhere", "tree.converge" },
        { "a start that is not there", "start-position-invalid" },
        { "a key that is there", "already-exists" },
        { "no pipeline", "invalid-argument" },
        { "data nested too deep", "invalid-argument" },
    };

    [Theory]
    [MemberData(nameof(NodeTypes))]
    public async Task Every_read_and_every_dry_run_of_a_verb_is_the_same_in_every_state(string nodeType)
    {
        int tried = 0;
        HashSet<string> refusals = [];
        foreach (string state in VerbTable.Cells.Where(cell => cell.NodeType == nodeType && cell.Answer != VerbTable.Unreachable)
            .Select(cell => cell.State).Distinct())
        {
            await using VerbScene scene = await VerbScene.MakeAsync(nodeType, state);
            RemoteEngine remote = AnsweringEngine.Beyond(scene.Engine);
            foreach (string id in Ids)
            {
                foreach ((string read, Func<IBambooEngine, Task<EngineApiResult>> ask) in Reads(id))
                {
                    Assert.Equal($"{read} {Shape.Of(await ask(scene.Engine))}", $"{read} {Shape.Of(await ask(remote))}");
                }
            }

            var options = new VerbOptions { DryRun = true, Operator = "ada", Reason = "to see" };
            foreach (VerbOptions tries in new[] { options, options with { ExpectedVersion = "v of another" } })
            {
                foreach (string verb in VerbTable.Verbs)
                {
                    EngineApiResult direct = await TakeAsync(scene.Engine, verb, scene.Target, tries);
                    Assert.Equal($"{verb} {Shape.OfAnyRun(direct)}", $"{verb} {Shape.OfAnyRun(await TakeAsync(remote, verb, scene.Target, tries))}");
                    tried++;
                    refusals.Add(direct.ErrorCode ?? "none");
                }
            }
        }

        Assert.True(tried >= 26 && refusals.Count >= 4, $"{tried} {string.Join(' ', refusals)}");
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_verb_does_and_answers_the_same_in_every_state(string verb)
    {
        foreach ((_, string nodeType, string state, string expected) in VerbTable.Cells.Where(cell => cell.Verb == verb))
        {
            if (expected == VerbTable.Unreachable)
            {
                continue;
            }

            await using VerbScene scene = await VerbScene.MakeAsync(nodeType, state);
            EngineApiResult answer = await TakeAsync(AnsweringEngine.Beyond(scene.Engine), verb, scene.Target, null).WaitAsync(Engines.Patience);
            Assert.Equal(
                $"{nodeType}, {state}: {expected}",
                $"{nodeType}, {state}: {(answer.Result ? $"→ {await scene.StateAsync()}" : answer.ErrorCode)}");
        }
    }

    [Theory]
    [MemberData(nameof(Submissions))]
    public async Task A_submission_does_and_answers_the_same(string name, string? code)
    {
        (EngineApiResult Answer, string States) direct = await SubmitAsync(name, engine => engine);
        (EngineApiResult Answer, string States) remote = await SubmitAsync(name, engine => AnsweringEngine.Beyond(engine));

        Assert.Equal(code, direct.Answer.ErrorCode);
        Assert.Equal(Shape.OfAnyRun(direct.Answer), Shape.OfAnyRun(remote.Answer));
        Assert.Equal(direct.States, remote.States);
    }

    [Fact]
    public async Task Reads_of_trees_that_need_not_be_submitted_are_the_same()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), new Workbench());
        RemoteEngine remote = AnsweringEngine.Beyond(engine);
        TreeSketch inner = new TreeSketch("i", "s1", "e1").Flow("s1", "b", "e1").Activity("b", "ok", ("n", "${k} ${l}"));
        TreeSketch sketch = new TreeSketch().Flow("start", "a", "sp", "end").Sub("sp", inner, ("${k}", "of ${x}"))
            .Var("${x}", TreeSketch.LazyOf("lazy", 1.0)).Activity("a", "ok", ("n", "${x} ${q}"));

        foreach (TreeSketch tree in new[] { sketch, new TreeSketch().Flow("start", "a", "b") })
        {
            foreach (Func<IBambooEngine, Task<EngineApiResult>> ask in new Func<IBambooEngine, Task<EngineApiResult>>[]
            {
                async asked => await asked.PreviewNodeInputsAsync(tree.Build(), "a", parentParams: Value.Map(("${q}", 2))),
                async asked => await asked.PreviewNodeInputsAsync(tree.Build(), "b", ["sp"]),
                async asked => await asked.PreviewNodeInputsAsync(tree.Build(), "nobody"),
                async asked => await asked.PreviewNodeInputsAsync(tree.Build(), "b", ["nobody"]),
                async asked => await asked.GetAllowedStartNodesAsync(tree.Build()),
                async asked => await asked.GetSkippedNodesAsync(tree.Build(), "sp"),
                async asked => await asked.GetSkippedNodesAsync(tree.Build(), "nobody"),
            })
            {
                Assert.Equal(Shape.Of(await ask(engine)), Shape.Of(await ask(remote)));
            }
        }

        Assert.Equal(
            Shape.Of(await engine.GetSkippedNodesAsync(sketch.Build(), null!)), Shape.Of(await remote.GetSkippedNodesAsync(sketch.Build(), null!)));
        Assert.Equal("lazy 1.0 2", ((TextValue)(await remote.PreviewNodeInputsAsync(sketch.Build(), "a", parentParams: Value.Map(("${q}", 2))).Get())["n"]).Value);
    }

    [Fact]
    public async Task Histories_a_scheduled_resume_and_lists_are_the_same()
    {
        var bench = new Workbench();
        bench.Executions["f"] = (context, _) => Task.FromResult<Components.ComponentResult>(context.Inputs.ContainsKey("again"));
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), bench);
        RemoteEngine remote = AnsweringEngine.Beyond(engine);
        await remote.RunAsync(new TreeSketch().Flow("start", "f", "w", "end").Activity("w", "wait").Activity("f", "ok", ("n", 1.5)));
        await remote.RetryNodeAsync("f", Value.Map(("again", true), ("n", 2))).Done();
        await remote.WaitUntilSettledAsync("p").Done();
        DateTimeOffset due = new DateTimeOffset(2126, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)).AddTicks(1_234_567);
        await remote.PausePipelineAsync("p", new VerbOptions { Operator = "ada" }).Done();
        await remote.ResumePipelineAsync("p", new VerbOptions { At = due }).Done();

        Assert.Single(await remote.GetNodeHistoriesAsync("f").Get());
        Assert.Empty(await remote.GetNodeHistoriesAsync("f", loop: 7).Get());
        Assert.Equal(2, ((IntValue)(await remote.GetExecutionDataInputsAsync("f").Get())["n"]).Value);
        Assert.Contains("1234567", string.Join(' ', await engine.ReadJournalAsync().Select(turn => turn.Events.ToJson()).ToListAsync()));
        foreach (string id in Ids)
        {
            foreach ((string read, Func<IBambooEngine, Task<EngineApiResult>> ask) in Reads(id))
            {
                Assert.Equal($"{read} {Shape.Of(await ask(engine))}", $"{read} {Shape.Of(await ask(remote))}");
            }
        }

        await remote.CancelScheduledResumeAsync("p").Done();
        Assert.Equal(
            Shape.Of(await engine.CancelScheduledResumeAsync("p")), Shape.Of(await remote.CancelScheduledResumeAsync("p")));
    }

    [Fact]
    public async Task Context_values_and_outputs_are_set_as_directly()
    {
        var bench = new Workbench();
        bench.Executions["f"] = (_, _) => Task.FromResult(Components.ComponentResult.Failed);
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), bench);
        RemoteEngine remote = AnsweringEngine.Beyond(engine);
        await remote.RunAsync(new TreeSketch().Flow("start", "f", "end").Var("${x}", TreeSketch.Plain(1)));

        await remote.UpdateContextValuesAsync("p", [new ContextValue("${x}", ContextValueType.Splice, Value.Map(("a", 1.0)), null)]).Done();
        await remote.UpdateNodeOutputsAsync("f", Value.Map(("o", Value.List(1, 1.0)))).Done();

        ContextValue set = Assert.Single(await engine.GetContextAsync("p").Get());
        Assert.Equal(("Splice", "{\"a\":1.0}"), (set.Type.ToString(), set.Value.ToJson()));
        Assert.Equal("[1,1.0]", (await engine.GetExecutionDataOutputsAsync("f").Get())["o"].ToJson());
    }

    [Fact]
    public async Task The_journal_is_the_same_over_several_pages()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), new Workbench());
        RemoteEngine remote = AnsweringEngine.Beyond(engine);
        string[] activities = [.. Enumerable.Range(0, 200).Select(number => $"a{number}")];
        await remote.RunAsync(new TreeSketch().Flow(["start", .. activities, "end"]));
        await remote.SubmitAsync(new TreeSketch("p2", "start2", "end2").Flow("start2", "b", "end2"));
        await remote.WaitUntilSettledAsync("p2").Done();

        foreach ((long from, string? root) in new (long, string?)[] { (1, null), (7, "p"), (1, "p2"), (1, "nobody"), (1_000_000, null), (-1, null) })
        {
            List<JournalTurn> direct = await engine.ReadJournalAsync(from, root).ToListAsync();
            Assert.Equal(Shape.Of(direct), Shape.Of(await remote.ReadJournalAsync(from, root).ToListAsync()));
            Assert.Equal(root == "nobody" || from > 1000, direct.Count == 0);
        }

        Assert.True(await engine.ReadJournalAsync().CountAsync() > 512, "it has to be several pages");
    }

    [Fact]
    public async Task Following_the_journal_gives_what_happens_from_now_on()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), new Workbench());
        RemoteEngine remote = AnsweringEngine.Beyond(engine);
        using var stop = new CancellationTokenSource(Engines.Patience);
        await using IAsyncEnumerator<JournalTurn> follower = remote.ReadJournalAsync(follow: true, cancellationToken: stop.Token).GetAsyncEnumerator(stop.Token);
        ValueTask<bool> first = follower.MoveNextAsync();
        Assert.False(first.IsCompleted);

        await engine.RunAsync(new TreeSketch().Flow("start", "a", "w", "end").Activity("w", "wait"));
        List<JournalTurn> there = await engine.ReadJournalAsync().ToListAsync();
        List<JournalTurn> seen = [];
        Assert.True(await first);
        while (seen.Count < there.Count)
        {
            seen.Add(follower.Current);
            if (seen.Count < there.Count)
            {
                Assert.True(await follower.MoveNextAsync());
            }
        }

        Assert.Equal(Shape.Of(there), Shape.Of(seen));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await follower.MoveNextAsync());
    }

    [Fact]
    public async Task A_closed_engine_is_closed_at_the_other_end_too()
    {
        EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), new Workbench());
        RemoteEngine remote = AnsweringEngine.Beyond(engine);
        await engine.DisposeAsync();

        Assert.Equal(Shape.Of(await engine.PausePipelineAsync("p")), Shape.Of(await remote.PausePipelineAsync("p")));
        Assert.Equal("engine-unavailable", (await remote.WaitUntilSettledAsync("p")).ErrorCode);
        await Assert.ThrowsAsync<EngineUnavailableException>(async () => await remote.ReadJournalAsync(follow: true).ToListAsync());
    }

    private static IEnumerable<(string Name, Func<IBambooEngine, Task<EngineApiResult>> Ask)> Reads(string id)
    {
        yield return ($"states of {id}", async engine => await engine.GetPipelineStatesAsync(id));
        yield return ($"state tree of {id}", async engine => await engine.GetPipelineStatesAsync(id, flatChildren: false));
        yield return ($"children of {id}", async engine => await engine.GetChildrenStatesAsync(id));
        yield return ($"inputs of {id}", async engine => await engine.GetExecutionDataInputsAsync(id));
        yield return ($"outputs of {id}", async engine => await engine.GetExecutionDataOutputsAsync(id));
        yield return ($"execution data of {id}", async engine => await engine.GetExecutionDataAsync(id));
        yield return ($"data of {id}", async engine => await engine.GetDataAsync(id));
        yield return ($"histories of {id}", async engine => await engine.GetNodeHistoriesAsync(id));
        yield return ($"short histories of {id}", async engine => await engine.GetNodeShortHistoriesAsync(id, loop: 1));
        yield return ($"context of {id}", async engine => await engine.GetContextAsync(id));
        yield return ($"waits of {id}", async engine => await engine.GetWaitsAsync(id));
        yield return ($"debug info of pipeline {id}", async engine => await engine.GetPipelineDebugInfoAsync(id));
        yield return ($"debug info of node {id}", async engine => await engine.GetNodeDebugInfoAsync(id));
        yield return ($"execution time of {id}", async engine => WithoutRunningDuration(await engine.GetExecutionTimeAsync(id)));
        yield return ("list", async engine => await engine.ListPipelinesAsync());
        yield return ("short list", async engine => await engine.ListPipelinesAsync(limit: 0));
    }

    // What still runs has run longer the second time.
    private static EngineApiResult WithoutRunningDuration(EngineApiResult<ExecutionTime> result) =>
        result.Data is { ArchivedTime: null, Duration: not null } time ? EngineApiResult.Of(time with { Duration = TimeSpan.Zero }) : result;

    private static async Task<EngineApiResult> TakeAsync(IBambooEngine engine, string verb, string id, VerbOptions? options) => verb switch
    {
        "pause_pipeline" => await engine.PausePipelineAsync(id, options),
        "resume_pipeline" => await engine.ResumePipelineAsync(id, options),
        "revoke_pipeline" => await engine.RevokePipelineAsync(id, options),
        "pause_node_appoint" => await engine.PauseNodeAppointAsync(id, options),
        "resume_node_appoint" => await engine.ResumeNodeAppointAsync(id, options),
        "retry_node" => await engine.RetryNodeAsync(id, options: options),
        "retry_subprocess" => await engine.RetrySubprocessAsync(id, options),
        "skip_node" => await engine.SkipNodeAsync(id, options: options),
        "skip_exclusive_gateway" => await engine.SkipExclusiveGatewayAsync(id, $"p:{id}>x1", options),
        "skip_conditional_parallel_gateway" => await engine.SkipConditionalParallelGatewayAsync(id, [$"p:{id}>x1"], "cg", options),
        "forced_fail_activity" => await engine.ForcedFailActivityAsync(id, "enough", options),
        "callback" => await engine.CallbackAsync(id, await VersionOf(engine, id), 1, options),
        "update_node_outputs" => await engine.UpdateNodeOutputsAsync(id, MapValue.Empty, options),
        _ => throw new ArgumentOutOfRangeException(nameof(verb), verb, null),
    };

    private static async Task<string> VersionOf(IBambooEngine engine, string id) =>
        (await engine.GetChildrenStatesAsync(id).Get()).GetValueOrDefault(id)?.Version ?? "v0";

    private static async Task<(EngineApiResult Answer, string States)> SubmitAsync(string name, Func<EmbeddedEngine, IBambooEngine> reach)
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), new Workbench());
        await engine.RunAsync(new TreeSketch().Flow("start", "w", "end").Activity("w", "wait"));
        IBambooEngine asked = reach(engine);
        TreeSketch chain = new TreeSketch("q", "qs", "qe").Flow("qs", "a", "b", "qe");
        EngineApiResult answer = await (name switch
        {
            "good" => asked.RunPipelineAsync(chain.Build()),
            "with options" => asked.RunPipelineAsync(chain.Activity("a", "ok", ("n", "${x}")).Build(), new RunPipelineOptions
            {
                RootPipelineData = Value.Map(("d", 1)),
                RootPipelineContext = Value.Map(("${x}", 1.0)),
                SubprocessContext = Value.Map(("${y}", 2)),
                CycleTolerate = true,
            }),
            "from a node" => asked.RunPipelineAsync(chain.Build(), new RunPipelineOptions { StartNodeId = "b" }),
            "an id that is taken" => asked.RunPipelineAsync(new TreeSketch().Flow("start", "a", "end").Build()),
            "an unknown component" => asked.RunPipelineAsync(chain.Activity("a", "nobody").Build()),
            "an unknown lazy variable" => asked.RunPipelineAsync(chain.Var("${x}", TreeSketch.LazyOf("nobody", 1)).Build()),
            "an unknown end event" => asked.RunPipelineAsync(chain.EndsWith("nobody").Build()),
            "a cycle" => asked.RunPipelineAsync(new TreeSketch("q", "qs", "qe").Flow("qs", "a", "eg", "qe").Flow("eg", "a").Build()),
            "an activity with two ways on" => asked.RunPipelineAsync(chain.Flow("a", "c", "qe").Build()),
            "a fork that meets nowhere" => asked.RunPipelineAsync(
                new TreeSketch("q", "qs", "qe").Flow("qs", "pg2", "a", "qe").Flow("pg2", "b", "qe").Build()),
            "a start that is not there" => asked.RunPipelineAsync(chain.Build(), new RunPipelineOptions { StartNodeId = "nobody" }),
            "a key that is there" => asked.RunPipelineAsync(
                chain.Var("${x}", TreeSketch.Plain(1)).Build(), new RunPipelineOptions { RootPipelineContext = Value.Map(("${x}", 2)) }),
            "no pipeline" => asked.RunPipelineAsync(null!),
            "data nested too deep" => asked.RunPipelineAsync(
                chain.Build(), new RunPipelineOptions { RootPipelineData = Value.Map(("x", BadCallTests.Deep(600))) }),
            _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
        });
        if (answer.Result)
        {
            await asked.WaitUntilSettledAsync("q").Done();
        }

        return (answer, string.Join('\n', [.. await DescribeAsync("p"), .. await DescribeAsync("q")]));

        async Task<List<string>> DescribeAsync(string rootId) =>
            (await engine.GetPipelineStatesAsync(rootId).Get()).Count == 0 ? [] : await engine.Describe(rootId);
    }
}
