using BambooOrleans.Cluster.Tests.Faults;
using BambooOrleans.Components;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace BambooOrleans.Cluster.Tests;

/// <summary>One execution at a time, whatever becomes of the activation that asked for it.</summary>
public abstract class ExecutionTests(StorageKind storage)
{
    /// <summary>With grain states in Orleans' ADO.NET storage.</summary>
    public sealed class AdoNet() : ExecutionTests(StorageKind.AdoNet);

    /// <summary>With grain states in the engine's own tables.</summary>
    public sealed class GroupCommit() : ExecutionTests(StorageKind.GroupCommit);

    [PostgresFact]
    public async Task A_component_that_outlives_the_collection_of_idle_grains_keeps_its_grain_and_runs_once()
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 2);
        TaskCompletionSource<ComponentResult> held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        silos.Bench.Executions["a"] = (_, _) => held.Task;
        await silos.Engine.SubmitAsync(new TreeSketch().Flow("start", "a", "end"));
        await silos.Bench.Entered("a");
        IManagementGrain management = silos.Silos.Cluster.Client.GetGrain<IManagementGrain>(0);

        for (int time = 0; time < 3; time++)
        {
            await management.ForceActivationCollection(TimeSpan.Zero);
        }

        // The other nodes have gone; the one that runs something is still there.
        Assert.Contains(
            await management.GetSimpleGrainStatistics(),
            grain => grain.GrainType.Contains("NodeGrain", StringComparison.Ordinal) && grain.ActivationCount > 0);
        held.SetResult(ComponentResult.Ok);
        await silos.Engine.WaitUntilAsync("p", NodeStateName.Finished);
        Assert.Single(silos.Bench.Calls, call => call.Node == "a");
    }

    [PostgresFact]
    public async Task An_activation_that_goes_away_while_its_component_runs_is_followed_by_one_that_takes_the_answer()
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 2);
        TaskCompletionSource<ComponentResult> held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        silos.Bench.Executions["a"] = (_, _) => held.Task;
        await silos.Engine.SubmitAsync(new TreeSketch().Flow("start", "a", "end"));
        await silos.Bench.Entered("a");

        await silos.Silos.Cluster.DeactivateAsync(silos.Silos.Cluster.Client.GetGrain<INodeGrain>("a"));
        await silos.Silos.Cluster.Client.GetGrain<IPipelineGrain>("p").DriveAsync();
        held.SetResult(ComponentResult.Ok);

        await silos.Engine.WaitUntilAsync("p", NodeStateName.Finished);
        Assert.Single(silos.Bench.Calls, call => call.Node == "a");
    }

    [PostgresFact]
    public async Task An_answer_for_a_pipeline_that_is_not_there_any_more_is_told_to_nobody()
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 2);
        foreach (InProcessSiloHandle silo in silos.Cluster.Silos)
        {
            Executions executions = silos.ServicesOf(silo).GetRequiredService<Executions>();
            IGrainFactory grains = silos.ServicesOf(silo).GetRequiredService<IGrainFactory>();

            // As where another silo had the node by then, which could not cancel what runs here, and an operator went past it.
            executions.Announce("a", "v").Begin(
                _ => Task.FromResult<string?>("answer"), _ => grains.GetGrain<IPipelineGrain>("removed").DriveAsync());
            await Waiting.UntilAsync(() => Task.FromResult(executions.RunningCount == 0), "the answer is told for ever");
        }
    }
}
