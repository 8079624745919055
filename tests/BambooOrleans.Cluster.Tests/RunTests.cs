using System.Collections.Concurrent;
using BambooOrleans.Cluster.Tests.Faults;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;
using BambooOrleans.TestSilos;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace BambooOrleans.Cluster.Tests;

/// <summary>Pipelines on two silos, called as an application would.</summary>
public sealed class RunTests
{
    [PostgresTheory]
    [InlineData(StorageKind.AdoNet)]
    [InlineData(StorageKind.GroupCommit)]
    public async Task A_pipeline_runs_to_its_end_and_readers_see_all_of_it(StorageKind storage)
    {
        await using SilosInProcess silos = await SilosInProcess.StartAsync(
            2, new BambooSiloOptions { Registry = Workbench.Registry }, silo => silo.Services.AddSingleton(new Workbench()), storage);
        TreeSketch sketch = new TreeSketch("one").Flow("start", "a1", "pg1", "b1", "cg1", "end").Flow("pg1", "c1", "cg1");

        await silos.Engine.SubmitAsync(sketch);
        await silos.Engine.WaitUntilSettledAsync("one").Done();

        IReadOnlyDictionary<string, NodeStateInfo> states = await silos.Engine.GetPipelineStatesAsync("one").Get();
        Assert.All(states["one"].Children.Values.Append(states["one"]), state => Assert.Equal(NodeStateName.Finished, state.State));
        Assert.Equal(7, states["one"].Children.Count);
    }

    // Orleans begins an activation's first call under the activation's lock, for which a message to it waits.
    [PostgresTheory]
    [InlineData(StorageKind.AdoNet)]
    [InlineData(StorageKind.GroupCommit)]
    public async Task No_machine_takes_a_turn_under_its_activations_lock(StorageKind storage)
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 1);
        IGrainContextAccessor current = silos.ServicesOf(silos.Cluster.Silos[0]).GetRequiredService<IGrainContextAccessor>();
        var writes = new ConcurrentDictionary<string, bool>();
        silos.Script.OnGrainWrite = (write, go) =>
        {
            // The first write of each machine begins in its first turn.
            writes.GetOrAdd(write.Machine, _ => IsLocked(current.GrainContext));
            return go();
        };

        await silos.Engine.SubmitAsync(new TreeSketch("one").Flow("start", "a1", "pg1", "b1", "cg1", "end").Flow("pg1", "c1", "cg1"));
        await silos.Engine.WaitUntilSettledAsync("one").Done();

        Assert.Equal(7, writes.Count(write => write.Key != "one"));
        Assert.Empty(writes.Where(write => write.Value).Select(write => write.Key));
    }

    /// <summary>Whether another thread has to wait for the activation. Setting a component takes its lock, as taking a message does.</summary>
    private static bool IsLocked(IGrainContext activation) =>
        !Task.Run(() => activation.SetComponent(new Visit())).Wait(TimeSpan.FromSeconds(5));

    private sealed class Visit;
}
