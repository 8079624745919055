using BambooOrleans.Cluster.Tests.Faults;
using BambooOrleans.Components;
using BambooOrleans.Embedded;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Simulation.Scenarios;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;

namespace BambooOrleans.Cluster.Tests;

/// <summary>
/// For the same messages in the same order, the machines of the simulator, of an embedded engine and of a cluster decide the same:
/// their journals are equal, fact by fact.
/// </summary>
public abstract class TwoHostsTests(StorageKind storage)
{
    /// <summary>With grain states in Orleans' ADO.NET storage.</summary>
    public sealed class AdoNet() : TwoHostsTests(StorageKind.AdoNet);

    /// <summary>With grain states in the engine's own tables.</summary>
    public sealed class GroupCommit() : TwoHostsTests(StorageKind.GroupCommit);

    [PostgresFact]
    public async Task The_journals_of_all_hosts_are_equal_machine_by_machine()
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 2);
        List<string> different = [];
        foreach ((string name, Func<Func<string, string>, TreeSketch> tree, Step[] steps) in MessageScripts.All())
        {
            string mark = $"_{name}_";
            string Id(string id) => $"{id}{mark}";
            var store = new MemoryStore();
            var bench = new Workbench();
            MessageScripts.Prepare(bench, Id);
            await using EmbeddedEngine embedded = await Engines.OpenAsync(store, bench);
            await MessageScripts.RunAsync(embedded, tree(Id), Id, steps);
            MessageScripts.Prepare(silos.Bench, Id);
            await MessageScripts.RunAsync(silos.Engine, tree(Id), Id, steps);

            var rehearsal = new Workbench();
            MessageScripts.Prepare(rehearsal, Id);
            var simulated = new SimulatorEngine(Workbench.Registry, rehearsal, HostMode.Cluster);
            await MessageScripts.RunAsync(simulated, tree(Id), Id, steps);

            string expected = await Journals.DescribeAsync(store, Id("p"), mark, isOrdered: true);
            string ofSimulator = await Journals.DescribeAsync(simulated.Journal, Id("p"), mark, isOrdered: true);
            string actual = await Journals.DescribeAsync(silos.Store, Id("p"), mark, isOrdered: true);
            Assert.Contains("pipeline-started", expected);
            if (expected != actual)
            {
                different.Add($"{name}: the embedded engine\n{expected}\nthe cluster\n{actual}");
            }

            if (expected != ofSimulator)
            {
                different.Add($"{name}: the embedded engine\n{expected}\nthe simulator\n{ofSimulator}");
            }

            Assert.Equal(await DescribeAsync(embedded, Id), await DescribeAsync(silos.Engine, Id));
        }

        Assert.True(different.Count == 0, string.Join("\n\n", different));
    }

    private static async Task<string> DescribeAsync(IBambooEngine engine, Func<string, string> id) =>
        string.Join('\n', await engine.Describe(id("p")));
}
