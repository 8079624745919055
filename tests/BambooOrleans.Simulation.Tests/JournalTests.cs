using BambooOrleans.Embedded;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Simulation.Scenarios;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Simulation.Tests;

/// <summary>For the same messages in the same order, the machines decide the same in the simulator and in an embedded engine.</summary>
public sealed class JournalTests
{
    public static TheoryData<string> Names => [.. MessageScripts.All().Select(script => script.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_journals_of_the_simulator_and_of_an_embedded_engine_are_equal(string name)
    {
        (_, Func<Func<string, string>, TreeSketch> tree, Step[] steps) = MessageScripts.All().Single(script => script.Name == name);
        string mark = $"_{name}_";
        string Id(string id) => $"{id}{mark}";
        var store = new MemoryStore();
        var bench = new Workbench();
        MessageScripts.Prepare(bench, Id);
        await using EmbeddedEngine embedded = await Engines.OpenAsync(store, bench);
        await MessageScripts.RunAsync(embedded, tree(Id), Id, steps);
        string expected = await Journals.DescribeAsync(store, Id("p"), mark, isOrdered: true);
        Assert.Contains("pipeline-started", expected);

        foreach (HostMode mode in Enum.GetValues<HostMode>())
        {
            var rehearsal = new Workbench();
            MessageScripts.Prepare(rehearsal, Id);
            var simulated = new SimulatorEngine(Workbench.Registry, rehearsal, mode);
            await MessageScripts.RunAsync(simulated, tree(Id), Id, steps);
            Assert.Equal($"{mode}\n{expected}", $"{mode}\n{await Journals.DescribeAsync(simulated.Journal, Id("p"), mark, isOrdered: true)}");
        }
    }
}
