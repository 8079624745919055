using BambooOrleans.Cluster;
using BambooOrleans.Core;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.TestingHost;

namespace BambooOrleans.Cluster.Tests.Clusters;

/// <summary>A cluster of silos in this process on a PostgreSQL database of its own, and the Engine API of a client of it.</summary>
public sealed class TestSilos : IAsyncDisposable
{
    private readonly InProcessTestCluster _cluster;
    private readonly List<IClusterStore> _stores = [];
    private readonly PrivatePostgres _server;

    private TestSilos(PrivatePostgres server, string connectionString, InProcessTestCluster cluster)
    {
        _server = server;
        ConnectionString = connectionString;
        _cluster = cluster;
    }

    public string ConnectionString { get; }

    public InProcessTestCluster Cluster => _cluster;

    public IBambooEngine Engine => BambooClient.Over(_cluster.Client);

    /// <summary>The tables, read beside the silos.</summary>
    public IClusterStore Store => _stores[0];

    public static async Task<TestSilos> StartAsync(short silos = 2, BambooSiloOptions? options = null, Action<ISiloBuilder>? configure = null)
    {
        PrivatePostgres server = await PrivatePostgres.SharedAsync();
        string connectionString = await server.CreateDatabaseAsync();
        await PostgresMigrations.ApplyAsync(connectionString, OrleansSchema.Set, OrleansSchema.Scripts, CancellationToken.None);
        BambooSiloOptions given = (options ?? new BambooSiloOptions()) with { WakeScanPeriod = TimeSpan.FromSeconds(1) };
        var stores = new List<IClusterStore> { await PostgresClusterStore.OpenAsync(connectionString) };
        var builder = new InProcessTestClusterBuilder(silos);
        builder.ConfigureHost(host => host.Logging.SetMinimumLevel(LogLevel.Warning));
        builder.ConfigureSilo((_, silo) =>
        {
            // Each silo has a store of its own, as in processes of their own.
            IClusterStore store = PostgresClusterStore.OpenAsync(connectionString).GetAwaiter().GetResult();
            stores.Add(store);
            silo.AddAdoNetGrainStorage(BambooProviders.StorageName, storage =>
            {
                storage.Invariant = "Npgsql";
                storage.ConnectionString = PostgresConnectionString.Parse(connectionString);
                storage.GrainStorageSerializer = BambooSilo.CreateStorageSerializer();
            });
            silo.UseAdoNetReminderService(reminders =>
            {
                reminders.Invariant = "Npgsql";
                reminders.ConnectionString = PostgresConnectionString.Parse(connectionString);
            });
            silo.Configure<ClusterMembershipOptions>(membership =>
            {
                membership.ProbeTimeout = TimeSpan.FromMilliseconds(500);
                membership.NumMissedProbesLimit = 2;
            });
            silo.AddBamboo(store, given);
            configure?.Invoke(silo);
        });
        InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        var started = new TestSilos(server, connectionString, cluster);
        started._stores.AddRange(stores);
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        foreach (IClusterStore store in _stores)
        {
            await store.DisposeAsync();
        }

        await _server.DropDatabaseAsync(ConnectionString);
    }
}
