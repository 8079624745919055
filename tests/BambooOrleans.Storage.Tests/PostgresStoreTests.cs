using BambooOrleans.TestPostgres;
using Npgsql;
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

    protected override async Task<IReadOnlyList<string>> TablesWithAsync(long root)
    {
        await using NpgsqlConnection connection = new(_database);
        await connection.OpenAsync();
        List<string> tables = [];
        await using (NpgsqlCommand query = new(
            "SELECT table_name::text FROM information_schema.columns WHERE column_name = 'root' AND table_schema = current_schema() AND table_name LIKE 'bamboo%'", connection))
        await using (NpgsqlDataReader reader = await query.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }

        Assert.True(tables.Count >= 14, string.Join(' ', tables));
        List<string> found = [];
        foreach (string table in tables)
        {
            await using NpgsqlCommand count = new($"SELECT EXISTS (SELECT FROM {table} WHERE root = {root})", connection);
            if ((bool)(await count.ExecuteScalarAsync())!)
            {
                found.Add(table);
            }
        }

        return found;
    }

    private static PostgresStore At(string connectionString) => new(new PostgresStoreOptions { ConnectionString = connectionString });
}
