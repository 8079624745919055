using System.Globalization;
using BambooOrleans.Cluster.Tests.Faults;
using BambooOrleans.Embedded;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;
using Orleans.TestingHost;

namespace BambooOrleans.Cluster.Tests;

/// <summary>Silos die and join while pipelines run.</summary>
public abstract class DeathTests(StorageKind storage)
{
    /// <summary>With grain states in Orleans' ADO.NET storage.</summary>
    public sealed class AdoNet() : DeathTests(StorageKind.AdoNet);

    /// <summary>With grain states in the engine's own tables.</summary>
    public sealed class GroupCommit() : DeathTests(StorageKind.GroupCommit);

    private const int Pipelines = 12;

    [PostgresTheory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_pipeline_comes_to_its_end_once_whichever_silos_die_and_join(short count)
    {
        List<string> expected = [];
        foreach (int number in Enumerable.Range(0, Pipelines))
        {
            await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), new Workbench());
            await Operator.SubmitAsync(() => engine, Tree(number).Build());
            await Operator.FinishAsync(() => engine, Id("p", number));
            expected.Add(string.Join('\n', await engine.Describe(Id("p", number))));
        }

        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, count);
        HashSet<string> dead = [];
        Task run = Task.WhenAll(Enumerable.Range(0, Pipelines).Select(async number =>
        {
            await Operator.SubmitAsync(() => silos.Engine, Tree(number).Build());
            await Operator.FinishAsync(() => silos.Engine, Id("p", number));
        }));

        // A silo joins and another dies each time that the pipelines have gone on by a part of their way.
        for (int round = 1; round <= count; round++)
        {
            int executions = round * Pipelines * 4 / count;
            await Waiting.UntilAsync(
                () => Task.FromResult(run.IsCompleted || silos.Bench.Executed.Count() >= executions), "nothing goes on");
            await silos.Cluster.StartAdditionalSiloAsync();
            InProcessSiloHandle victim = silos.Cluster.Silos[0];
            dead.Add(victim.SiloAddress.ToParsableString());
            silos.Kill(victim);
            await Waiting.UntilAsync(() => Task.FromResult(!silos.Cluster.Silos.Contains(victim)), "a silo does not die");
        }

        await run;
        foreach (int number in Enumerable.Range(0, Pipelines))
        {
            string actual = "";
            await Waiting.UntilAsync(
                async () =>
                {
                    // A client may not have heard yet that a gateway is gone.
                    try
                    {
                        actual = string.Join('\n', await silos.Engine.Describe(Id("p", number)));
                        return true;
                    }
                    catch (Xunit.Sdk.XunitException failure)
                    {
                        actual = failure.Message;
                        return false;
                    }
                },
                "the cluster cannot be reached");
            Assert.Equal(expected[number], actual);
            await CheckExecutionsAsync(silos, Id("p", number), dead);
        }
    }

    private static string Id(string id, int number) => string.Create(CultureInfo.InvariantCulture, $"{id}_{number}_");

    private static TreeSketch Tree(int number)
    {
        string Of(string id) => Id(id, number);
        return (number % 3) switch
        {
            0 => new TreeSketch(Of("p"), Of("start"), Of("end"))
                .Flow(Of("start"), Of("a"), Of("pg"), Of("b"), Of("b2"), Of("cg"), Of("d"), Of("end")).Flow(Of("pg"), Of("c"), Of("c2"), Of("cg"))
                .Activity(Of("a"), "ok", ("in", 1)).Fill("${v}", Of("a"), "in").Activity(Of("d"), "ok", ("in", "${v}")).Outputs("${v}"),
            1 => new TreeSketch(Of("p"), Of("start"), Of("end"))
                .Flow(Of("start"), Of("a"), Of("b"), Of("c"), Of("eg"), Of("a")).Flow(Of("eg"), Of("end"))
                .Activity(Of("a"), "ok", ("n", "${int(n) + 1}")).Fill("${n}", Of("a"), "n", 0).Outputs("${n}")
                .When(Of("eg"), Of("a"), "${n} < 3").When(Of("eg"), Of("end"), "${n} >= 3"),
            _ => new TreeSketch(Of("p"), Of("start"), Of("end"))
                .Flow(Of("start"), Of("w"), Of("sp"), Of("d"), Of("end")).Activity(Of("w"), "wait").Fill("${d}", Of("w"), "data")
                .Fill("${r}", Of("sp"), "${r}").Activity(Of("d"), "ok", ("in", "${r}")).Outputs("${r}")
                .Sub(
                    Of("sp"),
                    new TreeSketch(Of("sp"), Of("s"), Of("e")).Flow(Of("s"), Of("x"), Of("y"), Of("e"))
                        .Activity(Of("x"), "ok", ("in", "${k}")).Fill("${r}", Of("x"), "in").Outputs("${r}"),
                    ("${k}", "${d}")),
        };
    }

    // What ran had been decided before, and ran twice under one version only where a silo that had decided it died.
    private static async Task CheckExecutionsAsync(ScriptedSilos silos, string rootId, HashSet<string> dead)
    {
        var owners = new Dictionary<string, List<string>>();
        foreach (JournalTurn turn in (await silos.Store.ReadJournalAsync(0, rootId, int.MaxValue, CancellationToken.None)).SelectMany(JournalRows.Turns))
        {
            foreach (MapValue fact in turn.Events.OfType<MapValue>().Where(fact => ((TextValue)fact["event"]).Value == "node-execution-began"))
            {
                if (!owners.TryGetValue(turn.MachineId, out List<string>? known))
                {
                    owners[turn.MachineId] = known = [];
                }

                known.Add(((TextValue)fact["owner"]).Value);
            }
        }

        foreach ((string node, List<string> known) in owners)
        {
            string[] versions = [.. silos.Bench.Calls.Where(call => call.What == "execute" && call.Node == node).Select(call => call.Version)];
            Assert.True(versions.Length <= known.Count, $"{node} was executed {versions.Length} times, and that was decided {known.Count} times");
            Assert.True(
                versions.Distinct().Count() == versions.Length || known.Any(dead.Contains),
                $"{node} was executed twice under one version, decided by {string.Join(", ", known)}, of which none died");
        }
    }
}
