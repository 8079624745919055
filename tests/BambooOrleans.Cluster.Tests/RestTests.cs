using BambooOrleans.Cluster.Tests.Faults;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;

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

    private static Task<long> CountAsync(ScriptedSilos silos, string rows) =>
        PrivatePostgres.QueryAsync<long>(silos.Silos.ConnectionString, $"SELECT count(*) FROM {rows}");
}
