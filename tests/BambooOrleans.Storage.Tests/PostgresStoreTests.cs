using BambooOrleans.TestPostgres;
using Npgsql;
using static BambooOrleans.Storage.Tests.Stored;

namespace BambooOrleans.Storage.Tests;

public sealed class PostgresStoreTests : EngineStoreCompliance, INeedsPostgres
{
    private static readonly CancellationToken None = CancellationToken.None;

    private PrivatePostgres _server = null!;
    private string _database = null!;

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

    [PostgresFact]
    public async Task The_refusal_of_a_second_engine_names_the_database()
    {
        await using PostgresStore rival = At(_database);

        StoreUnavailableException refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => rival.OpenAsync(None));

        Assert.Contains(new NpgsqlConnectionStringBuilder(_database).Database!, refusal.Message);
    }

    [PostgresFact]
    public async Task A_store_that_lost_its_session_goes_on_where_nobody_took_its_place()
    {
        await Commit(Pipeline(1, "root"), Turns(1, 1, 2));
        await CutOffAsync();

        await AssertFails("store.outcome-unknown", () => Commit(Record(1, "a", "lost"), Turns(1, 3)));
        await AssertFails("store.refused", () => Commit(Record(1, "a", "lost"), Turns(1, 3)));
        Assert.Equal(new StoreOpening(2, 3), await Store.ReopenAsync(None));

        await Commit(Record(1, "a", "kept"), Turns(1, 3));
        Assert.Equal("kept", Text(Assert.Single((await Load("root")).Records).Payload));
    }

    [PostgresFact]
    public async Task A_store_that_lost_its_lease_to_another_cannot_write_and_does_not_get_it_back()
    {
        await Commit(Pipeline(1, "root"));
        await CutOffAsync();
        PostgresStore next = At(_database);
        await next.OpenAsync(None);

        await AssertFails("store.outcome-unknown", () => Commit(Record(1, "a", "late")));
        await AssertFails("store.in-use", () => Store.ReopenAsync(None));
        await AssertFails("store.refused", () => Commit(Record(1, "a", "late")));
        await next.CommitAsync(Batch(Record(1, "a", "next")), None);
        await next.DisposeAsync();

        // The other is gone, but what it wrote this engine does not know.
        await AssertFails("store.in-use", () => Store.ReopenAsync(None));
        Assert.Equal("next", Text(Assert.Single((await Load("root")).Records).Payload));
    }

    [PostgresFact]
    public async Task A_session_that_outlived_its_lease_is_refused_by_the_epoch()
    {
        await Commit(Pipeline(1, "root"), Turns(1, 1));
        await PrivatePostgres.ExecuteAsync(_database, "UPDATE bamboo_counters SET owner_epoch = owner_epoch + 1, owner = 'another'");

        await AssertRefused(Record(1, "a", "late"), Turns(1, 2));

        Assert.Empty((await Load("root")).Records);
        Assert.Single(await Store.ReadJournalAsync(0, null, 10, None));
        await AssertFails("store.in-use", () => Store.ReopenAsync(None));
    }

    [PostgresFact]
    public async Task A_commit_that_runs_keeps_the_epoch_from_being_taken_before_its_end()
    {
        await Commit(Pipeline(1, "root"));
        await PrivatePostgres.ExecuteAsync(
            _database,
            """
            CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock(1, 1); RETURN NULL; END $$;
            CREATE TRIGGER slow AFTER INSERT ON bamboo_journal EXECUTE FUNCTION slow();
            """);
        await using NpgsqlConnection gate = new(_database);
        await gate.OpenAsync();
        await RunAsync(gate, "SELECT pg_advisory_lock(1, 1)");
        Task commit = Commit(Turns(1, 1));
        await UntilWaiting(1);
        Task taking = PrivatePostgres.ExecuteAsync(_database, "UPDATE bamboo_counters SET owner_epoch = owner_epoch + 1");
        await UntilWaiting(2);

        Assert.False(taking.IsCompleted);
        await RunAsync(gate, "SELECT pg_advisory_unlock(1, 1)");
        await commit;
        await taking;
    }

    private async Task UntilWaiting(int sessions)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        while (await PrivatePostgres.QueryAsync<long>(_database, "SELECT count(*) FROM pg_locks WHERE NOT granted") < sessions)
        {
            await Task.Delay(5, patience.Token);
        }
    }

    [PostgresFact]
    public async Task A_failure_before_the_answer_leaves_the_outcome_open()
    {
        await Commit(Pipeline(1, "root"));
        await PrivatePostgres.ExecuteAsync(
            _database,
            """
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
            CREATE TRIGGER die AFTER INSERT ON bamboo_journal FOR EACH ROW WHEN (new.turns = 99) EXECUTE FUNCTION die();
            """);

        await AssertFails("store.outcome-unknown", () => Commit(Record(1, "a", "x"), Turns(1, 1, 99)));

        Assert.Equal(new StoreOpening(2, 1), await Store.ReopenAsync(None));
        Assert.Empty((await Load("root")).Records);
    }

    [PostgresFact]
    public async Task A_failure_of_the_commit_itself_is_known_to_have_written_nothing()
    {
        await Commit(Pipeline(1, "root"));
        await PrivatePostgres.ExecuteAsync(
            _database,
            """
            CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'spoilt at the end'; END $$;
            CREATE CONSTRAINT TRIGGER spoil AFTER INSERT ON bamboo_journal DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW WHEN (new.turns = 99) EXECUTE FUNCTION spoil();
            """);

        await AssertRefused(Record(1, "a", "x"), Turns(1, 1, 99));

        Assert.Empty((await Load("root")).Records);
        await Commit(Record(1, "a", "y"), Turns(1, 1));
    }

    [PostgresFact]
    public async Task Reads_go_on_when_the_pooled_connections_have_died()
    {
        await Commit(Pipeline(1, "root"));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Store.FindRootAsync("root", None)));
        await CutOffAsync();

        Assert.Equal("root", await Store.FindRootAsync("root", None));
    }

    [PostgresFact]
    public async Task Nothing_acknowledged_is_lost_when_the_server_is_killed_between_commits()
    {
        await using PrivatePostgres server = await PrivatePostgres.StartAsync();
        await using PostgresStore store = new(new PostgresStoreOptions
        {
            ConnectionString = server.ConnectionString, ReconnectTime = TimeSpan.FromMilliseconds(100),
        });
        await store.OpenAsync(None);
        await store.CommitAsync(Batch(Pipeline(1, "root")), None);
        for (int round = 1; round <= 3; round++)
        {
            await store.CommitAsync(Batch(Record(1, "a", $"{round}"), Turns(1, round)), None);
            await server.KillAsync();

            await AssertFails("store.outcome-unknown", () => store.CommitAsync(Batch(Record(1, "a", "lost")), None));
            await AssertFails("store.unavailable", () => store.ReopenAsync(None));
            await AssertFails("store.unavailable", () => store.LoadAsync("root", None));
            await server.RestartAsync();

            Assert.Equal(new StoreOpening(2, round + 1), await store.ReopenAsync(None));
            Assert.Equal($"{round}", Text(Assert.Single((await store.LoadAsync("root", None))!.Records).Payload));
        }
    }

    [PostgresFact]
    public async Task An_old_session_that_the_server_still_holds_is_ended_and_no_other_one()
    {
        await Store.DisposeAsync();
        await using PostgresDatabase database = new(_database);
        await using NpgsqlConnection old = await database.ConnectAsync(None);
        Assert.True(await PostgresDatabase.TryOwnAsync(old, alone: true, None));
        DateTime started = await PostgresDatabase.StartOfAsync(old, None);
        await using NpgsqlConnection next = await database.ConnectAsync(None);

        await PostgresDatabase.EndOwnerAsync(next, old.ProcessID, started.AddSeconds(-1), None);
        Assert.False(await PostgresDatabase.TryOwnAsync(next, alone: true, None));

        await PostgresDatabase.EndOwnerAsync(next, old.ProcessID, started, None);
        while (!await PostgresDatabase.TryOwnAsync(next, alone: true, None))
        {
            await Task.Delay(5);
        }
    }

    [PostgresFact]
    public async Task A_store_of_a_newer_version_is_refused()
    {
        await Store.DisposeAsync();
        await PrivatePostgres.ExecuteAsync(_database, "INSERT INTO bamboo_schema (set, script) VALUES ('engine', '9999_later')");

        await using PostgresStore store = At(_database);
        StoreUnavailableException refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.OpenAsync(None));

        Assert.Equal("store.newer-schema", refusal.Code);
        Assert.Contains("9999_later", refusal.Message);
    }

    [PostgresFact]
    public async Task A_database_that_is_not_there_is_named_and_no_password_told()
    {
        await using PostgresStore store = At(new NpgsqlConnectionStringBuilder(_database)
        {
            Database = "is_not_there", Password = "secret",
        }.ConnectionString);

        StoreUnavailableException refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.OpenAsync(None));

        Assert.Equal("store.unavailable", refusal.Code);
        Assert.Contains("is_not_there", refusal.Message);
        Assert.DoesNotContain("secret", refusal.ToString());
    }

    [PostgresFact]
    public async Task A_database_of_another_encoding_is_refused()
    {
        await PrivatePostgres.ExecuteAsync(
            _server.ConnectionString, "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        string ascii = new NpgsqlConnectionStringBuilder(_database) { Database = "ascii" }.ConnectionString;
        await using PostgresStore store = At(ascii);

        StoreUnavailableException refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.OpenAsync(None));

        Assert.Contains("SQL_ASCII", refusal.Message);
        await _server.DropDatabaseAsync(ascii);
    }

    [PostgresFact]
    public async Task A_store_needs_no_right_to_make_tables_once_they_are_there()
    {
        await Commit(Pipeline(1, "root"));
        await Store.DisposeAsync();
        await PrivatePostgres.ExecuteAsync(
            _database,
            """
            DROP ROLE IF EXISTS runner;
            CREATE ROLE runner LOGIN;
            GRANT SELECT ON bamboo_schema TO runner;
            GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO runner;
            GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO runner;
            """);

        await using PostgresStore store = At(new NpgsqlConnectionStringBuilder(_database) { Username = "runner" }.ConnectionString);
        await store.OpenAsync(None);
        await store.CommitAsync(Batch(Record(1, "a", "x"), Turns(1, 1)), None);

        Assert.Single((await store.LoadAsync("root", None))!.Records);
    }

    [PostgresFact]
    public async Task A_commit_waits_for_the_disk_whatever_the_role_has_set()
    {
        await Store.DisposeAsync();
        await PrivatePostgres.ExecuteAsync(
            _server.ConnectionString,
            $"ALTER DATABASE {new NpgsqlConnectionStringBuilder(_database).Database} SET synchronous_commit = off");
        await using PostgresDatabase database = new(_database);
        await using NpgsqlConnection session = await database.ConnectAsync(None);
        await using NpgsqlCommand show = new("SHOW synchronous_commit", session);

        Assert.Equal("on", await show.ExecuteScalarAsync());
    }

    private static PostgresStore At(string connectionString) => new(new PostgresStoreOptions
    {
        ConnectionString = connectionString, ReconnectTime = TimeSpan.FromSeconds(1),
    });

    private static async Task AssertFails(string code, Func<Task> call) =>
        Assert.Equal(code, (await Assert.ThrowsAsync<StoreUnavailableException>(call)).Code);

    private static async Task RunAsync(NpgsqlConnection connection, string sql)
    {
        await using NpgsqlCommand command = new(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Ends every session of the database on the server's side, and waits until they are gone.</summary>
    private async Task CutOffAsync()
    {
        string sessions = $"pg_stat_activity WHERE datname = '{new NpgsqlConnectionStringBuilder(_database).Database}'";
        await PrivatePostgres.ExecuteAsync(_server.ConnectionString, $"SELECT pg_terminate_backend(pid) FROM {sessions}");
        while (await PrivatePostgres.QueryAsync<long>(_server.ConnectionString, $"SELECT count(*) FROM {sessions}") > 0)
        {
            await Task.Delay(5);
        }
    }
}
