using BambooOrleans.Cluster;
using BambooOrleans.Core;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Storage;
using BambooOrleans.TestSilos;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;
using Orleans.TestingHost;

namespace BambooOrleans.Cluster.Tests.Faults;

/// <summary>A cluster that runs a workbench's components, whose storage goes as a script says, and whose silos die at once.</summary>
internal sealed class ScriptedSilos : IAsyncDisposable
{
    private readonly List<Task> _ending = [];
    private SilosInProcess _silos = null!;

    public StorageScript Script { get; } = new();

    public Workbench Bench { get; } = new();

    public SilosInProcess Silos => _silos;

    public InProcessTestCluster Cluster => _silos.Cluster;

    public IBambooEngine Engine => _silos.Engine;

    public IClusterStore Store => _silos.Store;

    public static async Task<ScriptedSilos> StartAsync(
        StorageKind storage, short silos, Func<BambooSiloOptions, BambooSiloOptions>? change = null, Action<ISiloBuilder>? configure = null)
    {
        var started = new ScriptedSilos();
        var options = new BambooSiloOptions { Registry = Workbench.Registry, CloseTimeLimit = TimeSpan.Zero };
        started._silos = await SilosInProcess.StartAsync(
            silos,
            change is null ? options : change(options),
            silo =>
            {
                started.Configure(silo.Services);
                configure?.Invoke(silo);
            },
            storage);
        return started;
    }

    public IServiceProvider ServicesOf(InProcessSiloHandle silo) => Cluster.GetSiloServiceProvider(silo.SiloAddress);

    /// <summary>Kills a silo: from now on nothing of it reaches storage. The others find out by themselves.</summary>
    public void Kill(InProcessSiloHandle silo)
    {
        ServicesOf(silo).GetRequiredService<Lifeline>().Cut();
        InProcessTestCluster cluster = Cluster;
        _ending.Add(Task.Run(() => cluster.KillSiloAsync(silo)));
    }

    /// <summary>Kills all silos and starts new ones on the same database.</summary>
    public async Task ReplaceAllAsync(short silos)
    {
        foreach (InProcessSiloHandle silo in Cluster.Silos)
        {
            ServicesOf(silo).GetRequiredService<Lifeline>().Cut();
        }

        await _silos.ReplaceAllAsync(silos);
    }

    /// <summary>The silo on which a grain is active; null for none.</summary>
    public async Task<InProcessSiloHandle?> FindAsync<T>(string key)
        where T : IGrainWithStringKey
    {
        GrainId id = Cluster.Client.GetGrain<T>(key).GetGrainId();
        SiloAddress? address = await Cluster.Client.GetGrain<IManagementGrain>(0).GetActivationAddress(
            Cluster.Client.GetGrain<T>(key));
        return Cluster.Silos.FirstOrDefault(silo => silo.SiloAddress.Equals(address)) ?? (address is null
            ? null
            : throw new InvalidOperationException($"{id} is on {address}, which is no silo of the cluster"));
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_ending);
        await _silos.DisposeAsync();
    }

    private void Configure(IServiceCollection services)
    {
        var lifeline = new Lifeline();
        services.AddSingleton(lifeline);
        services.AddSingleton(Bench);
        ServiceDescriptor tables = services.Single(service => service.ServiceType == typeof(IClusterStore));
        services.Remove(tables);
        services.AddSingleton<IClusterStore>(new ScriptedClusterStore((IClusterStore)tables.ImplementationInstance!, Script, lifeline));
        ServiceDescriptor storage = services.Single(service =>
            service.ServiceType == typeof(IGrainStorage) && Equals(service.ServiceKey, BambooProviders.StorageName));
        services.Remove(storage);
        services.AddKeyedSingleton<IGrainStorage>(BambooProviders.StorageName, (provider, key) =>
        {
            var inner = (IGrainStorage)(storage.KeyedImplementationFactory?.Invoke(provider, key)
                ?? ActivatorUtilities.CreateInstance(provider, storage.KeyedImplementationType!));
            return inner is ITableStorage ? new ScriptedTableStorage(inner, Script, lifeline) : new ScriptedGrainStorage(inner, Script, lifeline);
        });
    }
}
