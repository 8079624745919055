using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using BambooOrleans.Cluster.Tests.Providers;
using BambooOrleans.Server.Security;
using BambooOrleans.TestPostgres;
using BambooOrleans.Tests;

namespace BambooOrleans.Cluster.Tests.Silo;

/// <summary>The HTTP API as a process before a cluster of silo processes.</summary>
public sealed class ApiProcessTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("bamboo-api-");
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(1) };

    public void Dispose()
    {
        _http.Dispose();
        _directory.Delete(recursive: true);
    }

    [PostgresFact]
    public async Task It_answers_for_the_cluster_to_those_who_have_a_key()
    {
        PrivatePostgres postgres = await PrivatePostgres.SharedAsync();
        Dictionary<string, string> variables = new() { ["BAMBOO__connectionString"] = await postgres.CreateDatabaseAsync() };
        Assert.Equal(0, (await SiloProgram.RunAsync(["migrate"], variables)).ExitCode);
        string keyFile = Path.Combine(_directory.FullName, "keys.json");
        (_, string key) = ApiKeyFile.Add(keyFile, "ada", Role.Operator, DateTimeOffset.UtcNow);
        int healthPort = ProviderSilo.FreePort();
        await using SiloProgram silo = SiloProgram.Start(
            ["run"],
            new Dictionary<string, string>(variables)
            {
                ["BAMBOO__advertisedAddress"] = "127.0.0.1",
                ["BAMBOO__siloPort"] = $"{ProviderSilo.FreePort()}",
                ["BAMBOO__gatewayPort"] = $"{ProviderSilo.FreePort()}",
                ["BAMBOO__healthPort"] = $"{healthPort}",
            },
            healthPort);
        int port = ProviderSilo.FreePort();
        await using SiloProgram api = SiloProgram.Start(
            ["serve"],
            new Dictionary<string, string>(variables) { ["BAMBOO__http__listen"] = $"127.0.0.1:{port}", ["BAMBOO__http__keyFile"] = keyFile });
        _http.BaseAddress = new Uri($"http://127.0.0.1:{port}");
        await UntilItAnswersAsync(api);

        Assert.Equal(HttpStatusCode.Unauthorized, (await _http.GetAsync(new Uri("/api/v1/pipelines", UriKind.Relative))).StatusCode);

        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        TreeSketch sketch = new TreeSketch("p", "ps", "pe").Flow("ps", "a", "pe").Activity("a", "wait_callback");
        await AskAsync("run_pipeline", new { pipeline = JsonDocument.Parse(sketch.Build().Source.ToJson()).RootElement });
        using HttpResponseMessage events = await _http.GetAsync(
            new Uri("/api/v1/events?root_id=p", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
        await AskAsync("wait_until_settled", new { root_id = "p" });
        JsonElement waiting = (await AskAsync("get_children_states", new { node_id = "a" })).GetProperty("a");
        await AskAsync("callback", new { node_id = "a", version = waiting.GetProperty("version").GetString(), data = new { approved = true }, reason = "it looks fine" });
        await AskAsync("wait_until_settled", new { root_id = "p" });

        Assert.Equal("FINISHED", (await AskAsync("get_pipeline_states", new { root_id = "p" })).GetProperty("p").GetProperty("state").GetString());
        string journal = await UntilAsync(events, "\"pipeline-finished\"");
        Assert.Contains("\"ada\"", journal);
        Assert.Contains("it looks fine", journal);
        Assert.DoesNotContain("\"LogLevel\":\"Information\",\"Category\":\"Polly\"", silo.Output);

        api.Terminate();
        Assert.Equal(0, await api.ExitAsync());
    }

    [PostgresFact]
    public async Task Without_a_cluster_it_says_so_and_ends()
    {
        PrivatePostgres postgres = await PrivatePostgres.SharedAsync();
        Dictionary<string, string> variables = new() { ["BAMBOO__connectionString"] = await postgres.CreateDatabaseAsync() };
        Assert.Equal(0, (await SiloProgram.RunAsync(["migrate"], variables)).ExitCode);
        variables["BAMBOO__failureDetection__aliveUpdatePeriod"] = "00:00:01";
        variables["BAMBOO__failureDetection__joinTimeLimit"] = "00:00:04";

        (int exitCode, _, string errors) = await SiloProgram.RunAsync(["serve"], variables);

        Assert.Equal(1, exitCode);
        Assert.Contains("the cluster bamboo cannot be reached: no silo of it is in the table of silos", errors);
        Assert.DoesNotContain('\n', errors);
    }

    [PostgresFact]
    public async Task Without_tables_it_says_how_to_make_them()
    {
        PrivatePostgres postgres = await PrivatePostgres.SharedAsync();

        (int exitCode, _, string errors) = await SiloProgram.RunAsync(["serve"], new Dictionary<string, string>
        {
            ["BAMBOO__connectionString"] = await postgres.CreateDatabaseAsync(),
            ["BAMBOO__failureDetection__aliveUpdatePeriod"] = "00:00:01",
            ["BAMBOO__failureDetection__joinTimeLimit"] = "00:00:04",
        });

        Assert.Equal(1, exitCode);
        Assert.Contains("has no table of silos: run bamboo-silo migrate", errors);
    }

    [Theory]
    [InlineData("BAMBOO__http__listen", "localhost", "http.listen is \"localhost\", and has to be an address and a port")]
    [InlineData("BAMBOO__http__keyFile", "/nowhere/keys.json", "http.keyFile is \"/nowhere/keys.json\", which is not there")]
    [InlineData("BAMBOO__http__callbackSecretFile", "/nowhere/secret", "http.callbackSecretFile is \"/nowhere/secret\", which cannot be read")]
    [InlineData("BAMBOO__http__jwt__issuer", "https://idp", "http.jwt.keyFile is missing, but http.jwt.issuer or http.jwt.audience is given")]
    public async Task What_is_wrong_with_its_settings_is_one_line_and_exit_code_1(string variable, string value, string line)
    {
        (int exitCode, _, string errors) = await SiloProgram.RunAsync(["serve"], new Dictionary<string, string> { [variable] = value });

        Assert.Equal(1, exitCode);
        Assert.Contains(line, errors);
        Assert.DoesNotContain('\n', errors);
    }

    private async Task UntilItAnswersAsync(SiloProgram api)
    {
        for (Stopwatch waited = Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            try
            {
                using HttpResponseMessage response = await _http.GetAsync(new Uri("/api/v1/openapi.json", UriKind.Relative));
                response.EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException failure) when (waited.Elapsed < TimeSpan.FromMinutes(2))
            {
                Assert.True(api.Errors.Length == 0, $"{failure.Message} {api.Errors} {api.Output}");
            }
        }
    }

    private async Task<JsonElement> AskAsync(string function, object arguments)
    {
        using var body = new StringContent(JsonSerializer.Serialize(arguments), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _http.PostAsync(new Uri($"/api/v1/{function}", UriKind.Relative), body);
        string text = await response.Content.ReadAsStringAsync();
        JsonElement envelope = JsonDocument.Parse(text).RootElement;
        Assert.True(envelope.TryGetProperty("result", out JsonElement result) && result.GetBoolean(), $"{function}: {text}");
        return envelope.GetProperty("data");
    }

    private static async Task<string> UntilAsync(HttpResponseMessage events, string wanted)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var reader = new StreamReader(await events.Content.ReadAsStreamAsync(patience.Token));
        var seen = new StringBuilder();
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            seen.AppendLine(line);
            if (line.Contains(wanted, StringComparison.Ordinal))
            {
                break;
            }
        }

        return seen.ToString();
    }
}
