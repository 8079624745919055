using BambooOrleans.TestPostgres;

namespace BambooOrleans.Storage.Tests;

public sealed class PostgresMigrationsTests : IAsyncLifetime
{
    private static readonly MigrationScript First = new("0001_first", "CREATE TABLE first (id int); INSERT INTO first VALUES (1);");
    private static readonly MigrationScript Second = new("0002_second", "INSERT INTO first VALUES (2);");

    private string _database = null!;

    public async Task InitializeAsync()
    {
        if (PrivatePostgres.WhyNotAvailable is null)
        {
            _database = await (await PrivatePostgres.SharedAsync()).CreateDatabaseAsync();
        }
    }

    public async Task DisposeAsync()
    {
        if (_database is not null)
        {
            await (await PrivatePostgres.SharedAsync()).DropDatabaseAsync(_database);
        }
    }

    [PostgresFact]
    public async Task Each_script_is_applied_once_in_order()
    {
        Assert.Equal(["0001_first"], await PostgresMigrations.ApplyAsync(_database, "mine", [First]));
        Assert.Equal(["0002_second"], await PostgresMigrations.ApplyAsync(_database, "mine", [First, Second]));
        Assert.Empty(await PostgresMigrations.ApplyAsync(_database, "mine", [First, Second]));

        Assert.Equal(2, await PrivatePostgres.QueryAsync<long>(_database, "SELECT count(*) FROM first"));
    }

    [PostgresFact]
    public async Task Programs_that_migrate_at_the_same_time_take_turns()
    {
        IReadOnlyList<string>[] applied = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(
            () => PostgresMigrations.ApplyAsync(_database, "mine", [First, Second]))));

        Assert.Single(applied, names => names.Count == 2);
        Assert.Equal(2, await PrivatePostgres.QueryAsync<long>(_database, "SELECT count(*) FROM first"));
    }

    [PostgresFact]
    public async Task Sets_of_one_database_do_not_know_each_other()
    {
        await PostgresMigrations.ApplyAsync(_database, "mine", [First]);
        await PostgresMigrations.ApplyAsync(_database, PostgresMigrations.EngineSet, PostgresMigrations.EngineScripts);

        Assert.Equal(["0001_first"], await PostgresMigrations.ApplyAsync(_database, "theirs", [First with { Text = "SELECT 1" }]));
    }

    [PostgresFact]
    public async Task A_script_that_fails_is_named_and_leaves_nothing_behind()
    {
        StoreUnavailableException failure = await Assert.ThrowsAsync<StoreUnavailableException>(
            () => PostgresMigrations.ApplyAsync(_database, "mine", [First, new MigrationScript("0002_broken", "INSERT INTO nowhere VALUES (1)")]));

        Assert.Equal("store.unavailable", failure.Code);
        Assert.Contains("0002_broken", failure.Message);
        Assert.Contains("nowhere", failure.Message);
        Assert.Equal(["0001_first"], await PostgresMigrations.ApplyAsync(_database, "mine", [First]));
    }

    [PostgresFact]
    public async Task A_script_that_is_not_known_is_of_a_newer_program()
    {
        await PostgresMigrations.ApplyAsync(_database, "mine", [First, Second]);

        StoreUnavailableException refusal =
            await Assert.ThrowsAsync<StoreUnavailableException>(() => PostgresMigrations.ApplyAsync(_database, "mine", [First]));

        Assert.Equal("store.newer-schema", refusal.Code);
        Assert.Contains("0002_second", refusal.Message);
    }

    [Fact]
    public void The_engines_scripts_are_numbered_without_a_gap() => Assert.Equal(
        Enumerable.Range(1, PostgresMigrations.EngineScripts.Count),
        PostgresMigrations.EngineScripts.Select(script => int.Parse(script.Name[..4])));
}
