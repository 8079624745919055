using static BambooOrleans.Storage.Tests.Stored;

namespace BambooOrleans.Storage.Tests;

public sealed class SqliteStoreTests : EngineStoreCompliance
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TemporaryDirectory _directory = new();

    protected override IEngineStore Create() => At("engine.db");

    protected override IEngineStore AfterRestart(IEngineStore closed) => Create();

    protected override IEngineStore Rival(IEngineStore owner) => Create();

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }

    private SqliteStore At(string name) => new(new SqliteStoreOptions { Path = _directory.PathOf(name) });
}
