using System.Diagnostics;
using static BambooOrleans.Storage.Tests.Stored;

namespace BambooOrleans.Storage.Tests;

public sealed class SqliteStoreTests : EngineStoreCompliance
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly TemporaryDirectory _directory = new();

    private string EnginePath => _directory.PathOf("engine.db");

    protected override IEngineStore Create() => At(EnginePath);

    protected override IEngineStore AfterRestart(IEngineStore closed) => Create();

    protected override IEngineStore Rival(IEngineStore owner) => Create();

    protected override Task<IReadOnlyList<string>> TablesWithAsync(long root)
    {
        using SqliteDatabase database = new(EnginePath);
        string[] tables = database.QueryText(
            """
            SELECT group_concat(t.name, ' ') FROM sqlite_schema t
            WHERE t.type = 'table' AND EXISTS (SELECT 1 FROM pragma_table_info(t.name) WHERE name = 'root')
            """)!.Split(' ');
        Assert.True(tables.Length >= 11, string.Join(' ', tables));
        return Task.FromResult<IReadOnlyList<string>>(
            [.. tables.Where(table => database.QueryText($"SELECT EXISTS (SELECT 1 FROM {table} WHERE root = {root})") == "1")]);
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(SqliteSynchronous.Full, "2")]
    [InlineData(SqliteSynchronous.Normal, "1")]
    public async Task A_commit_is_as_durable_as_was_asked_for(SqliteSynchronous synchronous, string expected)
    {
        await using SqliteStore store = new(new SqliteStoreOptions { Path = _directory.PathOf("other.db"), Synchronous = synchronous });
        await store.OpenAsync(None);

        Assert.Equal(expected, store.WriterDatabase!.QueryText("PRAGMA synchronous"));
        Assert.Equal("wal", store.WriterDatabase.QueryText("PRAGMA journal_mode"));
        Assert.Equal("1", store.WriterDatabase.QueryText("PRAGMA foreign_keys"));
    }

    [Fact]
    public void Commits_are_fully_durable_unless_said_otherwise() =>
        Assert.Equal(SqliteSynchronous.Full, new SqliteStoreOptions { Path = "any" }.Synchronous);

    [Fact]
    public async Task The_refusal_of_a_second_engine_names_the_file() =>
        Assert.Contains(EnginePath, (await AssertCannotOpen(EnginePath, "store.in-use")).Message);

    [Fact]
    public async Task A_second_name_of_the_file_does_not_get_around_its_owner()
    {
        string link = _directory.PathOf("link.db");
        File.CreateSymbolicLink(link, EnginePath);

        await AssertCannotOpen(link, "store.in-use");
    }

    [Fact]
    public async Task The_lock_of_another_process_keeps_an_engine_out_until_that_process_is_killed()
    {
        if (!File.Exists("/usr/bin/flock"))
        {
            return; // util-linux gives the other process; elsewhere the rival in this process has to do
        }

        await Store.DisposeAsync();
        ProcessStartInfo start = new("/usr/bin/flock", ["--close", EnginePath + ".lock", "sh", "-c", "echo held; exec cat"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process owner = Process.Start(start)!;
        Assert.Equal("held", await owner.StandardOutput.ReadLineAsync());

        await AssertCannotOpen(EnginePath, "store.in-use");

        owner.Kill(entireProcessTree: true);
        await owner.WaitForExitAsync();
        await using SqliteStore store = At(EnginePath);
        await store.OpenAsync(None);
    }

    [Fact]
    public async Task A_failed_opening_gives_up_ownership()
    {
        string path = _directory.PathOf("notes.db");
        await File.WriteAllTextAsync(path, "these are notes");
        await AssertCannotOpen(path, "store.not-a-store");
        File.Delete(path);

        await using SqliteStore store = At(path);
        await store.OpenAsync(None);
    }

    [Theory]
    [InlineData("short")]
    [InlineData("a text that is longer than the header of a database would be, so that it is read as one: ................................")]
    public async Task A_file_that_is_no_database_is_refused_and_left_as_it_is(string content)
    {
        string path = _directory.PathOf("notes.db");
        await File.WriteAllTextAsync(path, content);

        await AssertCannotOpen(path, "store.not-a-store");

        Assert.Equal(content, await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task A_database_of_another_application_is_refused_and_left_as_it_is()
    {
        string path = _directory.PathOf("theirs.db");
        Change(path, "CREATE TABLE schema (version INTEGER); INSERT INTO schema VALUES (1)");
        byte[] before = await File.ReadAllBytesAsync(path);

        StoreUnavailableException refusal = await AssertCannotOpen(path, "store.not-a-store");

        Assert.Contains(path, refusal.Message);
        Assert.Equal(before, await File.ReadAllBytesAsync(path));
    }

    [Fact]
    public async Task An_empty_file_becomes_a_store()
    {
        string path = _directory.PathOf("empty.db");
        await File.WriteAllBytesAsync(path, []);

        await using SqliteStore store = At(path);

        Assert.Equal(new StoreOpening(1, 1), await store.OpenAsync(None));
    }

    [Fact]
    public async Task A_store_of_a_newer_version_is_refused()
    {
        await Commit(Pipeline(1, "root"));
        await Store.DisposeAsync();
        Change(EnginePath, "UPDATE schema SET version = version + 1");

        StoreUnavailableException refusal = await AssertCannotOpen(EnginePath, "store.newer-schema");

        Assert.Contains($"version {SqliteSchema.Migrations.Count + 1}", refusal.Message);
    }

    [Fact]
    public async Task A_store_says_what_it_is_in_the_header_of_its_file()
    {
        await Store.DisposeAsync();

        using SqliteDatabase database = new(EnginePath);

        Assert.Equal($"{SqliteSchema.ApplicationId}", database.QueryText("PRAGMA application_id"));
        Assert.Equal($"{SqliteSchema.Migrations.Count}", database.QueryText("SELECT version FROM schema"));
    }

    [Fact]
    public async Task Missing_directories_of_the_path_are_made()
    {
        await using SqliteStore store = At(_directory.PathOf("a/b/engine.db"));

        await store.OpenAsync(None);

        Assert.True(File.Exists(_directory.PathOf("a/b/engine.db")));
    }

    [Fact]
    public async Task A_path_that_cannot_be_opened_is_named()
    {
        await File.WriteAllTextAsync(_directory.PathOf("file"), "");
        string inFile = _directory.PathOf("file/engine.db");
        string directory = Directory.CreateDirectory(_directory.PathOf("directory")).FullName;

        Assert.Contains(inFile, (await AssertCannotOpen(inFile, "store.unavailable")).Message);
        Assert.Contains(directory, (await AssertCannotOpen(directory, "store.unavailable")).Message);
    }

    [Fact]
    public async Task A_store_is_opened_once()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.OpenAsync(None));
        await Store.DisposeAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Store.OpenAsync(None));
    }

    [Fact]
    public async Task A_full_disk_refuses_the_batch_and_leaves_a_usable_store()
    {
        SqliteDatabase writer = ((SqliteStore)Store).WriterDatabase!;
        await Commit(Pipeline(1, "root"), Record(1, "a", "before"), Turns(1, 1));
        string pages = writer.QueryText("PRAGMA page_count")!;
        writer.Execute($"PRAGMA max_page_count = {pages}");

        await AssertRefused(
            Record(1, "a", "after"), new RecordWrite(RecordKind.Data, 1, "large", new byte[1_000_000]), Turns(1, 2));

        Assert.Equal("before", Text(Assert.Single((await Load("root")).Records).Payload));
        writer.Execute("PRAGMA max_page_count = 1000000");
        await Commit(Record(1, "a", "after"), Turns(1, 2));
        Assert.Equal("after", Text(Assert.Single((await Load("root")).Records).Payload));
    }

    [Fact]
    public async Task A_failure_of_the_commit_itself_leaves_the_outcome_open_and_a_usable_store()
    {
        await Commit(Pipeline(1, "root"));
        ((SqliteStore)Store).WriterDatabase!.Execute(
            """
            CREATE TABLE parent (id INTEGER PRIMARY KEY);
            CREATE TABLE child (id INTEGER REFERENCES parent DEFERRABLE INITIALLY DEFERRED);
            CREATE TRIGGER spoil AFTER INSERT ON journal WHEN new.turns = 99 BEGIN INSERT INTO child VALUES (1); END;
            """);

        StoreUnavailableException failure =
            await Assert.ThrowsAsync<StoreUnavailableException>(() => Commit(Record(1, "a", "x"), Turns(1, 1, 99)));

        Assert.Equal("store.outcome-unknown", failure.Code);
        Assert.Empty((await Load("root")).Records);
        await Commit(Record(1, "a", "y"), Turns(1, 1));
        Assert.Equal("y", Text(Assert.Single((await Load("root")).Records).Payload));
    }

    [Fact]
    public async Task A_batch_that_cannot_be_read_is_rolled_back()
    {
        await Commit(Pipeline(1, "root"));

        await AssertRefused(Record(1, "a", "x"), new PipelineStatus(1, null!, null));

        Assert.Empty((await Load("root")).Records);
        await Commit(Record(1, "a", "x"));
    }

    [Fact]
    public async Task Another_programs_read_neither_waits_for_the_engine_nor_holds_it_up()
    {
        await Commit(Pipeline(1, "root"));
        using SqliteDatabase tool = new(EnginePath);
        tool.Execute("BEGIN");
        Assert.Equal("1", tool.QueryText("SELECT count(*) FROM pipelines"));

        await Commit(Pipeline(2, "other"));

        Assert.Equal("1", tool.QueryText("SELECT count(*) FROM pipelines"));
        tool.Execute("COMMIT");
        Assert.Equal("2", tool.QueryText("SELECT count(*) FROM pipelines"));
    }

    [Fact]
    public async Task More_reads_than_connections_take_turns()
    {
        await Commit(Pipeline(1, "root"));

        string?[] roots = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => Store.FindRootAsync("root", None))));

        Assert.All(roots, root => Assert.Equal("root", root));
    }

    [Theory]
    [InlineData("SELECT position FROM journal WHERE root = 1 AND position >= 5 ORDER BY position", "journal_by_root (root=? AND rowid>?)")]
    [InlineData("SELECT root_id FROM pipelines WHERE archived IS NULL ORDER BY root", "pipelines_unfinished")]
    [InlineData("SELECT payload FROM histories WHERE root = 1 AND node_id = 'a' ORDER BY sequence", "(root=? AND node_id=?)")]
    [InlineData("SELECT key, payload FROM nodes WHERE root = 1 ORDER BY key", "(root=?)")]
    public void Reads_search_by_an_index(string sql, string expected)
    {
        using SqliteStatement plan = new(((SqliteStore)Store).WriterDatabase!, $"EXPLAIN QUERY PLAN {sql}", keep: false);

        Assert.True(plan.Step());
        Assert.Contains(expected, plan.Text(3));
        Assert.False(plan.Step()); // one step: nothing is sorted
    }

    private static SqliteStore At(string path) => new(new SqliteStoreOptions { Path = path });

    private static async Task<StoreUnavailableException> AssertCannotOpen(string path, string code)
    {
        await using SqliteStore store = At(path);
        StoreUnavailableException refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.OpenAsync(None));
        Assert.Equal(code, refusal.Code);
        return refusal;
    }

    private static void Change(string path, string sql)
    {
        using SqliteDatabase database = new(path);
        database.Execute(sql);
    }
}
