using System.Collections.Concurrent;
using BambooOrleans.Conformance.Hosts;
using BambooOrleans.Hosting;
using BambooOrleans.TestSilos;

namespace BambooOrleans.Cluster.Conformance;

/// <summary>A cluster for one scenario: one that another scenario has left clean, or a new one.</summary>
internal sealed class ClusterHost(ClusterPool pool, StorageKind storage) : IConformanceHost
{
    private EngineSettings? _settings;
    private SilosInProcess? _silos;

    public async Task<IBambooEngine> StartAsync(EngineSettings settings)
    {
        _settings = settings;
        _silos = await pool.TakeAsync(settings, storage);
        return _silos.Engine;
    }

    public async ValueTask DisposeAsync()
    {
        if (_silos is not null)
        {
            await pool.GiveBackAsync(_settings!, storage, _silos);
        }
    }
}

/// <summary>Clusters that are used by one scenario after the other, by the settings that they were started with.</summary>
internal sealed class ClusterPool : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(EngineSettings, StorageKind), ConcurrentBag<SilosInProcess>> _idle = new();

    public async Task<SilosInProcess> TakeAsync(EngineSettings settings, StorageKind storage) => IdleOf(settings, storage).TryTake(out SilosInProcess? idle)
        ? idle
        : await SilosInProcess.StartAsync(2, new BambooSiloOptions
        {
            Registry = new ComponentRegistry().AddAssembly(typeof(EmbeddedHost).Assembly),
            Settings = settings.ToEngine(),
        }, storage: storage);

    public async Task GiveBackAsync(EngineSettings settings, StorageKind storage, SilosInProcess silos)
    {
        if (await silos.TryResetAsync())
        {
            IdleOf(settings, storage).Add(silos);
        }
        else
        {
            await silos.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (SilosInProcess silos in _idle.Values.SelectMany(idle => idle))
        {
            await silos.DisposeAsync();
        }
    }

    private ConcurrentBag<SilosInProcess> IdleOf(EngineSettings settings, StorageKind storage) => _idle.GetOrAdd((settings, storage), _ => []);
}
