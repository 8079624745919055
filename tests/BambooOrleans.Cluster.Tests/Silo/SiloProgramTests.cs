using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using BambooOrleans.Cluster.Tests.Providers;
using BambooOrleans.TestPostgres;

namespace BambooOrleans.Cluster.Tests.Silo;

public sealed class SiloProgramTests
{
    [Theory]
    [InlineData("BAMBOO__siloPort", "x", "environment variable BAMBOO__siloPort: siloPort is \"x\", and has to be a whole number")]
    [InlineData("BAMBOO__most", "1", "environment variable BAMBOO__most: most is no setting")]
    [InlineData("BAMBOO__components__0", "/nowhere/none.dll", "components.0 is \"/nowhere/none.dll\", which is not there")]
    [InlineData("BAMBOO__components__0", "/etc/passwd", "components.0 is \"/etc/passwd\", which cannot be loaded: ")]
    [InlineData("BAMBOO__connectionString", "Host=127.0.0.1;Port=1;Database=none;Username=none", "the PostgreSQL database none at 127.0.0.1:1")]
    public async Task What_is_wrong_is_one_line_and_exit_code_1(string variable, string value, string line)
    {
        (int exitCode, string output, string errors) = await SiloProgram.RunAsync([], new Dictionary<string, string> { [variable] = value });

        Assert.Equal(1, exitCode);
        Assert.Contains(line, errors);
        Assert.DoesNotContain('\n', errors);
        Assert.Empty(output);
    }

    [Fact]
    public async Task A_settings_file_that_is_not_there_is_named()
    {
        (int exitCode, _, string errors) = await SiloProgram.RunAsync(["check", "--settings", "/nowhere/silo.json"], new Dictionary<string, string>());

        Assert.Equal(1, exitCode);
        Assert.StartsWith("/nowhere/silo.json: cannot be read", errors);
    }

    [Fact]
    public async Task A_driver_that_is_not_there_is_named()
    {
        (int exitCode, _, string errors) = await SiloProgram.RunAsync(["check"], new Dictionary<string, string>
        {
            ["BAMBOO__clustering__invariant"] = AdoNetInvariants.SqlServer,
            ["BAMBOO__clustering__connectionString"] = "Server=none",
        });

        Assert.Equal(1, exitCode);
        Assert.Contains("clustering.invariant is \"Microsoft.Data.SqlClient\", whose driver Microsoft.Data.SqlClient.dll is not beside the program", errors);
    }

    [PostgresFact]
    public async Task The_tables_are_missed_made_and_then_left_alone()
    {
        Dictionary<string, string> variables = await NewDatabaseAsync();

        (int before, _, string missed) = await SiloProgram.RunAsync(["run"], variables);
        (int first, string made, _) = await SiloProgram.RunAsync(["migrate"], variables);
        (int second, string left, _) = await SiloProgram.RunAsync(["migrate"], variables);
        (int check, string valid, _) = await SiloProgram.RunAsync(["check"], variables);

        Assert.Equal((1, 0, 0, 0), (before, first, second, check));
        Assert.Contains("run bamboo-silo migrate", missed);
        Assert.Contains("orleans (clustering, storage, reminders): applied 0001_clustering, 0002_storage, 0003_reminders", made);
        Assert.All(left.Split('\n'), line => Assert.EndsWith(": nothing to do", line));
        Assert.StartsWith("The settings are valid", valid);
    }

    [PostgresFact]
    public async Task Components_of_a_file_are_registered_beside_the_built_in_ones()
    {
        Dictionary<string, string> variables = await NewDatabaseAsync(isMigrated: true);
        (_, string without, _) = await SiloProgram.RunAsync(["check"], variables);
        variables["BAMBOO__components__0"] = typeof(SiloProgramTests).Assembly.Location;

        (int exitCode, string with, string errors) = await SiloProgram.RunAsync(["check"], variables);

        Assert.True(exitCode == 0, errors);
        Assert.True(CountOf(with) > CountOf(without), with);

        static int CountOf(string line) =>
            int.Parse(line.Split(' ').First(word => int.TryParse(word, out _)), CultureInfo.InvariantCulture);
    }

    [PostgresFact]
    public async Task Two_silos_join_one_is_killed_and_found_dead_the_other_stops_when_told()
    {
        Dictionary<string, string> variables = await NewDatabaseAsync(isMigrated: true);
        await using SiloProgram first = Start(variables, out int firstPort);
        await using SiloProgram second = Start(variables, out int secondPort);

        string ready = await first.HealthAsync("/health/ready", HttpStatusCode.OK);
        await second.HealthAsync("/health/ready", HttpStatusCode.OK);
        Assert.Equal("live", await first.HealthAsync("/health/live", HttpStatusCode.OK));
        Assert.Equal("Active", JsonDocument.Parse(ready).RootElement.GetProperty("silo").GetString());
        await UntilAsync(variables, "SELECT count(*) FROM orleans_silo WHERE status = 3", 2);

        second.Kill();
        await UntilAsync(variables, $"SELECT count(*) FROM orleans_silo WHERE status = 6 AND port = {secondPort}", 1);
        await first.HealthAsync("/health/ready", HttpStatusCode.OK);

        first.Terminate();
        Assert.Equal(0, await first.ExitAsync());
        await UntilAsync(variables, $"SELECT count(*) FROM orleans_silo WHERE status = 6 AND port = {firstPort}", 1);
        Assert.All(first.Output.Split('\n'), line => JsonDocument.Parse(line).Dispose());
    }

