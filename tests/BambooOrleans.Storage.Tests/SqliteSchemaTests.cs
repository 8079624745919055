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
}
