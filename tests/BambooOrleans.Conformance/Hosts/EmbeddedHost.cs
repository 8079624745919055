using BambooOrleans.Embedded;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;

namespace BambooOrleans.Conformance.Hosts;

/// <summary>The engine in this process.</summary>
public sealed class EmbeddedHost : IConformanceHost
{
    private string? _directory;
    private EmbeddedEngine? _engine;

    /// <inheritdoc/>
    public async Task<IBambooEngine> StartAsync(EngineSettings settings)
    {
        var options = new EmbeddedEngineOptions
        {
            Registry = new ComponentRegistry().AddAssembly(typeof(EmbeddedHost).Assembly),
            Settings = settings.ToEngine(),
        };
        return _engine = await EmbeddedEngine.OpenAsync(CreateStore(settings.Store), options);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        if (_directory is not null)
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private IEngineStore CreateStore(StoreKind kind)
    {
        if (kind == StoreKind.Memory)
        {
            return new MemoryStore();
        }

        _directory = Directory.CreateTempSubdirectory("bamboo-conformance-").FullName;
        return new SqliteStore(new SqliteStoreOptions { Path = Path.Combine(_directory, "bamboo.db") });
    }
}
