using System.Collections.Concurrent;
using BambooOrleans.Cluster.Tests.Faults;
using BambooOrleans.Components;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;

namespace BambooOrleans.Cluster.Tests;

/// <summary>A cluster removes finished pipelines with all that is kept of them, in tables, grain storage and memory.</summary>
public abstract class RetentionTests(StorageKind storage)
{
    /// <summary>With grain states in Orleans' ADO.NET storage.</summary>
    public sealed class AdoNet() : RetentionTests(StorageKind.AdoNet);

    /// <summary>With grain states in the engine's own tables.</summary>
    public sealed class GroupCommit() : RetentionTests(StorageKind.GroupCommit);

    [PostgresFact]
    public async Task What_finished_is_removed_completely_and_its_ids_run_again_as_something_else()
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 2, options => options with
        {
            Retention = TimeSpan.FromSeconds(1), RetentionInterval = TimeSpan.FromMilliseconds(100),
        });

        // The first steps of each kind fail, and the next look goes on with them.
        var failures = new ConcurrentDictionary<string, int>();
        silos.Script.OnOther = what =>
        {
            if (what.StartsWith("remove", StringComparison.Ordinal) && failures.AddOrUpdate(what, 1, (_, count) => count + 1) <= 2)
            {
                throw new StoreUnavailableException("store.unavailable", "the connection broke");
            }
        };
        await silos.Engine.SubmitAsync(new TreeSketch("waits", "ws", "we").Flow("ws", "w", "we").Activity("w", "wait"));
        foreach (int number in Enumerable.Range(0, 4))
        {
            await silos.Engine.SubmitAsync(First(number));
        }

        string[] tables = ["pipelines", "trees", "claims", "scopes", "tokens", "nodes", "data", "context", "raw_inputs", "histories", "journal", "machines", "timers", "removed"];
        string rows = string.Join(" UNION ALL ", tables.Select(table => $"SELECT root FROM bamboo_{table}"));
        long waiting = await PrivatePostgres.QueryAsync<long>(silos.Silos.ConnectionString, "SELECT root FROM bamboo_pipelines WHERE root_id = 'waits'");
        await Waiting.UntilAsync(
            async () => silos.Bench.Executed.Count(node => node.StartsWith("last", StringComparison.Ordinal)) >= 4
                && await CountAsync(silos, $"({rows}) AS r WHERE root <> {waiting}") == 0,
            "something of the finished pipelines is left");
        Assert.Equal(0, await CountAsync(silos, "orleans_storage WHERE grain_id_text NOT LIKE '%/w%'"));
        Assert.All(failures.Values, count => Assert.InRange(count, 3, int.MaxValue));
        Assert.Equal("waits", Assert.Single((await silos.Engine.ListPipelinesAsync().Get())).RootId);
        Assert.Empty(await silos.Engine.GetPipelineStatesAsync("p0").Get());
        await silos.Engine.PausePipelineAsync("p0").Refused("not-found", (await silos.Engine.PausePipelineAsync("nobody")).Message.Replace("nobody", "p0", StringComparison.Ordinal));

        // The same ids as another pipeline: neither a grain nor a silo takes it for the one before.
        foreach (int number in Enumerable.Range(0, 4))
        {
            await silos.Engine.SubmitAsync(new TreeSketch($"p{number}", $"start{number}", $"end{number}")
                .Flow($"start{number}", $"last{number}", $"a{number}", $"end{number}").Activity($"a{number}", "wait"));
        }

        foreach (int number in Enumerable.Range(0, 4))
        {
            await silos.Engine.WaitUntilSettledAsync($"p{number}").Done();
            NodeStateInfo state = (await silos.Engine.GetChildrenStatesAsync($"last{number}").Get())[$"last{number}"];
            Assert.Equal((NodeStateName.Finished, 1), (state.State, state.Loop));
            Assert.Equal(NodeStateName.Running, await silos.Engine.StateOf($"a{number}"));
            Assert.Empty(await silos.Engine.GetNodeHistoriesAsync($"a{number}").Get());
        }

        await silos.Engine.CallbackAsync("w", await silos.Engine.VersionOf("w"), 1).Done();
        await silos.Engine.WaitUntilSettledAsync("waits").Done();
    }

    [PostgresFact]
    public async Task Revoked_pipelines_go_though_tokens_stay_at_their_failed_and_waiting_nodes()
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 2, options => options with
        {
            Retention = TimeSpan.FromSeconds(1), RetentionInterval = TimeSpan.FromMilliseconds(100),
        });
        silos.Bench.Executions["f"] = (_, _) => Task.FromResult(ComponentResult.Failed);
        await silos.Engine.RunAsync(Standing("failed", "f", "ok"), pipeline: "failed");
        await silos.Engine.RunAsync(Standing("waiting", "w", "wait"), pipeline: "waiting");

        await silos.Engine.RevokePipelineAsync("failed").Done();
        await silos.Engine.RevokePipelineAsync("waiting").Done();

        await Waiting.UntilAsync(
            async () => await CountAsync(silos, "bamboo_claims") == 0 && await CountAsync(silos, "orleans_storage") == 0,
            "something of the revoked pipelines is left");
    }

    [PostgresFact]
    public async Task A_revoked_pipeline_that_is_called_back_is_not_over_until_that_has_ended()
    {
        await using ScriptedSilos silos = await ScriptedSilos.StartAsync(storage, 2);
        var gate = new TaskCompletionSource();
        silos.Bench.Schedules["w"] = async (_, _, _) =>
        {
            await gate.Task;
            return ComponentResult.Ok;
        };
        Task IsOverAsync() => Waiting.UntilAsync(
            async () => await CountAsync(silos, "bamboo_pipelines WHERE archived IS NOT NULL AND NOT awake") == 1, "it is not over");
        await silos.Engine.RunAsync(Standing("waiting", "w", "wait"), pipeline: "waiting");
        DateTimeOffset revoked = DateTimeOffset.UtcNow;
        await silos.Engine.RevokePipelineAsync("waiting").Done();
        await IsOverAsync();
        Assert.Equal(1, await CountAsync(silos, $"bamboo_pipelines WHERE archived >= '{revoked:O}'"));

        await silos.Engine.CallbackAsync("w", await silos.Engine.VersionOf("w"), 1).Done();

        Assert.Equal(1, await CountAsync(silos, "bamboo_pipelines WHERE archived IS NULL AND awake"));
        gate.SetResult();
        await IsOverAsync();
        Assert.Equal(NodeStateName.Finished, await silos.Engine.StateOf("w"));
    }

    private static TreeSketch Standing(string pipeline, string node, string code) =>
        new TreeSketch(pipeline, $"{node}s", $"{node}e").Flow($"{node}s", node, $"{node}e").Activity(node, code);

    private static TreeSketch First(int number)
    {
        string Of(string id) => $"{id}{number}";
        return new TreeSketch(Of("p"), Of("start"), Of("end"))
            .Flow(Of("start"), Of("a"), Of("sp"), Of("eg"), Of("a")).Flow(Of("eg"), Of("last"), Of("end"))
            .Activity(Of("a"), "ok", ("n", "${int(n) + 1}"), ("large", new string('x', 5000))).Fill("${n}", Of("a"), "n", 0).Outputs("${n}")
            .When(Of("eg"), Of("a"), "${n} < 3").When(Of("eg"), Of("last"), "${n} >= 3")
            .Sub(Of("sp"), new TreeSketch(Of("sp"), Of("s"), Of("e")).Flow(Of("s"), Of("b"), Of("e")));
    }

    private static Task<long> CountAsync(ScriptedSilos silos, string from) =>
        PrivatePostgres.QueryAsync<long>(silos.Silos.ConnectionString, $"SELECT count(*) FROM {from}");
}
