using BambooOrleans.Embedded;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;

namespace BambooOrleans.Conformance.Hosts;

/// <summary>The engine in this process.</summary>
public sealed class EmbeddedHost : IConformanceHost
{
    private string? _directory;
    private string? _database;
    private EmbeddedEngine? _engine;

    /// <summary>The engine, once it is started.</summary>
    public EmbeddedEngine Engine => _engine ?? throw new InvalidOperationException("the engine is not started");

    /// <inheritdoc/>
    public async Task<IBambooEngine> StartAsync(EngineSettings settings)
    {
        var options = new EmbeddedEngineOptions
        {
            Registry = new ComponentRegistry().AddAssembly(typeof(EmbeddedHost).Assembly),
            Settings = settings.ToEngine(),
        };
        return _engine = await EmbeddedEngine.OpenAsync(await CreateStoreAsync(settings.Store), options);
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

        if (_database is not null)
        {
            await (await PrivatePostgres.SharedAsync()).DropDatabaseAsync(_database);
        }
    }

    private async Task<IEngineStore> CreateStoreAsync(StoreKind kind)
    {
        switch (kind)
        {
            case StoreKind.Sqlite:
                _directory = Directory.CreateTempSubdirectory("bamboo-conformance-").FullName;
                return new SqliteStore(new SqliteStoreOptions { Path = Path.Combine(_directory, "bamboo.db") });
            case StoreKind.Postgres:
                _database = await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();
                return new PostgresStore(new PostgresStoreOptions { ConnectionString = _database });
            default:
                return new MemoryStore();
        }
    }
}
