using Npgsql;

namespace BambooOrleans.Storage.Tests;

public sealed class PostgresConnectionStringTests
{
    [Theory]
    [InlineData("postgresql://host/db", true)]
    [InlineData("postgres://host/db", true)]
    [InlineData("POSTGRES://host/db", true)]
    [InlineData("host=h;database=d", true)]
    [InlineData(" Host=h", true)]
    [InlineData("bamboo.db", false)]
    [InlineData("postgres.db", false)]
    [InlineData("", false)]
    public void A_file_is_told_from_a_database(string text, bool expected) =>
        Assert.Equal(expected, PostgresConnectionString.IsPostgres(text));

    [Fact]
    public void A_url_says_what_the_other_form_says()
    {
        NpgsqlConnectionStringBuilder read = Read("postgresql://a%40b:p%3Aw%2F@db.example:6432/my%20db?sslmode=require&application_name=mine");

        Assert.Equal(
            ("db.example", 6432, "my db", "a@b", "p:w/", SslMode.Require, "mine"),
            (read.Host, read.Port, read.Database, read.Username, read.Password, read.SslMode, read.ApplicationName));
    }

    [Fact]
    public void A_socket_is_named_as_an_option() => Assert.Equal("/run/postgresql", Read("postgresql:///db?host=/run/postgresql").Host);

    [Fact]
    public void What_is_not_said_is_tuned_and_what_is_said_stays()
    {
        NpgsqlConnectionStringBuilder tuned = Read("Host=h");
        NpgsqlConnectionStringBuilder said = Read(
            "Host=h;No Reset On Close=false;Max Auto Prepare=0;Maximum Pool Size=3;Application Name=mine;Options=-c synchronous_commit=remote_apply");

        Assert.Equal((true, 96, 16, "bamboo"), (tuned.NoResetOnClose, tuned.MaxAutoPrepare, tuned.MaxPoolSize, tuned.ApplicationName));
        Assert.Contains("synchronous_commit=on", tuned.Options);
        Assert.Equal((false, 0, 3, "mine"), (said.NoResetOnClose, said.MaxAutoPrepare, said.MaxPoolSize, said.ApplicationName));
        Assert.EndsWith("-c synchronous_commit=remote_apply", said.Options); // the last one holds
    }

    [Theory]
    [InlineData("Host=h;Password=secret;Nonsense=1", "Nonsense", StringComparison.OrdinalIgnoreCase)]
    [InlineData("postgresql://u:secret@h/db?nonsense=1", "nonsense", StringComparison.OrdinalIgnoreCase)]
    [InlineData("postgresql://u:secret@h:port/db", "postgresql://user", StringComparison.Ordinal)]
    [InlineData("Database=d;Password=secret", "host", StringComparison.Ordinal)]
    [InlineData("Host=h;Password=secret;Multiplexing=true", "Multiplexing", StringComparison.Ordinal)]
    public void What_cannot_be_used_is_named_without_the_password(string text, string expected, StringComparison comparison)
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => PostgresConnectionString.Parse(text));

        Assert.Contains(expected, refusal.Message, comparison);
        Assert.DoesNotContain("secret", refusal.Message);
    }

    [Theory]
    [InlineData("postgresql://u:secret@h:1/db?sslmode=require", "postgresql://u@h:1/db?sslmode=require")]
    [InlineData("postgresql://h/db?password=secret", "postgresql://h/db")]
    [InlineData("postgresql://u@h/db", "postgresql://u@h/db")]
    [InlineData("Host=h;Password=secret;Database=d", "Host=h;Database=d")]
    public void A_text_can_be_shown_without_its_password(string text, string expected) =>
        Assert.Equal(expected, PostgresConnectionString.WithoutPassword(text));

    private static NpgsqlConnectionStringBuilder Read(string text) => new(PostgresConnectionString.Parse(text));
}
