using System.Collections.Concurrent;
using System.Diagnostics;
using BambooOrleans.Cluster.Tests.Faults;
using BambooOrleans.Components;
using BambooOrleans.Embedded;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;
using Orleans.TestingHost;

namespace BambooOrleans.Cluster.Tests;

/// <summary>
/// What a verb set going in a pipeline that was at rest goes on, although every silo that heard of it died as soon as the verb was
/// acknowledged, and although nobody calls again.
/// </summary>
public abstract class VerbDeathTests(StorageKind storage)
{
    /// <summary>With grain states in Orleans' ADO.NET storage.</summary>
    public sealed class AdoNet() : VerbDeathTests(StorageKind.AdoNet);

    /// <summary>With grain states in the engine's own tables.</summary>
    public sealed class GroupCommit() : VerbDeathTests(StorageKind.GroupCommit);

    private static readonly Scene[] Scenes =
    [
        new("callback", Line, null, (engine, id) => CallBackAsync(engine, id("w"))),
        new("pause", Line, null, (engine, id) => engine.PausePipelineAsync(id("p")).Done()),
        new("revoke", Line, null, (engine, id) => engine.RevokePipelineAsync(id("p")).Done()),
        new("appoint", Line, null, (engine, id) => engine.PauseNodeAppointAsync(id("a")).Done()),
        new("force", Line, null, (engine, id) => engine.ForcedFailActivityAsync(id("w"), "enough").Done()),
        new("context", Line, null, (engine, id) => engine.UpdateContextValuesAsync(
            id("p"), [new ContextValue("${v}", ContextValueType.Plain, "new", null)]).Done()),
        new("resume", Line, PauseAsync, (engine, id) => engine.ResumePipelineAsync(id("p")).Done()),
        new("resume-at", Line, PauseAsync, (engine, id) => engine.ResumePipelineAsync(
            id("p"), new VerbOptions { At = DateTimeOffset.UtcNow.AddSeconds(2) }).Done()),
        new("resume-appointed", Line, AppointAsync, (engine, id) => engine.ResumeNodeAppointAsync(id("a")).Done()),
        new("resume-appointed-at", Line, AppointAsync, (engine, id) => engine.ResumeNodeAppointAsync(
            id("a"), new VerbOptions { At = DateTimeOffset.UtcNow.AddSeconds(2) }).Done()),
        new("retry", Failing, null, (engine, id) => engine.RetryNodeAsync(id("f")).Done()),
        new("retry-with", Failing, null, (engine, id) => engine.RetryNodeAsync(id("f"), Value.Map(("in", "other"))).Done()),
        new("skip", Failing, null, (engine, id) => engine.SkipNodeAsync(id("f")).Done()),
        new("outputs", Failing, null, (engine, id) => engine.UpdateNodeOutputsAsync(id("f"), Value.Map(("in", "set"))).Done()),
        new("skip-gateway", id => Gate(id, "eg"), null, (engine, id) => engine.SkipExclusiveGatewayAsync(
            id("eg"), $"{id("p")}:{id("eg")}>{id("b")}").Done()),
        new("skip-conditional", id => Gate(id, "cpg"), null, (engine, id) => engine.SkipConditionalParallelGatewayAsync(
            id("cpg"), [$"{id("p")}:{id("cpg")}>{id("b")}", $"{id("p")}:{id("cpg")}>{id("c")}"], id("cg")).Done()),
        new("retry-sub-process", Sub, null, (engine, id) => engine.RetrySubprocessAsync(id("sp")).Done()),
    ];

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_verb_set_going_goes_on_when_all_who_heard_of_it_died(bool allDie)
    {
        Dictionary<string, string> expected = [];
        foreach (Scene scene in Scenes)
        {
            var bench = new Workbench();
            scene.Prepare(bench);
            await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), bench);
            await scene.ArrangeAsync(engine);
            await scene.Verb(engine, scene.Id);
            if (scene.Name.EndsWith("-at", StringComparison.Ordinal))
            {
                await engine.WaitUntilAsync(scene.Id("p"), NodeStateName.Finished);
            }

