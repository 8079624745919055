using System.Collections.Concurrent;
using System.Globalization;
using BambooOrleans.Benchmarks;
using BambooOrleans.Components;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Pipelines;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;

namespace BambooOrleans.Embedded.Tests;

/// <summary>The PostgreSQL server behind an engine dies, or is cut off, while the engine works.</summary>
public class PostgresDeathTests
{
    private readonly Workbench _bench = new();

    // By hand: BAMBOO_POSTGRES_KILLS=20 dotnet test tests/BambooOrleans.Embedded.Tests --filter PostgresDeath
    private static int Kills => int.Parse(
        Environment.GetEnvironmentVariable("BAMBOO_POSTGRES_KILLS") ?? "3", NumberStyles.None, CultureInfo.InvariantCulture);

    [PostgresFact]
    public async Task A_server_that_is_killed_under_load_loses_nothing_that_was_acknowledged_and_nothing_finishes_twice()
    {
        await using PrivatePostgres server = await PrivatePostgres.StartAsync();
        PostgresStore store = new(new PostgresStoreOptions { ConnectionString = server.ConnectionString });
        await using EmbeddedEngine engine = await EmbeddedEngine.OpenAsync(store, new EmbeddedEngineOptions
        {
            Registry = Workbench.Registry,
            Services = _bench,
            StoreRetryTime = TimeSpan.FromMilliseconds(10),
            CloseTimeLimit = TimeSpan.FromSeconds(1),
        });
        ConcurrentQueue<string> acknowledged = new();
        ConcurrentQueue<string> seenFinished = new();
        using CancellationTokenSource enough = new();
        Task[] callers = [.. Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                PipelineTree tree = (caller % 2 == 0 ? Trees.Seventeen : Trees.Sequence(5)).Make("ok");
                await Persist(() => engine.RunPipelineAsync(tree));
                acknowledged.Enqueue(tree.Id);
                await Persist(() => engine.WaitUntilSettledAsync(tree.Id));
                if ((await engine.GetPipelineStatesAsync(tree.Id)).Data is { Count: > 0 } states
                    && states[tree.Id].State == NodeStateName.Finished)
                {
                    seenFinished.Enqueue(tree.Id);
                }
            }
        }))];

        for (int kill = 1; kill <= Kills; kill++)
        {
            // Whatever the speed of the machine, each kill meets pipelines under way, and new ones since the last.
            int before = acknowledged.Count;
            await Until(() => acknowledged.Count >= before + 30, callers);
            await server.KillAsync();
            await server.RestartAsync();
        }

        int last = seenFinished.Count;
        await Until(() => seenFinished.Count > last, callers);
        await enough.CancelAsync();
        await Task.WhenAll(callers);
        await engine.DisposeAsync();

        await using PostgresStore after = new(new PostgresStoreOptions { ConnectionString = server.ConnectionString });
        await after.OpenAsync(CancellationToken.None);
        Dictionary<string, string> states = (await after.ListAsync(PipelineFilter.All, null, int.MaxValue, CancellationToken.None))
            .ToDictionary(row => row.RootId, row => row.State);
        Assert.All(acknowledged, id => Assert.Equal("FINISHED", states[id]));
        Assert.All(seenFinished, id => Assert.Contains(id, acknowledged));
        Assert.Empty(await after.ReadUnfinishedAsync(CancellationToken.None));
        await AssertNothingHappenedTwice(after, states.Keys);
    }

    [PostgresFact]
    public async Task An_engine_whose_session_is_cut_off_goes_on_by_itself()
    {
        PrivatePostgres server = await PrivatePostgres.SharedAsync();
        string database = await server.CreateDatabaseAsync();
        await using EmbeddedEngine engine = await Engines.OpenAsync(
            new PostgresStore(new PostgresStoreOptions { ConnectionString = database }), _bench);
        TaskCompletionSource<ComponentResult> held = new();
        _bench.Executions["a"] = (_, _) => held.Task;
        await engine.SubmitAsync(new TreeSketch().Flow("start", "a", "end").Activity("a", "ok"));
        await _bench.Entered("a");

        await PrivatePostgres.ExecuteAsync(
            server.ConnectionString, $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{NameOf(database)}'");
        held.SetResult(ComponentResult.Ok);

        await Persist(() => engine.WaitUntilSettledAsync("p"));
        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p"));
    }

    private static string NameOf(string database) => new Npgsql.NpgsqlConnectionStringBuilder(database).Database!;

    /// <summary>Asks until there is an answer, as a caller would whose engine is away; what was submitted already is acknowledged by that.</summary>
    private static async Task Persist<T>(Func<Task<T>> call)
        where T : EngineApiResult
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(2));
        while (true)
        {
            EngineApiResult result = await call();
            if (result.Result || result.ErrorCode == "already-exists")
            {
                return;
            }

            // A pipeline whose submission was cut off is not there.
            Assert.True(result.ErrorCode == "engine-unavailable", result.ErrorTrace);
            await Task.Delay(5, patience.Token);
        }
    }

    private static async Task Until(Func<bool> condition, Task[] callers)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(2));
        while (!condition())
        {
            if (callers.FirstOrDefault(caller => caller.IsFaulted) is { } failed)
            {
                await failed;
            }

            await Task.Delay(5, patience.Token);
        }
    }

    /// <summary>The journal has every position once, and each machine began and ended once.</summary>
    private static async Task AssertNothingHappenedTwice(PostgresStore store, IEnumerable<string> roots)
    {
        Dictionary<(string Machine, string Event), int> counts = [];
        long next = 1;
        while (await store.ReadJournalAsync(next, null, 1000, CancellationToken.None) is { Count: > 0 } rows)
        {
            foreach (JournalRow row in rows)
            {
                Assert.Equal(next, row.Position);
                next += row.Turns;
                foreach (MapValue turn in ((ListValue)ValueJson.Parse(row.Payload.Span)).Cast<MapValue>())
                {
                    foreach (MapValue happened in ((ListValue)turn["events"]).Cast<MapValue>())
                    {
                        (string, string) key = (((TextValue)turn["machine"]).Value, ((TextValue)happened["event"]).Value);
                        counts[key] = counts.GetValueOrDefault(key) + 1;
                    }
                }
            }
        }

        Assert.All(roots, root => Assert.Equal(1, counts[(root, "pipeline-finished")]));
        Assert.All(
            counts.Where(count => count.Key.Event is "pipeline-started" or "node-started" or "node-finished"),
            count => Assert.True(count.Value == 1, $"{count.Key.Machine} has {count.Value} times {count.Key.Event}"));
    }
}
