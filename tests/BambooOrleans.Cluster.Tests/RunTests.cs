using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;
using BambooOrleans.TestSilos;
using Microsoft.Extensions.DependencyInjection;

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
}
