using BambooOrleans.Cluster;
using BambooOrleans.Core;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;

namespace BambooOrleans.TestSilos;

/// <summary>A cluster of silos in this process on a PostgreSQL database of its own, and the Engine API of a client of it.</summary>
public sealed class SilosInProcess : IAsyncDisposable
{
    private const int ResetMilliseconds = 3000;

    private readonly List<IClusterStore> _stores = [];
    private readonly PrivatePostgres _server;
    private readonly string _serviceId = $"service-{Guid.NewGuid():N}";
    private readonly BambooSiloOptions _options;
    private readonly Action<ISiloBuilder>? _configure;
    private readonly StorageKind _storage;
    private readonly bool _keepsDatabase;
    private InProcessTestCluster _cluster = null!;

    private SilosInProcess(
        PrivatePostgres server, string connectionString, bool keepsDatabase, BambooSiloOptions options, Action<ISiloBuilder>? configure, StorageKind storage)
    {
        _server = server;
        _keepsDatabase = keepsDatabase;
        ConnectionString = connectionString;
        _options = options with { WakeScanPeriod = TimeSpan.FromSeconds(1) };
        _configure = configure;
        _storage = storage;
    }

    public string ConnectionString { get; }

    public InProcessTestCluster Cluster => _cluster;

    public IBambooEngine Engine => BambooClient.Over(_cluster.Client);

    /// <summary>The tables, read beside the silos.</summary>
    public IClusterStore Store => _stores[0];

    /// <summary>Starts a cluster, on a database that is given and is there after it, or on one of its own.</summary>
    public static async Task<SilosInProcess> StartAsync(
        short silos = 2,
        BambooSiloOptions? options = null,
        Action<ISiloBuilder>? configure = null,
        StorageKind storage = StorageKind.AdoNet,
        string? database = null)
    {
        PrivatePostgres server = await PrivatePostgres.SharedAsync();
        // Many clusters share one server, and a silo of a test has little to do.
        string connectionString = (database ?? await server.CreateDatabaseAsync()) + ";Maximum Pool Size=5";
        await PostgresMigrations.ApplyAsync(connectionString, OrleansSchema.Set, OrleansSchema.Scripts, CancellationToken.None);
        var started = new SilosInProcess(
            server, connectionString, database is not null, options ?? new BambooSiloOptions(), configure, storage);
        started._stores.Add(await PostgresClusterStore.OpenAsync(connectionString, states: null));
        await started.DeployAsync(silos);
        return started;
    }

    /// <summary>Kills every silo, and starts a new cluster on what they left in the database.</summary>
    public async Task ReplaceAllAsync(short silos)
    {
        InProcessTestCluster old = _cluster;
        foreach (InProcessSiloHandle silo in old.Silos.ToList())
        {
            await old.KillSiloAsync(silo);
        }

        await old.DisposeAsync();
        await DeployAsync(silos);
    }

    /// <summary>Forgets every pipeline, so that ids can be used again.</summary>
    /// <returns>Whether that was possible: false where user code or grains would not come to rest.</returns>
    public async Task<bool> TryResetAsync()
    {
        IManagementGrain management = _cluster.Client.GetGrain<IManagementGrain>(0);
        for (long end = Environment.TickCount64 + ResetMilliseconds; Environment.TickCount64 < end; await Task.Delay(10))
        {
            if (_cluster.Silos.Any(silo => _cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<Executions>().RunningCount > 0))
            {
                continue;
            }

            await management.ForceActivationCollection(TimeSpan.Zero);
            SimpleGrainStatistic[] active = await management.GetSimpleGrainStatistics();
            if (!active.Any(grain => grain.GrainType.Contains(nameof(NodeGrain), StringComparison.Ordinal)
                || grain.GrainType.Contains(nameof(PipelineGrain), StringComparison.Ordinal)))
            {
                foreach (InProcessSiloHandle silo in _cluster.Silos)
                {
                    _cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<Definitions>().Clear();
                }

                await PrivatePostgres.ExecuteAsync(ConnectionString, """
                    TRUNCATE orleans_storage, bamboo_pipelines, bamboo_trees, bamboo_claims, bamboo_scopes, bamboo_tokens, bamboo_nodes,
                        bamboo_data, bamboo_context, bamboo_raw_inputs, bamboo_histories, bamboo_journal, bamboo_machines, bamboo_timers
                    """);
                return true;
            }
        }

        return false;
    }

    private async Task DeployAsync(short silos)
    {
        var builder = new InProcessTestClusterBuilder(silos);
        builder.Options.ServiceId = _serviceId;
        builder.ConfigureHost(host => host.Logging.SetMinimumLevel(LogLevel.Warning));
        builder.ConfigureSilo((_, silo) =>
        {
            // Each silo has a store of its own, as in processes of their own.
            IClusterStore store = PostgresClusterStore.OpenAsync(ConnectionString, _storage.ToClusterStates()).GetAwaiter().GetResult();
            _stores.Add(store);
            if (_storage == StorageKind.GroupCommit)
            {
                silo.AddGroupCommitStorage();
            }
            else
            {
                silo.AddAdoNetGrainStorage(BambooProviders.StorageName, adoNet =>
                {
                    adoNet.Invariant = "Npgsql";
                    adoNet.ConnectionString = PostgresConnectionString.Parse(ConnectionString);
                    adoNet.DeleteStateOnClear = true;
                    adoNet.GrainStorageSerializer = BambooSilo.CreateStorageSerializer();
                });
            }

            silo.UseAdoNetReminderService(reminders =>
            {
                reminders.Invariant = "Npgsql";
                reminders.ConnectionString = PostgresConnectionString.Parse(ConnectionString);
            });
            silo.Configure<ClusterMembershipOptions>(membership =>
            {
                membership.ProbeTimeout = TimeSpan.FromMilliseconds(500);
                membership.NumMissedProbesLimit = 2;
            });
            silo.AddBamboo(store, _options);
            _configure?.Invoke(silo);
        });
        _cluster = builder.Build();
        await _cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        foreach (IClusterStore store in _stores)
        {
            await store.DisposeAsync();
        }

        if (_keepsDatabase)
        {
            return;
        }

        try
        {
            await _server.DropDatabaseAsync(ConnectionString);
        }
        catch (System.Data.Common.DbException)
        {
            // On a busy machine it may take too long, and goes with its server.
        }
    }
}
