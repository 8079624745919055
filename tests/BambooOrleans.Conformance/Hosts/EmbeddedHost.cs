using BambooOrleans.Core;
using BambooOrleans.Core.Expressions;
using BambooOrleans.Embedded;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;

namespace BambooOrleans.Conformance.Hosts;

/// <summary>The engine in this process.</summary>
public sealed class EmbeddedHost : IConformanceHost
{
    private string? _directory;
    private EmbeddedEngine? _engine;

    /// <summary>The engine, once it is started.</summary>
    public EmbeddedEngine Engine => _engine ?? throw new InvalidOperationException("the engine is not started");

    /// <inheritdoc/>
    public async Task<IBambooEngine> StartAsync(EngineSettings settings)
    {
        var options = new EmbeddedEngineOptions
        {
            Registry = new ComponentRegistry().AddAssembly(typeof(EmbeddedHost).Assembly),
            Settings = new Core.EngineSettings
            {
                NodeRerunLimit = settings.NodeRerunLimit,
                ExclusiveGatewayStrategy = settings.ExclusiveGatewaysTakeFirst
                    ? ExclusiveGatewayStrategy.First
                    : ExclusiveGatewayStrategy.Only,
                RerunIndexOffset = settings.RerunIndexOffset,
                Expressions = new ExpressionOptions { RenderNestedIndexes = settings.RenderNestedIndexes },
            },
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