            await engine.WaitUntilSettledAsync(scene.Id("p")).Done();
            expected[scene.Name] = await scene.DescribeAsync(engine);
        }

        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 1);
        Workbench shared = silos.Bench;
        await Task.WhenAll(Scenes.Select(scene =>
        {
            scene.Prepare(shared);
            return scene.ArrangeAsync(silos.Engine);
        }));
        var atRest = Stopwatch.StartNew();
        while (await PrivatePostgres.QueryAsync<long>(silos.Silos.ConnectionString, "SELECT count(*) FROM bamboo_pipelines WHERE awake") > 0)
        {
            Assert.True(atRest.Elapsed < Operator.Patience, "a pipeline that waits is not at rest");
            await Task.Delay(20);
        }

        // The decision about the verb is the last thing that is written of its pipeline.
        var writes = new ConcurrentDictionary<string, int>();
        TaskCompletionSource died = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isDead = false;
        silos.Script.OnGrainWrite = async (write, go) =>
        {
            if (!Volatile.Read(ref isDead) && writes.AddOrUpdate(write.RootId, 1, (_, count) => count + 1) > 1)
            {
                await died.Task;
            }

            await go();
        };
        await Task.WhenAll(Scenes.Select(scene => scene.Verb(silos.Engine, scene.Id)));
        if (allDie)
        {
            Volatile.Write(ref isDead, true);
            await silos.ReplaceAllAsync(1);
        }
        else
        {
            InProcessSiloHandle first = silos.Cluster.Silos[0];
            await silos.Cluster.StartAdditionalSiloAsync();
            silos.Kill(first);
            Volatile.Write(ref isDead, true);
        }

        died.SetResult();

        // Only the tables are read: no call reaches a grain of the pipelines.
        foreach (Scene scene in Scenes)
        {
            var clock = Stopwatch.StartNew();
            string actual = "";
            while (actual != expected[scene.Name] && clock.Elapsed < Operator.Patience)
            {
                await Task.Delay(50);
                actual = await scene.TryDescribeAsync(() => silos.Engine) ?? actual;
            }

            Assert.Equal($"{scene.Name}\n{expected[scene.Name]}", $"{scene.Name}\n{actual}");
        }
    }

    private static TreeSketch Start(Func<string, string> id) => new TreeSketch(id("p"), id("start"), id("end"))
        .Var("${v}", TreeSketch.Plain("old")).Fill("${o}", id("a"), "in").Outputs("${v}", "${o}");

    private static TreeSketch Line(Func<string, string> id) => Start(id)
        .Flow(id("start"), id("w"), id("a"), id("end")).Activity(id("w"), "wait").Activity(id("a"), "ok", ("in", "${v}"));

    private static TreeSketch Failing(Func<string, string> id) => Start(id)
        .Flow(id("start"), id("a"), id("f"), id("end")).Activity(id("a"), "ok", ("in", "${v}")).Activity(id("f"), "ok", ("in", "${o}"))
        .Fill("${r}", id("f"), "in");

    private static TreeSketch Gate(Func<string, string> id, string gate)
    {
        string[] after = gate == "cpg" ? [id("cg"), id("end")] : [id("end")];
        return Start(id).Flow(id("start"), id("a"), id(gate)).Activity(id("a"), "ok", ("in", "${v}"))
            .Flow([id(gate), id("b"), .. after]).Flow([id(gate), id("c"), .. after])
            .When(id(gate), id("b"), "'${v}' == 'one'").When(id(gate), id("c"), "'${v}' == 'two'");
    }

    private static TreeSketch Sub(Func<string, string> id) => Start(id)
        .Flow(id("start"), id("a"), id("sp"), id("end")).Activity(id("a"), "ok", ("in", "${v}"))
        .Var("${lazy}", TreeSketch.LazyOf("lazy", id("sp")))
        .Sub(id("sp"), new TreeSketch(id("sp"), id("s"), id("e")).Flow(id("s"), id("y"), id("e")), ("${k}", "${lazy}"));

    private static async Task CallBackAsync(IBambooEngine engine, string node) =>
        await engine.CallbackAsync(node, await engine.VersionOf(node), "called").Done();

    private static async Task PauseAsync(IBambooEngine engine, Func<string, string> id)
    {
        await engine.PausePipelineAsync(id("p")).Done();
        await CallBackAsync(engine, id("w"));
    }

    private static async Task AppointAsync(IBambooEngine engine, Func<string, string> id)
    {
        await engine.PauseNodeAppointAsync(id("a")).Done();
        await CallBackAsync(engine, id("w"));
    }

    private sealed record Scene(
        string Name,
        Func<Func<string, string>, TreeSketch> Tree,
        Func<IBambooEngine, Func<string, string>, Task>? Arrange,
        Func<IBambooEngine, Func<string, string>, Task> Verb)
    {
        public string Id(string id) => $"{id}_{Name}_";

        /// <summary>The first attempt of the failing activity fails, and so does the first computation of the lazy variable.</summary>
        public void Prepare(Workbench bench)
        {
            string? first = null;
            bench.Executions[Id("f")] = (context, _) =>
            {
                Interlocked.CompareExchange(ref first, context.Version, null);
                return Task.FromResult<ComponentResult>(context.Version != first);
            };
            if (Name == "retry-sub-process")
            {
                int computed = 0;
                bench.OnLazy = _ => Interlocked.Increment(ref computed) == 1
                    ? throw new InvalidOperationException("no value")
                    : Task.FromResult<Value>("value");
            }
        }

        public async Task ArrangeAsync(IBambooEngine engine)
        {
            await engine.SubmitAsync(Tree(Id));
            await engine.WaitUntilSettledAsync(Id("p")).Done();
            if (Arrange is not null)
            {
                await Arrange(engine, Id);
                await engine.WaitUntilSettledAsync(Id("p")).Done();
            }
        }

        public async Task<string> DescribeAsync(IBambooEngine engine) => string.Join('\n', await engine.Describe(Id("p")));

        public async Task<string?> TryDescribeAsync(Func<IBambooEngine> engine)
        {
            try
            {
                // A client may not have heard yet that the silo is gone that it asks.
                return await DescribeAsync(engine()).WaitAsync(TimeSpan.FromSeconds(3));
            }
            catch (Exception failure) when (failure is TimeoutException or Xunit.Sdk.XunitException)
            {
                return null;
            }
        }
    }
}
