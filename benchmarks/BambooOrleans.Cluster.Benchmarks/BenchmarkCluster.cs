using System.Net;
using System.Net.Sockets;
using BambooOrleans.Cluster;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace BambooOrleans.Benchmarks;

/// <summary>Silos with the settings that silo.json has by default, on a PostgreSQL server of their own, and a client that calls over TCP.</summary>
internal sealed class BenchmarkCluster : IAsyncDisposable
{
    private readonly List<IHost> _hosts = [];
    private readonly List<IClusterStore> _stores = [];
    private PrivatePostgres _server = null!;

    public string ConnectionString { get; private set; } = "";

    public IBambooEngine Engine { get; private set; } = null!;

    public IClusterClient Client { get; private set; } = null!;

    public ExecutionTimes Executions { get; } = new();

    public static async Task<BenchmarkCluster> StartAsync(int silos, StorageKind storage)
    {
        var cluster = new BenchmarkCluster { _server = await PrivatePostgres.StartAsync().ConfigureAwait(false) };
        cluster.ConnectionString = await cluster._server.CreateDatabaseAsync().ConfigureAwait(false);
        string tuned = PostgresConnectionString.Parse(cluster.ConnectionString);
        await PostgresMigrations.ApplyAsync(tuned, OrleansSchema.Set, OrleansSchema.Scripts, CancellationToken.None).ConfigureAwait(false);
        ClusterSettings settings = new()
        {
            ConnectionString = tuned,
            AdvertisedAddress = "127.0.0.1",
            Storage = new StorageSettings { Kind = storage },
        };
        for (int silo = 0; silo < silos; silo++)
        {
            IClusterStore store = await PostgresClusterStore.OpenAsync(tuned, storage.ToClusterStates()).ConfigureAwait(false);
            cluster._stores.Add(store);
            HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
            builder.Services.AddSingleton(cluster.Executions);
            builder.UseOrleans(orleans =>
            {
                orleans.AddBamboo(
                    settings with { SiloName = $"silo-{silo}", SiloPort = FreePort(), GatewayPort = FreePort() },
                    new ComponentRegistry().Add<NoOp>().Add<Wait>(),
                    store);

                // What is compared with: always the storage that Orleans itself has.
                orleans.AddAdoNetGrainStorage(RawGrain.StorageName, adoNet =>
                {
                    adoNet.Invariant = "Npgsql";
                    adoNet.ConnectionString = tuned;
                    adoNet.GrainStorageSerializer = BambooSilo.CreateStorageSerializer();
                });
            });
            cluster._hosts.Add(await StartedAsync(builder).ConfigureAwait(false));
        }

        HostApplicationBuilder client = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        client.UseOrleansClient(orleans => orleans.UseBambooClustering(settings));
        client.Services.AddBambooClient();
        IHost caller = await StartedAsync(client).ConfigureAwait(false);
        cluster._hosts.Add(caller);
        cluster.Engine = caller.Services.GetRequiredService<IBambooEngine>();
        cluster.Client = caller.Services.GetRequiredService<IClusterClient>();
        return cluster;
    }

    /// <summary>Rows inserted, updated and deleted since the server started, by table.</summary>
    public async Task<Dictionary<string, long>> RowsWrittenAsync()
    {
        // What idle sessions have counted reaches the view up to ten seconds later.
        await Task.Delay(TimeSpan.FromSeconds(11)).ConfigureAwait(false);
        string? rows = await PrivatePostgres.QueryAsync<string>(
            ConnectionString,
            "SELECT string_agg(relname || '=' || n_tup_ins + n_tup_upd + n_tup_del, ';') FROM pg_stat_user_tables").ConfigureAwait(false);
        return (rows ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(table => table.Split('='))
            .ToDictionary(table => table[0], table => long.Parse(table[1], System.Globalization.CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IHost host in Enumerable.Reverse(_hosts))
        {
            await host.StopAsync().ConfigureAwait(false);
            host.Dispose();
        }

        foreach (IClusterStore store in _stores)
        {
            await store.DisposeAsync().ConfigureAwait(false);
        }

        await _server.DisposeAsync().ConfigureAwait(false);
    }

    private static async Task<IHost> StartedAsync(HostApplicationBuilder builder)
    {
        IHost host = builder.Build();
        await host.StartAsync().ConfigureAwait(false);
        return host;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
