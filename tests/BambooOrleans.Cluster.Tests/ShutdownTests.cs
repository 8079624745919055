using BambooOrleans.Cluster.Tests.Faults;
using BambooOrleans.Components;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace BambooOrleans.Cluster.Tests;

/// <summary>A silo stops while others wait for what it holds.</summary>
public sealed class ShutdownTests
{
    [PostgresFact]
    public async Task Who_waits_for_a_pipeline_to_settle_holds_up_neither_it_nor_its_silo()
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(StorageKind.GroupCommit, 2);
        TaskCompletionSource<ComponentResult> held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        silos.Bench.Executions["a"] = (_, stopping) => held.Task.WaitAsync(stopping);
        await silos.Engine.SubmitAsync(new TreeSketch().Flow("start", "a", "end"));
        await silos.Bench.Entered("a");
        InProcessSiloHandle holder = (await silos.FindAsync<IPipelineGrain>("p"))!;
        InProcessSiloHandle other = silos.Cluster.Silos.Single(silo => silo != holder);
        IPipelineGrain pipeline = silos.ServicesOf(other).GetRequiredService<IGrainFactory>().GetGrain<IPipelineGrain>("p");
        Task<bool> waiting = pipeline.WhenSettledAsync(TimeSpan.FromHours(1));
        await pipeline.DriveAsync();

        await silos.Cluster.StopSiloAsync(holder);

        Assert.False(await waiting);
        held.SetResult(ComponentResult.Ok);
        await Waiting.UntilAsync(async () => await pipeline.WhenSettledAsync(TimeSpan.FromSeconds(1)), "the pipeline does not go on elsewhere");
    }
}
