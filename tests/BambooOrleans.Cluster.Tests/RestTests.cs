using BambooOrleans.Cluster.Tests.Faults;
using BambooOrleans.Components;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;
using Microsoft.Extensions.DependencyInjection;

namespace BambooOrleans.Cluster.Tests;

/// <summary>What waits costs nothing but its rows.</summary>
public abstract class RestTests(StorageKind storage)
{
    /// <summary>With grain states in Orleans' ADO.NET storage.</summary>
    public sealed class AdoNet() : RestTests(StorageKind.AdoNet);

    /// <summary>With grain states in the engine's own tables.</summary>
    public sealed class GroupCommit() : RestTests(StorageKind.GroupCommit);

    [PostgresFact]
    public async Task Pipelines_that_wait_and_those_that_are_finished_are_at_rest_and_there_is_one_reminder_for_all()
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 2);
        foreach (int number in Enumerable.Range(0, 6))
        {
            string Of(string id) => $"{id}_{number}_";
            await silos.Engine.SubmitAsync(new TreeSketch(Of("p"), Of("start"), Of("end"))
                .Flow(Of("start"), Of("a"), Of("end")).Activity(Of("a"), number % 2 == 0 ? "wait" : "ok"));
        }

        await Waiting.UntilAsync(
            async () => silos.Bench.Executed.Count() == 6 && await CountAsync(silos, "bamboo_pipelines WHERE awake") == 0,
            "a pipeline that waits or is finished is awake");
        Assert.Equal(3, await CountAsync(silos, "bamboo_pipelines WHERE archived IS NOT NULL"));
        Assert.Equal(1, await CountAsync(silos, "orleans_reminder"));

        await silos.Engine.CallbackAsync("a_0_", await silos.Engine.VersionOf("a_0_"), 1).Done();
        await silos.Engine.WaitUntilAsync("p_0_", NodeStateName.Finished);
        await Waiting.UntilAsync(async () => await CountAsync(silos, "bamboo_pipelines WHERE awake") == 0, "a finished pipeline is awake");
    }

    [PostgresFact]
    public async Task A_pipeline_that_goes_on_is_awake_whatever_comes_to_its_end_while_it_wakes()
    {
        // The keeper does not look: it would call the pipeline again and again before its time comes.
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(
            storage, 1, configure: silo => silo.Services.AddSingleton(new KeeperOptions(TimeSpan.FromHours(1), int.MaxValue)));
        TaskCompletionSource<ComponentResult> held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        silos.Bench.Executions["y"] = (_, stopping) => held.Task.WaitAsync(stopping);
        await silos.Engine.SubmitAsync(new TreeSketch().Flow("start", "x", "y", "end").Activity("x", "wait"));
        await silos.Engine.WaitUntilSettledAsync("p").Done();
        await silos.Engine.PausePipelineAsync("p").Done();
        await silos.Engine.CallbackAsync("x", await silos.Engine.VersionOf("x"), 1).Done();
        await silos.Engine.ResumePipelineAsync("p", new VerbOptions { At = DateTimeOffset.UtcNow.AddSeconds(5) }).Done();
        await Waiting.UntilAsync(async () => await CountAsync(silos, "bamboo_pipelines WHERE awake") == 0, "a paused pipeline is awake");
        TaskCompletionSource waking = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        silos.Script.OnDeliver = async (batch, deliver, stopping) =>
        {
            if (batch.Wakes.Any(wake => wake.IsAwake))
            {
                waking.TrySetResult();
                await heard.Task.WaitAsync(stopping);
            }

            return await deliver();
        };

        // What a node tells of itself once more while the timer wakes the pipeline.
        await waking.Task.WaitAsync(Operator.Patience);
        await silos.Cluster.Client.GetGrain<IPipelineGrain>("p").StandAsync(new NodeStanding("x", long.MaxValue, 0, Rest.Quiet));
        heard.SetResult();

        await silos.Engine.WaitUntilAsync("y", NodeStateName.Running);
        Assert.Equal(1, await CountAsync(silos, "bamboo_pipelines WHERE awake"));
        held.SetResult(ComponentResult.Ok);
        await silos.Engine.WaitUntilAsync("p", NodeStateName.Finished);
    }

    private static Task<long> CountAsync(ScriptedSilos silos, string rows) =>
        PrivatePostgres.QueryAsync<long>(silos.Silos.ConnectionString, $"SELECT count(*) FROM {rows}");
}
