using BambooOrleans.Cli.Reports;
using BambooOrleans.TestPostgres;

namespace BambooOrleans.Cli.Tests;

public sealed class PostgresTests
{
    [PostgresFact]
    public async Task Commands_take_a_database_on_a_server_in_either_form()
    {
        PrivatePostgres server = await PrivatePostgres.SharedAsync();
        string database = await server.CreateDatabaseAsync();
        var parts = new Npgsql.NpgsqlConnectionStringBuilder(database);
        string url = $"postgresql://{parts.Username}:secret@{parts.Host}:{parts.Port}/{parts.Database}";

        Output run = await Bamboo.RunAsync(["run", Bamboo.Example("approval.json"), "--store", url]);
        Output list = await Bamboo.RunAsync(["list", "--json", "--db", database]);

        run.IsOf(3);
        Assert.Contains($"--db postgresql://{parts.Username}@{parts.Host}:{parts.Port}/{parts.Database}", run.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", run.Text + run.Error, StringComparison.Ordinal);
        list.IsOf(0);
        Assert.Equal(["approval"], ((ListValue)list.At("pipelines")).Select(row => ((TextValue)((MapValue)row)["id"]).Value));
        await server.DropDatabaseAsync(database);
    }

    [Theory]
    [InlineData("postgresql://u:secret@127.0.0.1:1/db", "store.unavailable")]
    [InlineData("postgresql://u:secret@127.0.0.1/db?nonsense=1", "invalid-argument")]
    public async Task A_server_that_cannot_be_used_is_bad_input_without_its_password(string url, string code)
    {
        Output output = await Bamboo.RunAsync(["list", "--json", "--db", url]);

        output.IsOf(2);
        Assert.Equal(code, output.At("code"));
        Assert.DoesNotContain("secret", output.Text + output.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_option_that_names_a_file_again_stays_as_it_was() =>
        Assert.Equal(" --db other.db", ShellCommand.Database("other.db"));
}
