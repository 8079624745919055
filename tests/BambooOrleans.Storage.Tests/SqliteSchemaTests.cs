namespace BambooOrleans.Storage.Tests;

public sealed class SqliteSchemaTests : IDisposable
{
    private const string First =
        "CREATE TABLE schema (version INTEGER NOT NULL); INSERT INTO schema VALUES (0); CREATE TABLE kept (x TEXT); INSERT INTO kept VALUES ('old')";

    private const string Second = "ALTER TABLE kept ADD COLUMN y TEXT; UPDATE kept SET y = x || ' and new'";

    private readonly TemporaryDirectory _directory = new();
    private readonly SqliteDatabase _database;

    public SqliteSchemaTests() => _database = new SqliteDatabase(_directory.PathOf("engine.db"));

    public void Dispose()
    {
        _database.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void A_store_of_an_older_version_is_brought_forward_with_its_rows()
    {
        SqliteSchema.Migrate(_database, "engine.db", [First]);

        SqliteSchema.Migrate(_database, "engine.db", [First, Second]);

        Assert.Equal("2", _database.QueryText("SELECT version FROM schema"));
        Assert.Equal("old and new", _database.QueryText("SELECT y FROM kept"));
    }

    [Fact]
    public void A_store_of_this_version_is_left_alone()
    {
        SqliteSchema.Migrate(_database, "engine.db", [First]);
        SqliteSchema.Migrate(_database, "engine.db", [First]);

        Assert.Equal("1", _database.QueryText("SELECT count(*) FROM kept"));
    }

    [Fact]
    public void A_migration_that_fails_half_way_leaves_the_older_version()
    {
        SqliteSchema.Migrate(_database, "engine.db", [First]);

        Assert.Throws<SqliteFailure>(() => SqliteSchema.Migrate(_database, "engine.db", [First, Second, "NOT SQL"]));

        Assert.Equal("1", _database.QueryText("SELECT version FROM schema"));
        Assert.Equal("1", _database.QueryText("SELECT count(*) FROM pragma_table_info('kept')"));
        Assert.False(_database.InTransaction);
    }

    [Fact]
    public void Every_record_kind_has_its_table()
    {
        SqliteSchema.Migrate(_database, "engine.db", SqliteSchema.Migrations);

        Assert.All(TableNames.Records, table =>
            Assert.Equal("1", _database.QueryText($"SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '{table}'")));
    }

    [Fact]
    public void Pipelines_of_an_older_store_get_their_names_and_are_listed()
    {
        SqliteSchema.Migrate(_database, "engine.db", [.. SqliteSchema.Migrations.Take(2)]);
        _database.Execute("""
            INSERT INTO pipelines (root, root_id, state, created) VALUES
                (1, 'named', 'RUNNING', 5), (2, 'Nameless', 'FINISHED', 7), (3, 'other', 'RUNNING', 6), (4, 'none', 'RUNNING', 6);
            INSERT INTO trees (root, tree, options) VALUES
                (1, CAST('{"id": "named", "name": "Nightly"}' AS BLOB), x''), (2, CAST('{"id": "nameless"}' AS BLOB), x''),
                (3, CAST('{"name": {"a": 1}}' AS BLOB), x''), (4, x'00ff', x'');
            """);

        SqliteSchema.Migrate(_database, "engine.db", SqliteSchema.Migrations);

        using var reader = new SqliteReader(new SqliteDatabase(_directory.PathOf("engine.db")));
        Assert.Equal(
            [("Nameless", null), ("other", null), ("none", null), ("named", "Nightly")],
            reader.List(PipelineFilter.All, null, 10).Select(row => (row.RootId, row.Name)));
        Assert.Equal("named", Assert.Single(reader.List(new PipelineFilter { Text = "nightLY" }, null, 10)).RootId);
        Assert.Equal("Nameless", Assert.Single(reader.List(new PipelineFilter { Text = "NAMELESS" }, null, 10)).RootId);
    }

    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, true, false)]
    [InlineData(true, true, true)]
    [InlineData(false, true, true)]
    public void A_page_begins_at_its_place_in_an_index_and_sorts_nothing(bool hasStates, bool isLater, bool hasTimes)
    {
        SqliteSchema.Migrate(_database, "engine.db", SqliteSchema.Migrations);
        var filter = new PipelineFilter
        {
            States = hasStates ? new HashSet<NodeStateName> { NodeStateName.Running } : null,
            CreatedFrom = hasTimes ? Stored.Noon : null,
            CreatedBefore = hasTimes ? Stored.Noon.AddDays(1) : null,
        };
        PipelineQuery query = PipelineQuery.Page(
            QueryDialect.Sqlite, filter, isLater ? new PipelinePosition(Stored.Noon, "x") : null, 50)!;

        using SqliteStatement plan = _database.Prepare($"EXPLAIN QUERY PLAN {query.Sql}");
        List<string> steps = [];
        while (plan.Step())
        {
            steps.Add(plan.Text(3));
        }

        plan.Reset();
        string step = Assert.Single(steps);
        Assert.Contains(hasStates ? "pipelines_of_state" : "pipelines_by_time", step);
        Assert.Equal(hasStates, step.Contains("state=?", StringComparison.Ordinal));
        Assert.Equal(isLater, step.Contains("(created,root_id)<(?,?)", StringComparison.Ordinal));
        Assert.Equal(hasTimes, step.Contains("created>?", StringComparison.Ordinal));
    }
}