    [PostgresFact]
    public async Task A_silo_is_not_ready_while_its_database_is_away_and_is_again_when_it_is_back()
    {
        await using PrivatePostgres server = await PrivatePostgres.StartAsync();
        Dictionary<string, string> variables = new() { ["BAMBOO__connectionString"] = await server.CreateDatabaseAsync() };
        await SiloProgram.RunAsync(["migrate"], variables);
        await using SiloProgram silo = Start(variables, out _);
        await silo.HealthAsync("/health/ready", HttpStatusCode.OK);

        await server.KillAsync();
        string problem = await silo.HealthAsync("/health/ready", HttpStatusCode.ServiceUnavailable);
        Assert.Equal("Active", JsonDocument.Parse(problem).RootElement.GetProperty("silo").GetString());
        Assert.NotEqual("current", JsonDocument.Parse(problem).RootElement.GetProperty("database").GetString());
        await silo.HealthAsync("/health/live", HttpStatusCode.OK);

        await server.RestartAsync();
        await silo.HealthAsync("/health/ready", HttpStatusCode.OK);
    }

    [PostgresTheory]
    [InlineData("siloPort")]
    [InlineData("gatewayPort")]
    [InlineData("healthPort")]
    public async Task A_port_that_is_taken_is_named(string setting)
    {
        Dictionary<string, string> variables = await NewDatabaseAsync(isMigrated: true);
        using TcpListener taken = new(IPAddress.Any, 0);
        taken.Start();
        string port = $"{((IPEndPoint)taken.LocalEndpoint).Port}";
        foreach (string each in new[] { "siloPort", "gatewayPort", "healthPort" })
        {
            variables[$"BAMBOO__{each}"] = each == setting ? port : $"{ProviderSilo.FreePort()}";
        }

        (int exitCode, _, string errors) = await SiloProgram.RunAsync(["run"], variables);

        Assert.Equal(1, exitCode);
        Assert.Contains($"{setting} {port} cannot be listened on", errors);
        Assert.DoesNotContain('\n', errors);
    }

    [PostgresFact]
    public async Task A_silo_with_the_silo_port_of_one_that_runs_ends_and_leaves_that_one_alone()
    {
        Dictionary<string, string> variables = await NewDatabaseAsync(isMigrated: true);
        await using SiloProgram first = Start(variables, out int siloPort);
        await first.HealthAsync("/health/ready", HttpStatusCode.OK);

        (int exitCode, _, string errors) = await SiloProgram.RunAsync(["run"], new Dictionary<string, string>(variables)
        {
            ["BAMBOO__advertisedAddress"] = "127.0.0.1",
            ["BAMBOO__siloPort"] = $"{siloPort}",
            ["BAMBOO__gatewayPort"] = $"{ProviderSilo.FreePort()}",
            ["BAMBOO__healthPort"] = $"{ProviderSilo.FreePort()}",
        });

        Assert.Equal(1, exitCode);
        Assert.Contains($"siloPort {siloPort} cannot be listened on", errors);
        await first.HealthAsync("/health/ready", HttpStatusCode.OK);
        await UntilAsync(variables, "SELECT count(*) FROM orleans_silo", 1);
    }

    [PostgresTheory]
    [InlineData("adonet", "group-commit")]
    [InlineData("group-commit", "adonet")]
    public async Task Pipelines_whose_states_are_elsewhere_name_the_kind_of_storage_that_has_them(string before, string now)
    {
        Dictionary<string, string> variables = await NewDatabaseAsync(isMigrated: true);
        variables["BAMBOO__storage__kind"] = before;
        await using (SiloProgram silo = Start(variables, out _))
        {
            await silo.HealthAsync("/health/ready", HttpStatusCode.OK);
            silo.Terminate();
            Assert.Equal(0, await silo.ExitAsync());
        }

        await PrivatePostgres.ExecuteAsync(
            variables["BAMBOO__connectionString"], "INSERT INTO bamboo_pipelines (root, root_id, state, created) VALUES (1, 'p', 'RUNNING', now())");
        variables["BAMBOO__storage__kind"] = now;
        await using SiloProgram other = Start(variables, out _);

        Assert.Equal(1, await other.ExitAsync());
        Assert.Contains($"set storage.kind to \"{before}\"", other.Errors);
    }

    private static SiloProgram Start(Dictionary<string, string> variables, out int siloPort)
    {
        siloPort = ProviderSilo.FreePort();
        int healthPort = ProviderSilo.FreePort();
        Dictionary<string, string> own = new(variables)
        {
            ["BAMBOO__advertisedAddress"] = "127.0.0.1",
            ["BAMBOO__siloPort"] = $"{siloPort}",
            ["BAMBOO__gatewayPort"] = $"{ProviderSilo.FreePort()}",
            ["BAMBOO__healthPort"] = $"{healthPort}",
        };
        return SiloProgram.Start(["run"], own, healthPort);
    }

    private static async Task<Dictionary<string, string>> NewDatabaseAsync(bool isMigrated = false)
    {
        PrivatePostgres server = await PrivatePostgres.SharedAsync();
        Dictionary<string, string> variables = new() { ["BAMBOO__connectionString"] = await server.CreateDatabaseAsync() };
        if (isMigrated)
        {
            (int exitCode, _, string errors) = await SiloProgram.RunAsync(["migrate"], variables);
            Assert.True(exitCode == 0, errors);
        }

        return variables;
    }

    private static async Task UntilAsync(Dictionary<string, string> variables, string query, long expected)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        while (await PrivatePostgres.QueryAsync<long>(variables["BAMBOO__connectionString"], query) != expected)
        {
            await Task.Delay(100, limit.Token);
        }
    }
}
