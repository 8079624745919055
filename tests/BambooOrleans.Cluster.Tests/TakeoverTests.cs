using System.Collections.Concurrent;
using BambooOrleans.Components;
using BambooOrleans.Embedded;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;
using BambooOrleans.TestSilos;
using Microsoft.Extensions.DependencyInjection;

namespace BambooOrleans.Cluster.Tests;

/// <summary>
/// Pipelines in every kind of standing that an embedded engine began go on in a cluster on the same database, and in an embedded
/// engine after that; wherever they are seen through, they come to the end of an engine that was never closed.
/// </summary>
public sealed class TakeoverTests
{
    private static readonly Standing[] Standings =
    [
        new("running", id => Line(id, "ok"), null, (bench, _, id) => Open(bench, id("x"))) { IsBusy = true },
        new("polling", id => Line(id, "poll"), null, (bench, _, id) => Open(bench, id("x"))) { IsBusy = true },
        new("callback", id => Line(id, "wait"), null, (_, engine, id) => CallAsync(engine, id("x"))),
        new("callbacks", id => Line(id, "multi"), (_, engine, id) => CallAsync(engine, id("x")), async (bench, engine, id) =>
        {
            await Open(bench, id("x"));
            await CallAsync(engine, id("x"));
        }),
        new("failed", id => Line(id, "ok"), null, async (bench, engine, id) =>
        {
            await Open(bench, id("x"));
            await engine.RetryNodeAsync(id("x")).Done();
        }) { Fails = true },
        new("failed-skip", id => Line(id, "ok"), null, (_, engine, id) => engine.SkipNodeAsync(id("x")).Done()) { Fails = true },
        new("forced", id => Line(id, "wait"), (_, engine, id) => engine.ForcedFailActivityAsync(id("x"), "enough").Done(), async (_, engine, id) =>
        {
            await engine.RetryNodeAsync(id("x")).Done();
            await engine.WaitUntilAsync(id("x"), NodeStateName.Running);
            await engine.WaitUntilSettledAsync(id("p")).Done();
            await CallAsync(engine, id("x"));
        }),
        new("paused", id => Line(id, "wait"), PauseAsync, (_, engine, id) => engine.ResumePipelineAsync(id("p")).Done()),
        new("resume-soon", id => Line(id, "wait"), async (bench, engine, id) =>
        {
            await PauseAsync(bench, engine, id);
            await engine.ResumePipelineAsync(id("p"), At(TimeSpan.FromSeconds(1))).Done();
        }, (_, _, _) => Task.CompletedTask) { GoesOnByItself = true },
        new("resume-far", id => Line(id, "wait"), async (bench, engine, id) =>
        {
            await PauseAsync(bench, engine, id);
            await engine.ResumePipelineAsync(id("p"), At(TimeSpan.FromHours(5))).Done();
        }, (_, engine, id) => engine.ResumePipelineAsync(id("p")).Done()) { Timer = "p" },
        new("appointed", id => Line(id, "wait"), AppointAsync, (_, engine, id) => engine.ResumeNodeAppointAsync(id("y")).Done()),
        new("appointed-soon", id => Line(id, "wait"), async (bench, engine, id) =>
        {
            await AppointAsync(bench, engine, id);
            await engine.ResumeNodeAppointAsync(id("y"), At(TimeSpan.FromSeconds(1))).Done();
        }, (_, _, _) => Task.CompletedTask) { GoesOnByItself = true },
        new("appointed-far", id => Line(id, "wait"), async (bench, engine, id) =>
        {
            await AppointAsync(bench, engine, id);
            await engine.ResumeNodeAppointAsync(id("y"), At(TimeSpan.FromHours(5))).Done();
        }, (_, engine, id) => engine.ResumeNodeAppointAsync(id("y")).Done()) { Timer = "y" },
        new("deadline", id => Line(id, "within"), null, (_, engine, id) => CallAsync(engine, id("x"))) { Timer = "x" },
        new("sub-process", Sub, null, (_, engine, id) => CallAsync(engine, id("x"))),
        new("sub-process-paused", Sub, async (_, engine, id) =>
        {
            await engine.PausePipelineAsync(id("sp")).Done();
            await CallAsync(engine, id("x"));
        }, (_, engine, id) => engine.ResumePipelineAsync(id("sp")).Done()),
        new("loop", Loop, (_, engine, id) => CallAsync(engine, id("x"), 1), (_, engine, id) => CallAsync(engine, id("x"), 2)),
        new("branches", Branches, (_, engine, id) => CallAsync(engine, id("x")), (_, engine, id) => CallAsync(engine, id("y"))),
        new("large", id => Line(id, "wait", new string('x', 5000)), null, (_, engine, id) => CallAsync(engine, id("x"))),
        new("finished", id => Line(id, "ok"), null, (_, _, _) => Task.CompletedTask) { GoesOnByItself = true },
        new("revoked", id => Line(id, "wait"), (_, engine, id) => engine.RevokePipelineAsync(id("p")).Done(), (_, _, _) => Task.CompletedTask)
        {
            GoesOnByItself = true,
        },
    ];

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_one_host_began_another_takes_over_and_back(bool isKilled)
    {
        PrivatePostgres server = await PrivatePostgres.SharedAsync();
        string database = await server.CreateDatabaseAsync();
        var bench = new Workbench { Interval = _ => TimeSpan.FromMilliseconds(200) };
        EmbeddedEngine first = await OpenAsync(database, bench);
        await ArrangeAsync(bench, first, "a", "b");
        await AssertInUseAsync(() => SilosAsync(database, bench));
        if (isKilled)
        {
            // It is there, and cut off from its database; when it looks for it again somebody else has it.
            await PrivatePostgres.ExecuteAsync(
                database, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        }
        else
        {
            await first.DisposeAsync();
        }

        await using (SilosInProcess silos = await SilosAsync(database, bench))
        {
            await AssertInUseAsync(() => OpenAsync(database, bench));
            if (isKilled)
            {
                EngineApiResult late = await first.PausePipelineAsync(Standings[2].Id("a")("p"));
                Assert.Equal((false, "engine-unavailable"), (late.Result, late.ErrorCode));
                await first.DisposeAsync();
            }

            foreach (Standing standing in Standings.Where(standing => standing.Timer is not null))
            {
                await Waiting.UntilAsync(
                    async () => await PrivatePostgres.QueryAsync<long>(
                        database, $"SELECT count(*) FROM bamboo_timers WHERE id = '{standing.Id("a")(standing.Timer!)}'") == 1,
                    $"the timer of {standing.Name} is in no table");
            }

            await FinishAsync(bench, silos.Engine, "a");
            await ArrangeAsync(bench, silos.Engine, "c");
        }

        await using EmbeddedEngine last = await OpenAsync(database, bench);
        await FinishAsync(bench, last, "b", "c");
        await AssertAsync(last, "a");
        Assert.Equal(0, await PrivatePostgres.QueryAsync<long>(
            database, "SELECT count(*) FROM bamboo_pipelines WHERE archived IS NULL AND state <> 'REVOKED'"));
        await last.DisposeAsync();
        await server.DropDatabaseAsync(database);
    }

    private static async Task ArrangeAsync(Workbench bench, IBambooEngine engine, params string[] sets)
    {
        foreach ((Standing standing, string set) in sets.SelectMany(set => Standings.Select(standing => (standing, set))))
        {
            Func<string, string> id = standing.Id(set);
            standing.Prepare(bench, id);
            await engine.SubmitAsync(standing.Tree(id));
            if (standing.IsBusy)
            {
                await bench.Entered(id("x"));
                continue;
            }

            await engine.WaitUntilSettledAsync(id("p")).Done();
            if (standing.Arrange is not null)
            {
                await standing.Arrange(bench, engine, id);
            }
        }
    }

    private static async Task FinishAsync(Workbench bench, IBambooEngine engine, params string[] sets)
    {
        foreach ((Standing standing, string set) in sets.SelectMany(set => Standings.Select(standing => (standing, set))))
        {
            Func<string, string> id = standing.Id(set);
            if (!standing.IsBusy && !standing.GoesOnByItself)
            {
                await engine.WaitUntilSettledAsync(id("p")).Done();
            }

            await standing.Finish(bench, engine, id);
        }

        foreach (string set in sets)
        {
            await AssertAsync(engine, set);
        }
    }

    // What an engine that was never closed comes to is what is expected.
    private static async Task AssertAsync(IBambooEngine engine, string set)
    {
        var bench = new Workbench { Interval = _ => TimeSpan.FromMilliseconds(200) };
        await using EmbeddedEngine plain = await Engines.OpenAsync(new MemoryStore(), bench);
        await ArrangeAsync(bench, plain, "plain");
        foreach (Standing standing in Standings)
        {
            Func<string, string> id = standing.Id("plain");
            await standing.Finish(bench, plain, id);
            NodeStateName end = standing.Name == "revoked" ? NodeStateName.Revoked : NodeStateName.Finished;
            await plain.WaitUntilAsync(id("p"), end);
            string expected = await DescribeAsync(plain, standing, "plain");
            string actual = "";
            await Waiting.UntilAsync(
                async () =>
                {
                    actual = await DescribeAsync(engine, standing, set);
                    return (await engine.StateOf(standing.Id(set)("p"))) == end;
                },
                $"{standing.Name} of {set} does not come to be {end}");
            actual = await DescribeAsync(engine, standing, set);
            Assert.Equal($"{standing.Name} {expected}", $"{standing.Name} {actual}");
        }
    }

    private static async Task<string> DescribeAsync(IBambooEngine engine, Standing standing, string set) => string.Join(
        '\n', (await engine.Describe(standing.Id(set)("p"))).Select(line => line.Replace(standing.Mark(set), "", StringComparison.Ordinal)));

    private static Task<EmbeddedEngine> OpenAsync(string database, Workbench bench) => Engines.OpenAsync(
        new PostgresStore(new PostgresStoreOptions { ConnectionString = database, ReconnectTime = TimeSpan.Zero }),
        bench,
        options => Engines.Hasty(options) with { StoreRetryTime = TimeSpan.FromSeconds(30) });

    private static Task<SilosInProcess> SilosAsync(string database, Workbench bench) => SilosInProcess.StartAsync(
        1,
        new BambooSiloOptions { Registry = Workbench.Registry, CloseTimeLimit = TimeSpan.Zero },
        silo => silo.Services.AddSingleton(bench),
        StorageKind.GroupCommit,
        database);

    private static async Task AssertInUseAsync<T>(Func<Task<T>> open) =>
        Assert.Equal("store.in-use", (await Assert.ThrowsAsync<StoreUnavailableException>(open)).Code);

    private static async Task CallAsync(IBambooEngine engine, string node, Value? data = null) =>
        await engine.CallbackAsync(node, await engine.VersionOf(node), data ?? "called").Done();

    private static async Task PauseAsync(Workbench bench, IBambooEngine engine, Func<string, string> id)
    {
        await engine.PausePipelineAsync(id("p")).Done();
        await CallAsync(engine, id("x"));
        await engine.WaitUntilSettledAsync(id("p")).Done();
    }

    private static async Task AppointAsync(Workbench bench, IBambooEngine engine, Func<string, string> id)
    {
        await engine.PauseNodeAppointAsync(id("y")).Done();
        await CallAsync(engine, id("x"));
        await engine.WaitUntilSettledAsync(id("p")).Done();
    }

    private static VerbOptions At(TimeSpan wait) => new() { At = DateTimeOffset.UtcNow + wait };

    private static Task Open(Workbench bench, string node)
    {
        Gates.GetValue(bench, _ => new())[node].TrySetResult();
        return Task.CompletedTask;
    }

    private static TreeSketch Start(Func<string, string> id) => new TreeSketch(id("p"), id("start"), id("end"))
        .Var("${v}", TreeSketch.Plain("old")).Fill("${d}", id("x"), "data").Outputs("${d}", "${v}");

    private static TreeSketch Line(Func<string, string> id, string code) => Line(id, code, "value");

    private static TreeSketch Line(Func<string, string> id, string code, string value) => Start(id)
        .Flow(id("start"), id("x"), id("y"), id("end")).Activity(id("x"), code, ("in", value)).Activity(id("y"), "ok", ("in", "${d} ${v}"));

    private static TreeSketch Sub(Func<string, string> id) => new TreeSketch(id("p"), id("start"), id("end"))
        .Flow(id("start"), id("sp"), id("y"), id("end")).Fill("${r}", id("sp"), "${d}").Outputs("${r}").Activity(id("y"), "ok", ("in", "${r}"))
        .Sub(
            id("sp"),
            new TreeSketch(id("sp"), id("s"), id("e")).Flow(id("s"), id("x"), id("z"), id("e")).Activity(id("x"), "wait")
                .Activity(id("z"), "ok", ("in", "${d}")).Fill("${d}", id("x"), "data").Outputs("${d}"),
            ("${k}", "value"));

    private static TreeSketch Loop(Func<string, string> id) => Start(id)
        .Flow(id("start"), id("x"), id("eg"), id("x")).Flow(id("eg"), id("end")).Activity(id("x"), "wait", ("in", "${d}"))
        .When(id("eg"), id("x"), "${d} == 1").When(id("eg"), id("end"), "${d} == 2");

    private static TreeSketch Branches(Func<string, string> id) => Start(id)
        .Flow(id("start"), id("pg"), id("x"), id("cg"), id("end")).Flow(id("pg"), id("y"), id("cg")).Flow(id("pg"), id("z"), id("cg"))
        .Activity(id("x"), "wait").Activity(id("y"), "wait").Activity(id("z"), "ok");

    // What nodes wait for that run or poll, by workbench and node.
    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<Workbench, ConcurrentDictionary<string, TaskCompletionSource>> Gates = [];

    private sealed record Standing(
        string Name,
        Func<Func<string, string>, TreeSketch> Tree,
        Func<Workbench, IBambooEngine, Func<string, string>, Task>? Arrange,
        Func<Workbench, IBambooEngine, Func<string, string>, Task> Finish)
    {
        /// <summary>It runs or polls when its host goes away, and does until its gate is opened.</summary>
        public bool IsBusy { get; init; }

        /// <summary>Its activity fails until its gate is opened.</summary>
        public bool Fails { get; init; }

        public bool GoesOnByItself { get; init; }

        /// <summary>What has a row in the cluster's table of timers.</summary>
        public string? Timer { get; init; }

        public string Mark(string set) => $"_{Name}_{set}_";

        public Func<string, string> Id(string set) => id => $"{id}{Mark(set)}";

        public void Prepare(Workbench bench, Func<string, string> id)
        {
            var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Gates.GetValue(bench, _ => new())[id("x")] = gate;
            if (Name == "running")
            {
                bench.Executions[id("x")] = async (context, stopping) =>
                {
                    await gate.Task.WaitAsync(stopping);
                    context.SetOutput("data", "ran");
                    return ComponentResult.Ok;
                };
            }
            else if (Fails)
            {
                bench.Executions[id("x")] = (_, _) => Task.FromResult<ComponentResult>(gate.Task.IsCompleted);
            }

            bench.Schedules[id("x")] = (context, data, _) =>
            {
                context.SetOutput("data", data ?? "polled");
                if (gate.Task.IsCompleted || Name is not ("polling" or "callbacks"))
                {
                    context.FinishSchedule();
                }

                return Task.FromResult(ComponentResult.Ok);
            };
        }
    }
}
