using BambooOrleans.TestPostgres;
using static BambooOrleans.Storage.Tests.Stored;

namespace BambooOrleans.Storage.Tests;

public sealed class PostgresStoreTests : EngineStoreCompliance, INeedsPostgres
{
    private static readonly CancellationToken None = CancellationToken.None;

    private PrivatePostgres _server = null!;
    private string _database = null!;

    private PostgresStore Postgres => (PostgresStore)Store;

    public override async Task InitializeAsync()
    {
        _server = await PrivatePostgres.SharedAsync();
        _database = await _server.CreateDatabaseAsync();
        await base.InitializeAsync();
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _server.DropDatabaseAsync(_database);
    }

    protected override IEngineStore Create() => At(_database);

    protected override IEngineStore AfterRestart(IEngineStore closed) => Create();

    protected override IEngineStore Rival(IEngineStore owner) => Create();

    private static PostgresStore At(string connectionString) => new(new PostgresStoreOptions { ConnectionString = connectionString });
}
