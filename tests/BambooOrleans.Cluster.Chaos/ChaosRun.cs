using System.Diagnostics;
using System.Globalization;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;

namespace BambooOrleans.Cluster.Chaos;

/// <summary>
/// Constant load on silos in processes of their own, one of which is killed (SIGKILL) and replaced again and again; then what is
/// kept is held against what was acknowledged.
/// </summary>
internal sealed class ChaosRun(ChaosOptions options, PrivatePostgres server, string connectionString) : IAsyncDisposable
{
    private static readonly TimeSpan DrainTime = TimeSpan.FromMinutes(2);

    private readonly List<SiloProcess> _silos = [];
    private readonly List<string> _violations = [];
    private readonly List<TimeSpan> _gaps = [];
    private readonly Random _random = new(options.Seed);
    private int _started;
    private int _finished;
    private int _acknowledged;
    private int _kills;

    public static async Task<int> RunAsync(ChaosOptions options, CancellationToken cancellationToken)
    {
        PrivatePostgres server = await PrivatePostgres.StartAsync().ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            string connectionString = await server.CreateDatabaseAsync().ConfigureAwait(false);
            await SiloProcess.MigrateAsync(connectionString, options.Storage).ConfigureAwait(false);
            var run = new ChaosRun(options, server, connectionString);
            await using (run.ConfigureAwait(false))
            {
                return await run.RunAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        _silos.ForEach(silo => silo.Dispose());
        await server.DropDatabaseAsync(connectionString).ConfigureAwait(false);
    }

    private static async Task SayAsync(string line) => await Console.Out.WriteLineAsync(
        string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:HH:mm:ss.f} {line}")).ConfigureAwait(false);

    private async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        for (int silo = 0; silo < options.Silos; silo++)
        {
            _silos.Add(SiloProcess.Start(connectionString, options.Storage));
            await _silos[^1].ReadyAsync(cancellationToken).ConfigureAwait(false);
        }

        await SayAsync($"{options.Silos} silos").ConfigureAwait(false);
        using IHost client = BuildClient();
        await client.StartAsync(cancellationToken).ConfigureAwait(false);
        IBambooEngine engine = client.Services.GetRequiredService<IBambooEngine>();
        using var load = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        load.CancelAfter(options.Time);
        using var drain = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        drain.CancelAfter(options.Time + DrainTime);
        Task[] workers = [.. Enumerable.Range(0, options.AtOnce).Select(_ => WorkAsync(engine, load.Token, drain.Token))];
        await KillAsync(load.Token).ConfigureAwait(false);
        await Task.WhenAll(workers).ConfigureAwait(false);
        await CheckAsync().ConfigureAwait(false);
        await client.StopAsync(CancellationToken.None).ConfigureAwait(false);

        _gaps.Sort();
        foreach (string violation in _violations.Take(50))
        {
            await SayAsync($"VIOLATION {violation}").ConfigureAwait(false);
        }

        await SayAsync($"{_kills} silos killed, {_acknowledged} calls acknowledged, {_finished} pipelines finished").ConfigureAwait(false);
        if (_gaps.Count > 0)
        {
            await SayAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"first progress of what a dead silo held: median {_gaps[_gaps.Count / 2].TotalSeconds:F1} s, max {_gaps[^1].TotalSeconds:F1} s"))
                .ConfigureAwait(false);
        }

        await Console.Out.WriteLineAsync($"{_started} pipelines, {_violations.Count} violations").ConfigureAwait(false);
        return _violations.Count == 0 ? 0 : 1;
    }

    private IHost BuildClient()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleansClient(client =>
        {
            client.UseBambooClustering(new ClusterSettings { ConnectionString = connectionString });
            client.Configure<GatewayOptions>(gateways => gateways.GatewayListRefreshPeriod = TimeSpan.FromSeconds(2));
        });
        builder.Services.AddBambooClient();
        return builder.Build();
    }

    private async Task WorkAsync(IBambooEngine engine, CancellationToken load, CancellationToken drain)
    {
        while (!load.IsCancellationRequested)
        {
            var pipeline = new ChaosPipeline(Interlocked.Increment(ref _started));
            string? wrong;
            try
            {
                wrong = await pipeline.RunAsync(engine, drain).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                wrong = $"{pipeline.Id} has not come to its end";
            }
            catch (Exception failure)
            {
                wrong = $"{pipeline.Id} met {failure.GetType().Name}: {failure.Message}";
            }

            Interlocked.Add(ref _acknowledged, pipeline.Acknowledged);
            if (wrong is null)
            {
                Interlocked.Increment(ref _finished);
            }
            else
            {
                lock (_violations)
                {
                    _violations.Add(wrong);
                }
            }
        }
    }

    private async Task KillAsync(CancellationToken load)
    {
        try
        {
            while (true)
            {
                await Task.Delay(options.KillEvery, load).ConfigureAwait(false);
                int victim = _random.Next(_silos.Count);
                SiloProcess silo = _silos[victim];
                await silo.KillAsync().ConfigureAwait(false);
                var dead = Stopwatch.StartNew();
                _kills++;
                string host = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{silo.SiloPort}@%");
                long position = await CountAsync("SELECT next_position FROM bamboo_counters").ConfigureAwait(false);
                string held = await PrivatePostgres.QueryAsync<string>(
                    connectionString,
                    $"SELECT coalesce(string_agg(root::text, ','), '') FROM bamboo_pipelines WHERE awake AND host LIKE '{host}'").ConfigureAwait(false) ?? "";
                silo.Dispose();
                _silos[victim] = SiloProcess.Start(connectionString, options.Storage);
                if (held.Length > 0)
                {
                    await WaitForProgressAsync(held, host, position, dead, load).ConfigureAwait(false);
                }

                await _silos[victim].ReadyAsync(load).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (load.IsCancellationRequested)
        {
        }
    }

    // That of one that another silo has taken over, not what others still delivered.
    private async Task WaitForProgressAsync(string held, string host, long position, Stopwatch dead, CancellationToken load)
    {
        while (await CountAsync(
            $"""
            SELECT count(*) FROM bamboo_journal j JOIN bamboo_pipelines p USING (root)
            WHERE j.position >= {position} AND j.root IN ({held}) AND p.host NOT LIKE '{host}'
            """).ConfigureAwait(false) == 0)
        {
            await Task.Delay(100, load).ConfigureAwait(false);
        }

        _gaps.Add(dead.Elapsed);
        await SayAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"killed a silo with {held.Split(',').Length} pipelines; one goes on after {dead.Elapsed.TotalSeconds:F1} s; {_finished} finished so far"))
            .ConfigureAwait(false);
    }

    private async Task<long> CountAsync(string query) =>
        await PrivatePostgres.QueryAsync<long>(connectionString, query).ConfigureAwait(false);

    private async Task CheckAsync()
    {
        long taken = await CountAsync("SELECT count(*) FROM bamboo_pipelines").ConfigureAwait(false);
        if (taken != _started)
        {
            _violations.Add($"{_started} pipelines were submitted, and there are {taken}");
        }

        foreach ((string what, string query) in new[]
        {
            ("pipelines are not FINISHED in lists", "SELECT count(*) FROM bamboo_pipelines WHERE state <> 'FINISHED' OR archived IS NULL"),
            ("tokens are left", "SELECT count(*) FROM bamboo_tokens"),
            ("timers are left", "SELECT count(*) FROM bamboo_timers"),
            ("reminders more than the one there may be", "SELECT greatest(count(*) - 1, 0) FROM orleans_reminder"),
        })
        {
            if (await CountAsync(query).ConfigureAwait(false) is > 0 and long count)
            {
                _violations.Add($"{count} {what}");
            }
        }

        for (var clock = Stopwatch.StartNew(); await CountAsync("SELECT count(*) FROM bamboo_pipelines WHERE awake").ConfigureAwait(false) > 0;)
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(30))
            {
                _violations.Add("finished pipelines are awake");
                break;
            }

            await Task.Delay(200).ConfigureAwait(false);
        }

        PostgresClusterStore store = await PostgresClusterStore.OpenAsync(connectionString, states: null).ConfigureAwait(false);
        await using (store.ConfigureAwait(false))
        {
            await CheckJournalAsync(store).ConfigureAwait(false);
        }
    }

    // An attempt ends once; a pipeline begins once and ends once; positions have no gap.
    private async Task CheckJournalAsync(PostgresClusterStore store)
    {
        var attempts = new Dictionary<string, (int Started, int Ended)>(StringComparer.Ordinal);
        long next = 1;
        while (await store.ReadJournalAsync(next, null, 2000, CancellationToken.None).ConfigureAwait(false) is { Count: > 0 } rows)
        {
            foreach (JournalRow row in rows)
            {
                if (row.Position != next)
                {
                    _violations.Add($"the journal has a gap from {next} to {row.Position}");
                }

                next = row.Position + row.Turns;
                foreach (JournalTurn turn in JournalRows.Turns(row))
                {
                    foreach (MapValue fact in turn.Events.OfType<MapValue>())
                    {
                        Count(attempts, turn.MachineId, ((TextValue)fact["event"]).Value);
                    }
                }
            }
        }
    }

    private void Count(Dictionary<string, (int Started, int Ended)> attempts, string machine, string fact)
    {
        (int started, int ended) = attempts.GetValueOrDefault(machine);
        switch (fact)
        {
            case "node-started" or "node-retried" or "node-skipped" or "pipeline-started":
                attempts[machine] = (started + 1, ended);
                if (fact == "pipeline-started" && started > 0)
                {
                    _violations.Add($"{machine} began twice");
                }

                break;
            case "node-finished" or "node-failed" or "pipeline-finished":
                attempts[machine] = (started, ended + 1);
                if (ended + 1 > started)
                {
                    _violations.Add($"{machine} ended {ended + 1} times and began {started} times");
                }

                break;
        }
    }
}
