using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Server.Security;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace BambooOrleans.Server.Tests;

public class SecurityTests
{
    private static readonly byte[] CallbackSecret = [.. Enumerable.Range(0, 32).Select(number => (byte)number)];

    [Fact]
    public async Task Each_role_may_call_what_the_table_says_and_nothing_else()
    {
        await using Served served = await Served.StartAsync(Served.WithKeys);
        Dictionary<string, string> table = File.ReadAllLines(Path.Combine(Served.Solution(), "docs", "security.md"))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length == 4 && cells[1].StartsWith('`'))
            .ToDictionary(cells => cells[1].Trim('`'), cells => cells[2]);
        Assert.Equal(EngineDispatcher.Functions.Keys.Order(), table.Keys.Order());
        Assert.Equal(EngineDispatcher.Functions.Keys.Order(), AccessRules.Functions.Order());

        foreach ((string function, MapValue arguments) in Calls.All.DistinctBy(call => call.Function))
        {
            Assert.Equal((function, 401), (function, (await served.AskAsync(HttpMethod.Post, $"/api/v1/{function}", arguments)).Status));
            foreach ((Role role, (_, string key)) in Served.Keys)
            {
                Assert.True(Roles.TryParse(table[function], out Role needed), function);
                int status = (await served.AskAsync(HttpMethod.Post, $"/api/v1/{function}", arguments, key)).Status;
                Assert.Equal((function, role, role >= needed ? 200 : 403), (function, role, status));
            }
        }
    }

    [Theory]
    [InlineData("GET", "/api/v1/pipelines", Role.Viewer)]
    [InlineData("GET", "/api/v1/pipelines/dev_finished/states", Role.Viewer)]
    [InlineData("GET", "/api/v1/pipelines/dev_finished/definition", Role.Viewer)]
    [InlineData("GET", "/api/v1/pipeline_counts", Role.Viewer)]
    [InlineData("GET", "/api/v1/session", Role.Viewer)]
    [InlineData("GET", "/api/v1/nodes/dev_greet/data", Role.Viewer)]
    [InlineData("POST", "/api/v1/batch/pause_pipeline", Role.Operator)]
    [InlineData("POST", "/api/v1/batch/update_node_outputs", Role.Admin)]
    [InlineData("POST", "/api/v1/callback_tokens", Role.Operator)]
    public async Task Other_paths_need_the_role_of_what_they_do(string method, string path, Role needed)
    {
        await using Served served = await Served.StartAsync(Served.WithKeys with { CallbackSecret = CallbackSecret });
        Value? body = method == "GET" ? null : MapValue.Empty;

        Assert.Equal(401, (await served.AskAsync(new HttpMethod(method), path, body)).Status);
        foreach ((Role role, (_, string key)) in Served.Keys)
        {
            int status = (await served.AskAsync(new HttpMethod(method), path, body, key)).Status;
            Assert.Equal((role, role < needed), (role, status == 403));
            Assert.Contains(status, new[] { 200, 400, 403 });
        }
    }

    [Fact]
    public async Task Events_need_a_key()
    {
        await using Served served = await Served.StartAsync(Served.WithKeys);

        Assert.Equal(401, (await served.AskAsync(HttpMethod.Get, "/api/v1/events")).Status);
        using HttpResponseMessage response = await served.Http.SendAsync(
            Served.Request(HttpMethod.Get, "/api/v1/events", bearer: Served.Keys[Role.Viewer].Key), HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task The_journal_names_the_caller_as_the_operator_and_nobody_else()
    {
        await using Served served = await Served.StartAsync(Served.WithKeys);
        string key = Served.Keys[Role.Operator].Key;

        Assert.Equal(403, (await served.AskAsync(
            HttpMethod.Post, "/api/v1/pause_pipeline", Value.Map(("pipeline_id", "dev_waiting"), ("operator", "ada")), key)).Status);
        await served.CallAsync("pause_pipeline", Value.Map(("pipeline_id", "dev_waiting"), ("reason", "to see")), key);

        string journal = (await served.CallAsync("read_journal", Value.Map(("root_id", "dev_waiting")), key)).ToJson();
        Assert.Contains("operator-key", journal, StringComparison.Ordinal);
        Assert.DoesNotContain("ada", journal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_of_a_file_are_good_until_they_are_revoked_and_the_file_does_not_have_them()
    {
        using var directory = new TemporaryFolder();
        string file = directory.At("keys.json");
        (ApiKey kept, string key) = ApiKeyFile.Add(file, "ci", Role.Operator, DateTimeOffset.UtcNow);
        (_, string other) = ApiKeyFile.Add(file, "ci", Role.Viewer, DateTimeOffset.UtcNow);
        await using Served served = await Served.StartAsync(Served.OnFreePort with { KeyFile = file });

        Assert.Equal(200, await StatusAsync(key));
        foreach (string wrong in new[] { "", "bk_", key[..^1], key + "A", key.ToUpperInvariant(), other[..12] + key[12..], "bk_" + new string('a', 60), "basic" })
        {
            Assert.Equal((wrong, 401), (wrong, await StatusAsync(wrong)));
        }

        Assert.DoesNotContain(key[12..], await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }

        ApiKeyFile.Revoke(file, kept.Id, DateTimeOffset.UtcNow);
        Assert.Equal((401, 200), (await StatusAsync(key), await StatusAsync(other)));
        Assert.Throws<NotFoundException>(() => ApiKeyFile.Revoke(file, "nobody", DateTimeOffset.UtcNow));

        async Task<int> StatusAsync(string bearer)
        {
            using HttpRequestMessage request = Served.Request(HttpMethod.Get, "/api/v1/pipelines");
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {bearer}");
            return (await served.AskAsync(request)).Status;
        }
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{\"keys\": {}}")]
    [InlineData("{\"keys\": [{\"id\": \"a\", \"name\": \"b\", \"role\": \"king\", \"hash\": \"c\", \"created_time\": \"2026-01-01T00:00:00Z\"}]}")]
    public async Task A_file_that_is_none_of_keys_is_refused_at_the_start(string text)
    {
        using var directory = new TemporaryFolder();
        await File.WriteAllTextAsync(directory.At("keys.json"), text);

        ServerException refusal = await Assert.ThrowsAsync<ServerException>(
            () => Served.StartAsync(Served.OnFreePort with { KeyFile = directory.At("keys.json") }, isSeeded: false));
        Assert.Equal("server.key-file", refusal.Code);
    }

    [Fact]
    public async Task A_token_is_taken_only_signed_in_time_and_for_this_server()
    {
        using var directory = new TemporaryFolder();
        using var rsa = RSA.Create(2048);
        using var stranger = RSA.Create(2048);
        await File.WriteAllTextAsync(directory.At("key.pem"), rsa.ExportSubjectPublicKeyInfoPem());
        await using Served served = await Served.StartAsync(Served.OnFreePort with
        {
            Jwt = new JwtOptions { KeyFile = directory.At("key.pem"), Issuer = "idp", Audience = "bamboo" },
        });
        DateTime now = DateTime.UtcNow;
        string good = Token(rsa, "idp", "bamboo", now.AddHours(1), "operator");

        MapValue paused = (await served.AskAsync(HttpMethod.Post, "/api/v1/pause_pipeline", Value.Map(("pipeline_id", "dev_waiting")), good)).Body;
        Assert.True(paused["result"].IsTruthy, paused.ToJson());
        Assert.Contains("ada", (await served.CallAsync("read_journal", MapValue.Empty, good)).ToJson(), StringComparison.Ordinal);
        Assert.Equal(403, await StatusAsync(good, "update_node_outputs"));
        Assert.Equal(403, await StatusAsync(Token(rsa, "idp", "bamboo", now.AddHours(1), "viewer"), "pause_pipeline"));

        string[] parts = good.Split('.');
        string unsigned = $"{Base64UrlEncoder.Encode("{\"alg\":\"none\",\"typ\":\"JWT\"}")}.{parts[1]}.";
        foreach (string wrong in new[]
        {
            Token(rsa, "idp", "bamboo", now.AddSeconds(-5), "admin"),
            Token(rsa, "idp", "other", now.AddHours(1), "admin"),
            Token(rsa, "other", "bamboo", now.AddHours(1), "admin"),
            Token(stranger, "idp", "bamboo", now.AddHours(1), "admin"),
            Token(rsa, "idp", "bamboo", now.AddHours(1), "king"),
            Token(rsa, "idp", "bamboo", null, "admin"),
            unsigned,
            $"{parts[0]}.{Base64UrlEncoder.Encode("{\"iss\":\"idp\",\"aud\":\"bamboo\",\"sub\":\"eve\",\"role\":\"admin\",\"exp\":9999999999}")}.{parts[2]}",
            "a.b.c",
            Served.Keys[Role.Admin].Key,
        })
        {
            Assert.Equal((wrong, 401), (wrong, await StatusAsync(wrong, "list_pipelines")));
        }

        async Task<int> StatusAsync(string token, string function) =>
            (await served.AskAsync(HttpMethod.Post, $"/api/v1/{function}", MapValue.Empty, token)).Status;
    }

    [Theory]
    [InlineData("0.0.0.0", true)]
    [InlineData("::", true)]
    [InlineData("192.0.2.1", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("127.0.0.2", false)]
    public async Task It_listens_beyond_loopback_only_with_authentication(string address, bool isOpen)
    {
        BambooServerOptions options = Served.OnFreePort with { Listen = [new IPEndPoint(IPAddress.Parse(address), 0)] };
        foreach (BambooServerOptions without in new[] { options, options with { HasLoginLink = true }, options with { KeyFile = "/nowhere/keys.json" } })
        {
            string? code = null;
            try
            {
                await (await Served.StartAsync(without, isSeeded: false)).DisposeAsync();
            }
            catch (ServerException refusal)
            {
                code = refusal.Code;
            }

            Assert.Equal(isOpen ? "server.open-to-others" : null, code);
        }

        if (address == "0.0.0.0")
        {
            await using Served served = await Served.StartAsync(options with { Keys = Served.WithKeys.Keys }, isSeeded: false);
            using var http = new HttpClient();
            using HttpResponseMessage response = await http.GetAsync($"http://127.0.0.1:{served.Server.Addresses[0].Port}/api/v1/pipelines");
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        }
    }

    [Fact]
    public async Task The_link_lets_one_browser_in_once()
    {
        await using Served served = await Served.StartAsync(Served.WithKeys with { HasLoginLink = true });
        Uri link = served.Server.LoginUrl();
        Assert.Equal(401, (await served.AskAsync(HttpMethod.Get, "/login?token=guess")).Status);
        Assert.Equal(401, (await served.AskAsync(HttpMethod.Get, "/login")).Status);

        using HttpResponseMessage login = await served.Http.GetAsync(link);
        Assert.Equal((HttpStatusCode.SeeOther, "/"), (login.StatusCode, login.Headers.Location!.ToString()));
        string cookie = Assert.Single(login.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(401, (await served.AskAsync(HttpMethod.Get, link.PathAndQuery)).Status);

        string session = cookie.Split(';')[0];
        MapValue pause = Value.Map(("pipeline_id", "dev_waiting"));
        string own = served.Server.Addresses[0].GetLeftPart(UriPartial.Authority);
        Assert.Equal(200, await StatusAsync(HttpMethod.Get, "/api/v1/pipelines", null, ("Cookie", session)));
        Assert.Equal(401, await StatusAsync(HttpMethod.Get, "/api/v1/pipelines", null, ("Cookie", session + "A")));
        Assert.Equal(401, await StatusAsync(HttpMethod.Get, "/api/v1/pipelines", null, ("Cookie", "bamboo_session=" + link.Query["?token=".Length..])));

        // The browser sends the cookie for whichever page asks it to: only the server's own page may.
        Assert.Equal(403, await StatusAsync(HttpMethod.Post, "/api/v1/pause_pipeline", pause, ("Cookie", session), ("Origin", "http://evil.example")));
        Assert.Equal(403, await StatusAsync(HttpMethod.Post, "/api/v1/pause_pipeline", pause, ("Cookie", session), ("Origin", "null")));
        Assert.Equal(403, await StatusAsync(HttpMethod.Post, "/api/v1/pause_pipeline", pause, ("Cookie", session), ("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(403, await StatusAsync(HttpMethod.Post, "/api/v1/pause_pipeline", pause, ("Cookie", session)));
        Assert.Equal("RUNNING", await served.StateAsync("dev_waiting"));
        Assert.Equal(200, await StatusAsync(HttpMethod.Post, "/api/v1/pause_pipeline", pause, ("Cookie", session), ("Origin", own)));
        Assert.Equal("SUSPENDED", await served.StateAsync("dev_waiting"));

        async Task<int> StatusAsync(HttpMethod method, string path, Value? body, params (string Name, string Value)[] headers)
        {
            using HttpRequestMessage request = Served.Request(method, path, body);
            foreach ((string name, string value) in headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            return (await served.AskAsync(request)).Status;
        }
    }

    [Fact]
    public async Task Without_authentication_other_sites_and_other_names_are_refused()
    {
        await using Served served = await Served.StartAsync();
        using HttpRequestMessage foreign = Served.Request(HttpMethod.Post, "/api/v1/revoke_pipeline", Value.Map(("pipeline_id", "dev_waiting")));
        foreign.Headers.Add("Origin", "http://evil.example");
        Assert.Equal(403, (await served.AskAsync(foreign)).Status);

        using HttpRequestMessage rebound = Served.Request(HttpMethod.Get, "/api/v1/pipelines");
        rebound.Headers.Host = "evil.example";
        Assert.Equal(421, (await served.AskAsync(rebound)).Status);
        Assert.Equal("RUNNING", await served.StateAsync("dev_waiting"));
    }

    [Fact]
    public async Task A_callback_token_is_good_for_one_version_of_one_node()
    {
        await using Served served = await Served.StartAsync(Served.WithKeys with { CallbackSecret = CallbackSecret });
        string version = (await served.Engine.GetWaitsAsync("dev_waiting")).Data![0].Version!;
        (int status, MapValue issued) = await served.AskAsync(
            HttpMethod.Post,
            "/api/v1/callback_tokens",
            Value.Map(("node_id", "dev_approve"), ("version", version)),
            Served.Keys[Role.Operator].Key);
        Assert.Equal(200, status);
        string path = ((TextValue)issued["path"]).Value;
        string token = ((TextValue)issued["token"]).Value;

        foreach (string wrong in new[]
        {
            $"/api/v1/callbacks/dev_approve/{version}",
            $"/api/v1/callbacks/dev_approve/{version}?token=",
            $"/api/v1/callbacks/dev_approve/{version}?token={token[..^1]}",
            $"/api/v1/callbacks/dev_approve/other?token={token}",
            $"/api/v1/callbacks/dev_rest/{version}?token={token}",
            $"/api/v1/callbacks/dev_approve{version}/?token={token}",
            $"/api/v1/callbacks/dev_approv/e{version}?token={token}",
        })
        {
            Assert.Contains((await served.AskAsync(HttpMethod.Post, wrong, MapValue.Empty)).Status, new[] { 403, 404 });
        }

        (_, MapValue answer) = await served.AskAsync(HttpMethod.Post, path, Value.Map(("by", "ada")));
        Assert.True(answer["result"].IsTruthy, answer.ToJson());
        Assert.Equal("FINISHED", await served.StateAsync("dev_waiting"));
        (_, MapValue again) = await served.AskAsync(HttpMethod.Post, path, Value.Map(("by", "ada")));
        Assert.False(again["result"].IsTruthy);
        Assert.Contains("callback token", (await served.CallAsync("read_journal", MapValue.Empty, Served.Keys[Role.Viewer].Key)).ToJson(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/pipelines/some/journal?node=x")]
    [InlineData("/api/v1/pipelines")]
    [InlineData("/nowhere")]
    public async Task Every_answer_has_the_headers_that_browsers_obey(string path)
    {
        await using Served served = await Served.StartAsync(isSeeded: false);
        using HttpResponseMessage response = await served.Http.GetAsync(path);

        string policy = Assert.Single(response.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(response.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(response.Headers.GetValues("Referrer-Policy")));
        Assert.Equal("same-origin", Assert.Single(response.Headers.GetValues("Cross-Origin-Resource-Policy")));
        Assert.False(response.Headers.Contains("Server"));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Origin"));
    }

    private static string Token(RSA key, string issuer, string audience, DateTime? expires, string role)
    {
        var handler = new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false };
        return handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            Expires = expires,
            Claims = new Dictionary<string, object> { ["sub"] = "ada", ["role"] = role },
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(key), SecurityAlgorithms.RsaSha256),
        });
    }
}

/// <summary>A folder that is there as long as a test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("bamboo-server-").FullName;

    public string At(string name) => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
