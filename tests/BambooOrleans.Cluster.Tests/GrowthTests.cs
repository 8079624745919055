using BambooOrleans.Cluster.Tests.Faults;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;

namespace BambooOrleans.Cluster.Tests;

/// <summary>What a grain keeps grows neither with the loops made nor with the context or the nodes of its pipeline.</summary>
public abstract class GrowthTests(StorageKind storage)
{
    /// <summary>With grain states in Orleans' ADO.NET storage.</summary>
    public sealed class AdoNet() : GrowthTests(StorageKind.AdoNet);

    /// <summary>With grain states in the engine's own tables.</summary>
    public sealed class GroupCommit() : GrowthTests(StorageKind.GroupCommit);

    // A few digits more, and entries of the log that were not delivered yet when the next write began.
    private const long BytesOfNoGrowth = 4096;

    [PostgresFact]
    public async Task Grain_states_are_as_large_after_90_loops_as_after_2()
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 2);
        await silos.Engine.RunLoopAsync("short", 2);
        await silos.Engine.RunLoopAsync("long", 90);

        Assert.Equal(90, (await silos.Engine.GetChildrenStatesAsync("a_long").Get())["a_long"].Loop);
        Assert.Equal(89, (await silos.Engine.GetNodeHistoriesAsync("a_long").Get()).Count);
        Assert.InRange(await BytesAsync(silos, "a_long") - await BytesAsync(silos, "a_short"), long.MinValue, BytesOfNoGrowth);
        Assert.InRange(await BytesAsync(silos, "long") - await BytesAsync(silos, "short"), long.MinValue, BytesOfNoGrowth);
    }

    [PostgresFact]
    public async Task With_ten_megabytes_of_context_and_hundreds_of_nodes_a_pipelines_grain_keeps_little()
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 2);
        string[] chain = [.. Enumerable.Range(0, 200).Select(number => $"n{number}")];
        TreeSketch sketch = new TreeSketch("p").Flow(["start", .. chain, "end"])
            .Var("${big}", TreeSketch.Plain(new string('x', 10 << 20)));

        await silos.Engine.SubmitAsync(sketch);
        await silos.Engine.WaitUntilAsync("p", NodeStateName.Finished);

        Assert.InRange(await BytesAsync(silos, "p"), 1, 64 * 1024);
        Assert.Equal(10 << 20, ((TextValue)await silos.Engine.ContextOf("${big}")).Value.Length);
    }

    private Task<long> BytesAsync(ScriptedSilos silos, string id) => PrivatePostgres.QueryAsync<long>(silos.Silos.ConnectionString, storage switch
    {
        StorageKind.AdoNet => $"SELECT octet_length(payload)::bigint FROM orleans_storage WHERE grain_id_text LIKE '%/{id}'",
        _ => $"SELECT octet_length(payload)::bigint FROM (TABLE bamboo_nodes UNION ALL TABLE bamboo_scopes) AS states WHERE key = '{id}'",
    });
}

internal static class Loops
{
    /// <summary>Runs a pipeline that comes back to its activity until that was entered a number of times.</summary>
    public static async Task RunLoopAsync(this IBambooEngine engine, string id, int loops)
    {
        TreeSketch sketch = new TreeSketch(id, $"start_{id}", $"end_{id}")
            .Flow($"start_{id}", $"a_{id}", $"eg_{id}", $"a_{id}").Flow($"eg_{id}", $"end_{id}")
            .Fill("${loop_number}", $"a_{id}", "_loop")
            .When($"eg_{id}", $"a_{id}", $"${{loop_number}} < {loops}")
            .When($"eg_{id}", $"end_{id}", $"${{loop_number}} >= {loops}");
        await engine.SubmitAsync(sketch);
        await engine.WaitUntilAsync(id, NodeStateName.Finished);
    }
}
