using BambooOrleans.Cluster.Tests.Faults;
using BambooOrleans.Components;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace BambooOrleans.Cluster.Tests;

/// <summary>A timer comes whatever became of the activation that set it, and of other pipelines' timers.</summary>
public abstract class TimerTests(StorageKind storage)
{
    /// <summary>With grain states in Orleans' ADO.NET storage.</summary>
    public sealed class AdoNet() : TimerTests(StorageKind.AdoNet);

    /// <summary>With grain states in the engine's own tables.</summary>
    public sealed class GroupCommit() : TimerTests(StorageKind.GroupCommit);

    // More than the keeper reads at once.
    private const int Deadlines = 510;

    [PostgresFact]
    public async Task One_look_wakes_every_timer_however_many_are_due_before_it()
    {
        await using ScriptedSilos silos = await StartAsync();
        silos.Bench.Deadline = TimeSpan.FromMinutes(30);
        TreeSketch many = new TreeSketch("many", "ms", "me").Flow("ms", "pg").Flow("cg", "me");
        foreach (string node in Enumerable.Range(0, Deadlines).Select(number => $"n{number}"))
        {
            many.Flow("pg", node, "cg").Activity(node, "within");
        }

        await silos.Engine.SubmitAsync(many);
        await silos.Engine.WaitUntilSettledAsync("many").Done();
        await silos.Engine.SubmitAsync(new TreeSketch().Flow("start", "w", "end").Activity("w", "wait"));
        await silos.Engine.WaitUntilSettledAsync("p").Done();
        await silos.Engine.PausePipelineAsync("p").Done();
        await silos.Engine.ResumePipelineAsync("p", new VerbOptions { At = DateTimeOffset.UtcNow.AddHours(1) }).Done();
        Assert.Equal(Deadlines + 1, await CountTimersAsync(silos));
        LivePipelines live = silos.ServicesOf(silos.Cluster.Silos[0]).GetRequiredService<LivePipelines>();
        await Waiting.UntilAsync(
            async () =>
            {
                await silos.Cluster.Client.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero);
                return live.Count == 0;
            },
            "pipelines that wait stay in memory");

        await silos.Cluster.Client.GetGrain<IKeeperGrain>(0).WatchAsync();

        Assert.Equal(["many", "p"], live.Ids.Order(StringComparer.Ordinal));
    }

    [PostgresFact]
    public async Task A_timer_that_its_pipeline_ended_without_is_forgotten_when_it_is_due()
    {
        await using ScriptedSilos silos = await StartAsync();
        await silos.Engine.SubmitAsync(new TreeSketch().Flow("start", "w", "eg", "a", "end").Flow("eg", "b", "end").Activity("w", "wait")
            .Fill("${v}", "w", "data").When("eg", "a", "${v} == 1").When("eg", "b", "${v} == 2"));
        await silos.Engine.WaitUntilSettledAsync("p").Done();
        await silos.Engine.PauseNodeAppointAsync("b").Done();
        await silos.Engine.ResumeNodeAppointAsync("b", new VerbOptions { At = DateTimeOffset.UtcNow.AddDays(1) }).Done();
        await silos.Engine.CallbackAsync("w", await silos.Engine.VersionOf("w"), 1).Done();
        await silos.Engine.WaitUntilAsync("p", NodeStateName.Finished);
        Assert.Equal(1, await CountTimersAsync(silos));
        await PrivatePostgres.ExecuteAsync(silos.Silos.ConnectionString, "UPDATE bamboo_timers SET due = now() - interval '1 hour'");

        await silos.Cluster.Client.GetGrain<IKeeperGrain>(0).WatchAsync();

        await Waiting.UntilAsync(async () => await CountTimersAsync(silos) == 0, "a finished pipeline keeps a timer that is due");
        Assert.Equal(NodeStateName.Finished, await silos.Engine.StateOf("p"));
    }

    [PostgresFact]
    public async Task A_node_stays_in_memory_while_nothing_else_knows_of_its_next_poll()
    {
        await using ScriptedSilos silos = await StartAsync();
        silos.Bench.Interval = _ => TimeSpan.FromMinutes(4);
        silos.Bench.Schedules["x"] = (_, _, _) => Task.FromResult(ComponentResult.Ok);
        await silos.Engine.SubmitAsync(new TreeSketch().Flow("start", "x", "end").Activity("x", "poll"));

        await WaitUntilPolledAsync(silos, "x");
        IManagementGrain management = silos.Cluster.Client.GetGrain<IManagementGrain>(0);
        await Waiting.UntilAsync(
            async () =>
            {
                await management.ForceActivationCollection(TimeSpan.Zero);
                return await silos.FindAsync<INodeGrain>("start") is null;
            },
            "a node that is through stays in memory");
        await management.ForceActivationCollection(TimeSpan.Zero);

        Assert.NotNull(await silos.FindAsync<INodeGrain>("x"));
    }

    [PostgresFact]
    public async Task A_poll_comes_although_the_write_fails_with_which_it_began()
    {
        await using ScriptedSilos silos = await StartAsync();
        silos.Bench.Interval = _ => TimeSpan.FromSeconds(3);
        int polls = 0;
        silos.Bench.Schedules["x"] = (context, _, _) =>
        {
            if (Interlocked.Increment(ref polls) > 1)
            {
                context.FinishSchedule();
            }

            return Task.FromResult(ComponentResult.Ok);
        };
        await silos.Engine.SubmitAsync(new TreeSketch().Flow("start", "x", "end").Activity("x", "poll"));
        await WaitUntilPolledAsync(silos, "x");
        int writes = 0;
        silos.Script.OnGrainWrite = (write, go) => write.Machine == "x" && Interlocked.Increment(ref writes) == 1
            ? throw new TimeoutException("the database does not answer")
            : go();

        await silos.Engine.WaitUntilAsync("p", NodeStateName.Finished);
        Assert.InRange(writes, 2, int.MaxValue);
        Assert.Equal(2, polls);
    }

    // The first poll comes at once. Ends when it is over and its answer written.
    private static async Task WaitUntilPolledAsync(ScriptedSilos silos, string node)
    {
        Executions executions = silos.ServicesOf(silos.Cluster.Silos[0]).GetRequiredService<Executions>();
        await Waiting.UntilAsync(
            () => Task.FromResult(silos.Bench.Calls.Any(call => call.What == "schedule" && call.Node == node) && executions.RunningCount == 0),
            "the first poll does not end");
    }

    // One silo whose keeper looks only when it is told to.
    private Task<ScriptedSilos> StartAsync() => ScriptedSilos.StartAsync(
        storage, 1, configure: silo => silo.Services.AddSingleton(new KeeperOptions(TimeSpan.FromHours(1), int.MaxValue)));

    private static Task<long> CountTimersAsync(ScriptedSilos silos) =>
        PrivatePostgres.QueryAsync<long>(silos.Silos.ConnectionString, "SELECT count(*) FROM bamboo_timers");
}
