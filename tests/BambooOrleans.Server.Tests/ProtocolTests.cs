using System.Globalization;
using System.Net.Sockets;
using System.Text;
using BambooOrleans.Cli;
using BambooOrleans.Server.Security;

namespace BambooOrleans.Server.Tests;

public class ProtocolTests
{
    private const int Requests = 2000;
    private const int Seed = 20260131;

    // Names of types, paths of this machine, and traces: what an answer must not tell.
    private static readonly string[] Internals =
    [
        "   at ", ".cs:", "\"internal\"", "System.", "Microsoft.", "BambooOrleans.", "Exception", "Object reference", "SQLite", "Npgsql",
        AppContext.BaseDirectory, Environment.CurrentDirectory, Served.Solution(), Path.GetTempPath(), Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + "/",
    ];

    [Theory]
    [InlineData("POST", "/api/v1/no_such_function", "{}", "application/json", 404)]
    [InlineData("POST", "/api/v1/../../etc/passwd", "{}", "application/json", 404)]
    [InlineData("GET", "/%2e%2e/%2e%2e/etc/passwd", null, null, 404)]
    [InlineData("GET", "/assets/../../secret", null, null, 404)]
    [InlineData("GET", "/api/v1/pause_pipeline", null, null, 405)]
    [InlineData("DELETE", "/api/v1/pipelines", null, null, 405)]
    [InlineData("POST", "/api/v1/list_pipelines", "{", "application/json", 400)]
    [InlineData("POST", "/api/v1/list_pipelines", "", "application/json", 400)]
    [InlineData("POST", "/api/v1/list_pipelines", "[]", "application/json", 400)]
    [InlineData("POST", "/api/v1/list_pipelines", "{} {}", "application/json", 400)]
    [InlineData("POST", "/api/v1/list_pipelines", "{}", "text/plain", 415)]
    [InlineData("POST", "/api/v1/list_pipelines", "{}", "application/x-www-form-urlencoded", 415)]
    [InlineData("POST", "/api/v1/list_pipelines", "{}", "application/json; charset=utf-16", 415)]
    [InlineData("POST", "/api/v1/list_pipelines", "{}", null, 415)]
    public async Task What_is_wrong_with_a_request_is_told_as_a_problem(string method, string path, string? body, string? type, int status)
    {
        await using Served served = await Served.StartAsync(isSeeded: false);
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (type is not null)
            {
                request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
            }
        }

        using HttpResponseMessage response = await served.Http.SendAsync(request);
        MapValue problem = (MapValue)Value.ParseJson(await response.Content.ReadAsStringAsync());

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal($"{status}", problem["status"].ToJson());
        Assert.True(problem["detail"].IsTruthy && problem["title"].IsTruthy);
    }

    [Fact]
    public async Task What_the_engine_refuses_is_an_envelope()
    {
        await using Served served = await Served.StartAsync(isSeeded: false);

        foreach ((string function, MapValue arguments, string code) in new[]
        {
            ("pause_pipeline", MapValue.Empty, "invalid-argument"),
            ("pause_pipeline", Value.Map(("pipeline_id", 1)), "invalid-argument"),
            ("pause_pipeline", Value.Map(("pipeline_id", "p"), ("color", "red")), "invalid-argument"),
            ("get_execution_data", Value.Map(("node_id", "n")), "not-found"),
            ("run_pipeline", Value.Map(("pipeline", MapValue.Empty)), "tree.missing-member"),
        })
        {
            MapValue answer = await served.CallAsync(function, arguments);
            Assert.False(answer["result"].IsTruthy);
            Assert.Equal((Value)code, answer["code"]);
        }
    }

    [Fact]
    public async Task A_body_is_refused_beyond_its_limits_of_size_and_depth()
    {
        await using Served served = await Served.StartAsync(Served.OnFreePort with { BodyBytesMax = 10_000 }, isSeeded: false);
        string Padded(int length) => "{\"limit\":1" + new string(' ', length - 11) + "}";

        Assert.Equal(200, await StatusAsync(Served.Json(Padded(10_000))));
        Assert.Equal(413, await StatusAsync(Served.Json(Padded(10_001))));

        // Nobody says beforehand how long it will be.
        Assert.Equal(413, await StatusAsync(new ChunkedContent(Padded(10_001))));
        Assert.Equal(400, await StatusAsync(Served.Json("{\"limit\":" + new string('[', 4000) + new string(']', 4000) + "}")));

        async Task<int> StatusAsync(HttpContent content)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/list_pipelines") { Content = content };
            return (await served.AskAsync(request)).Status;
        }
    }

    [Fact]
    public async Task A_body_that_does_not_come_is_given_up()
    {
        await using Served served = await Served.StartAsync(Served.OnFreePort with { BodyTimeMax = TimeSpan.FromMilliseconds(200) }, isSeeded: false);

        string answer = await RawAsync(
            served,
            "POST /api/v1/list_pipelines HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{\"limit\"");

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Equal(200, (await served.AskAsync(HttpMethod.Get, "/api/v1/pipelines")).Status);
    }

    [Fact]
    public async Task A_call_that_waits_too_long_is_given_up()
    {
        await using Served served = await Served.StartAsync(Served.OnFreePort with { CallTimeMax = TimeSpan.FromMilliseconds(300) }, isSeeded: false);
        await served.DoneAsync("run_pipeline", Value.Map(("pipeline", Served.Tree("p", ("nap", "sleep", Value.Map(("seconds", 3600)))))));

        (int status, MapValue problem) = await served.AskAsync(HttpMethod.Post, "/api/v1/wait_until_settled", Value.Map(("root_id", "p")));
        Assert.True(status == 504, problem.ToJson());
    }

    [Fact]
    public async Task Each_key_has_a_rate_of_its_own_and_guessing_has_another()
    {
        await using Served served = await Served.StartAsync(
            Served.WithKeys with { RequestsPerSecond = 1, RequestBurst = 5, FailedLoginsPerSecond = 1 }, isSeeded: false);
        string busy = Served.Keys[Role.Viewer].Key;

        Assert.Contains(429, await StatusesAsync(busy, 50));
        Assert.Equal(200, (await StatusesAsync(Served.Keys[Role.Admin].Key, 1))[0]);
        int[] guesses = await StatusesAsync("bk_aaaaaaaa_guess", 50);
        Assert.Equal([401, 429], guesses.Distinct().Order());
        Assert.Equal(200, (await StatusesAsync(Served.Keys[Role.Operator].Key, 1))[0]);

        async Task<int[]> StatusesAsync(string key, int count) => await Task.WhenAll(Enumerable.Range(0, count)
            .Select(async _ => (await served.AskAsync(HttpMethod.Get, "/api/v1/pipelines", bearer: key)).Status));
    }

    [Fact]
    public async Task So_many_event_streams_and_no_more_are_open_at_once()
    {
        await using Served served = await Served.StartAsync(Served.OnFreePort with { EventStreamsMax = 2 }, isSeeded: false);
        using HttpResponseMessage first = await OpenAsync();
        using HttpResponseMessage second = await OpenAsync();
        using HttpResponseMessage third = await OpenAsync();

        Assert.Equal((200, 200, 429), ((int)first.StatusCode, (int)second.StatusCode, (int)third.StatusCode));

        Task<HttpResponseMessage> OpenAsync() =>
            served.Http.SendAsync(Served.Request(HttpMethod.Get, "/api/v1/events"), HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>BAMBOO_FUZZ_REQUESTS and BAMBOO_FUZZ_SEEDS (with commas between) ask for more of them.</summary>
    public static TheoryData<int, int> Fuzzes
    {
        get
        {
            var rows = new TheoryData<int, int>();
            foreach (string seed in (Environment.GetEnvironmentVariable("BAMBOO_FUZZ_SEEDS") ?? $"{Seed}").Split(','))
            {
                rows.Add(
                    int.Parse(seed, CultureInfo.InvariantCulture),
                    int.Parse(Environment.GetEnvironmentVariable("BAMBOO_FUZZ_REQUESTS") ?? $"{Requests}", CultureInfo.InvariantCulture));
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Fuzzes))]
    public async Task Malformed_requests_neither_break_nor_hang_the_server(int seed, int requests)
    {
        await using Served served = await Served.StartAsync(Served.OnFreePort with { BodyTimeMax = TimeSpan.FromSeconds(5), CallTimeMax = TimeSpan.FromSeconds(5) });
        var fuzz = new Fuzz(new Random(seed));
        Dictionary<int, int> statuses = [];
        for (int number = 0; number < requests; number++)
        {
            using HttpRequestMessage request = fuzz.Next();
            string what = $"request {number} of seed {seed}: {request.Method} {request.RequestUri}";
            using HttpResponseMessage response = await served.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            int status = (int)response.StatusCode;
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
            Assert.True(status is < 500 or 504, $"{what}: {status}");
            if (response.Content.Headers.ContentType?.MediaType == "text/event-stream")
            {
                continue;
            }

            string body = await response.Content.ReadAsStringAsync();
            Assert.All(Internals, sign => Assert.False(body.Contains(sign, StringComparison.Ordinal), $"{what} tells {sign}: {body}"));
        }

        Assert.True(statuses.Count >= 5, string.Join(' ', statuses));
        Assert.Equal(200, (await served.AskAsync(HttpMethod.Get, "/api/v1/pipelines")).Status);
    }

    [Theory]
    [InlineData("GET\r\n\r\n")]
    [InlineData("GET / HTTP/9.9\r\n\r\n")]
    [InlineData("POST /api/v1/list_pipelines HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n")]
    [InlineData("POST /api/v1/list_pipelines HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("POST /api/v1/list_pipelines HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}")]
    [InlineData("\0\0\0\0\0\0\0\0\r\n\r\n")]
    public async Task What_is_not_http_is_refused(string bytes)
    {
        await using Served served = await Served.StartAsync(isSeeded: false);

        string answer = await RawAsync(served, bytes);

        Assert.Matches("^HTTP/1.1 (4[0-9][0-9]|505) ", answer);
    }

    [Fact]
    public async Task Keys_are_made_listed_and_revoked_from_the_command_line()
    {
        using var folder = new TemporaryFolder();
        string file = folder.At("keys.json");
        (int code, MapValue made, _) = await BambooAsync("key", "add", "ci", "--role", "operator", "--keys", file, "--json");
        Assert.Equal(0, code);
        string id = ((TextValue)made["id"]).Value;
        await using Served served = await Served.StartAsync(Served.OnFreePort with { KeyFile = file }, isSeeded: false);
        Assert.Equal(200, (await served.AskAsync(HttpMethod.Get, "/api/v1/pipelines", bearer: ((TextValue)made["key"]).Value)).Status);

        (_, MapValue listed, string text) = await BambooAsync("key", "list", "--keys", file, "--json");
        Assert.Equal(id, ((TextValue)((MapValue)Assert.Single((ListValue)listed["keys"]))["id"]).Value);
        Assert.DoesNotContain(((TextValue)made["key"]).Value, text, StringComparison.Ordinal);
        Assert.Equal(0, (await BambooAsync("key", "revoke", id, "--keys", file, "--json")).Code);
        Assert.Equal(401, (await served.AskAsync(HttpMethod.Get, "/api/v1/pipelines", bearer: ((TextValue)made["key"]).Value)).Status);
        foreach ((string expected, string[] args) in new (string, string[])[]
        {
            ("not-found", ["key", "revoke", "nobody", "--keys", file, "--json"]),
            ("invalid-argument", ["key", "add", "x", "--role", "king", "--keys", file, "--json"]),
            ("file.unreadable", ["key", "list", "--keys", file + "x", "--json"]),
            ("server.open-to-others", ["serve", "--listen", "0.0.0.0:0", "--db", folder.At("a.db"), "--json"]),
            ("invalid-argument", ["serve", "--listen", "everywhere", "--db", folder.At("a.db"), "--json"]),
            ("invalid-argument", ["serve", "--listen", "127.0.0.1", "--db", folder.At("a.db"), "--json"]),
            ("command-line", ["serve", "--jwt-issuer", "x", "--db", folder.At("a.db"), "--json"]),
            ("file.unreadable", ["serve", "--keys", file + "x", "--db", folder.At("a.db"), "--json"]),
            ("invalid-argument", ["dev", "--listen", "0.0.0.0:0", "--db", folder.At("a.db"), "--json"]),
        })
        {
            (int exit, MapValue refusal, _) = await BambooAsync(args);
            Assert.Equal((string.Join(' ', args), 2, expected), (string.Join(' ', args), exit, ((TextValue)refusal["code"]).Value));
        }
    }

    [Fact]
    public async Task Dev_has_three_pipelines_to_try_and_finds_them_again()
    {
        using var folder = new TemporaryFolder();
        for (int round = 0; round < 2; round++)
        {
            using var stop = new CancellationTokenSource();
            using var output = new LineWriter();
            Task<int> running = BambooCli.RunAsync(
                ["dev", "--listen", "127.0.0.1:0", "--db", folder.At("dev.db"), "--json"],
                new CliTerminal { Out = output, Error = TextWriter.Null, In = TextReader.Null },
                stop.Token);
            var told = (MapValue)Value.ParseJson(await output.First.Task.WaitAsync(Served.Patience));
            using var http = new HttpClient { BaseAddress = new Uri(((TextValue)((ListValue)told["addresses"])[0]).Value) };
            using HttpRequestMessage request = Served.Request(HttpMethod.Get, "/api/v1/pipelines", bearer: ((TextValue)told["key"]).Value);
            using HttpResponseMessage response = await http.SendAsync(request);
            var page = (MapValue)Value.ParseJson(await response.Content.ReadAsStringAsync());
            Assert.Equal(3, ((ListValue)page["pipelines"]).Count);

            using HttpResponseMessage login = await http.GetAsync(((TextValue)told["login"]).Value);
            Assert.Contains("<title>Bamboo</title>", await login.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Contains("dev_failed", await http.GetStringAsync("/api/v1/pipelines"), StringComparison.Ordinal);
            Assert.Contains("Operator", await http.GetStringAsync("/api/v1/pipelines/dev_failed/waits"), StringComparison.Ordinal);
            Assert.Contains("Callback", await http.GetStringAsync("/api/v1/pipelines/dev_waiting/waits"), StringComparison.Ordinal);
            await stop.CancelAsync();
            Assert.Equal(0, await running.WaitAsync(Served.Patience));
        }
    }

    private static async Task<(int Code, MapValue Json, string Text)> BambooAsync(params string[] args)
    {
        using var output = new StringWriter();
        int code = await BambooCli.RunAsync(args, new CliTerminal { Out = output, Error = TextWriter.Null, In = TextReader.Null })
            .WaitAsync(Served.Patience);
        return (code, (MapValue)Value.ParseJson(output.ToString()), output.ToString());
    }

    private static async Task<string> RawAsync(Served served, string bytes)
    {
        using var client = new TcpClient();
        using var stop = new CancellationTokenSource(Served.Patience);
        await client.ConnectAsync("127.0.0.1", served.Server.Addresses[0].Port, stop.Token);
        NetworkStream stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(bytes), stop.Token);
        byte[] answer = new byte[16 * 1024];
        int count = await stream.ReadAsync(answer, stop.Token);
        return Encoding.Latin1.GetString(answer, 0, count);
    }

    private sealed class ChunkedContent : HttpContent
    {
        private readonly byte[] _bytes;

        public ChunkedContent(string text)
        {
            _bytes = Encoding.UTF8.GetBytes(text);
            Headers.TryAddWithoutValidation("Content-Type", "application/json");
        }

        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) => stream.WriteAsync(_bytes).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    /// <summary>Gives the first line that is written.</summary>
    private sealed class LineWriter : StringWriter
    {
        public TaskCompletionSource<string> First { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void WriteLine(string? value) => First.TrySetResult(value ?? "");
    }

    /// <summary>Requests that are wrong in many ways, the same for the same seed.</summary>
    private sealed class Fuzz(Random random)
    {
        private static readonly string[] Types = ["application/json", "application/json", "application/json", "text/json", "application/json; charset=latin1", "a/b/c", ""];
        private static readonly string[] Methods = ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "WEIRD"];
        private static readonly string[] Headers = ["Authorization", "Last-Event-ID", "Cookie", "Origin", "Accept", "Content-Encoding", "X-Forwarded-For", "Range"];
        private static readonly string[] Paths =
        [
            "/", "/login", "/api/v1/pipelines", "/api/v1/events", "/api/v1/pipelines/dev_failed/states", "/api/v1/nodes/dev_rest/histories",
            "/api/v1/callbacks/a/b", "/api/v1/session", "/api/v1/pipeline_counts", "/api/v1/pipelines/dev_failed/definition", "/api/v1/callback_tokens",
            "/api/v1/batch/pause_pipeline", "/api/v1/batch/retry_node", "/api/v1/pipelines/%00/states", "/api/v1/%ff%fe", "/api/v1//",
        ];

        private static readonly string[] Parameters = ["state", "text", "name", "created_from", "created_before", "limit", "cursor", "from", "root_id", "token"];

        public HttpRequestMessage Next()
        {
            (string function, MapValue arguments) = Calls.All[random.Next(Calls.All.Count)];
            bool isPost = random.Next(4) > 0;
            string path = random.Next(4) == 0 ? Paths[random.Next(Paths.Length)] : $"/api/v1/{function}";
            if (random.Next(4) == 0)
            {
                string parameter = random.Next(2) == 0 ? Parameters[random.Next(Parameters.Length)] : Text();
                path += random.Next(2) == 0 ? $"?{parameter}={Uri.EscapeDataString(Text())}" : $"?{Uri.EscapeDataString(Text())}={Uri.EscapeDataString(Text())}&from={random.Next(-2, 3)}&limit={Uri.EscapeDataString(Text())}";
            }

            var request = new HttpRequestMessage(new HttpMethod(isPost ? "POST" : Methods[random.Next(Methods.Length)]), path);
            if (isPost)
            {
                request.Content = new ByteArrayContent(Body(arguments));
                request.Content.Headers.TryAddWithoutValidation("Content-Type", Types[random.Next(Types.Length)]);
            }

            if (random.Next(5) == 0)
            {
                request.Headers.TryAddWithoutValidation(Headers[random.Next(Headers.Length)], new string([.. Text().Where(letter => letter is > ' ' and < '\x7f')]));
            }

            return request;
        }

        private byte[] Body(MapValue arguments)
        {
            MapValue changed = Changed(arguments);
            byte[] bytes = ValueJson.ToUtf8(changed);
            switch (random.Next(6))
            {
                case 0:
                    return bytes[..random.Next(bytes.Length)];
                case 1:
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                    return bytes;
                case 2:
                    byte[] noise = new byte[random.Next(200)];
                    random.NextBytes(noise);
                    return noise;
                case 3:
                    int depth = random.Next(2000);
                    return Encoding.UTF8.GetBytes($"{{\"pipeline\":{new string('[', depth)}{new string(']', depth)}}}");
                default:
                    return bytes;
            }
        }

        private MapValue Changed(MapValue arguments)
        {
            MapValue.Builder changed = arguments.ToBuilder();
            foreach (string name in arguments.Keys)
            {
                if (random.Next(3) == 0 && name is not ("dry_run" or "wait_seconds"))
                {
                    changed[name] = random.Next(2) == 0 ? Inside(arguments[name]) : Any(3);
                }
            }

            if (random.Next(6) == 0)
            {
                changed[Text()] = Any(2);
            }

            return changed.Build();
        }

        // One value somewhere in it is another, or is not there.
        private Value Inside(Value value)
        {
            switch (value)
            {
                case MapValue { Count: > 0 } map:
                    string changed = map.Keys.ElementAt(random.Next(map.Count));
                    return random.Next(8) == 0
                        ? Value.Map(map.Where(entry => entry.Key != changed).Select(entry => (entry.Key, entry.Value)))
                        : map.With(changed, random.Next(6) == 0 ? Any(2) : Inside(map[changed]));
                case ListValue { Count: > 0 } list:
                    int at = random.Next(list.Count);
                    return Value.List(list.Select((item, index) => index == at ? Inside(item) : item));
                default:
                    return Any(2);
            }
        }

        private Value Any(int depth) => random.Next(depth > 0 ? 9 : 7) switch
        {
            0 => Value.Null,
            1 => random.Next(2) == 0,
            2 => random.NextInt64(long.MinValue, long.MaxValue),
            3 => random.NextDouble() * 1e300,
            4 => System.Numerics.BigInteger.Pow(10, random.Next(400)),
            5 or 6 => Text(),
            7 => Value.List(Enumerable.Range(0, random.Next(4)).Select(_ => Any(depth - 1))),
            _ => Value.Map(Enumerable.Range(0, random.Next(4)).Select(number => (number.ToString(CultureInfo.InvariantCulture), Any(depth - 1)))),
        };

        private string Text() => random.Next(5) switch
        {
            0 => "",
            1 => "dev_failed",
            2 => new string('x', random.Next(3000)),
            3 => "\0\u2028'; DROP TABLE pipelines; -- ${1/0} <script>",
            _ => new string([.. Enumerable.Range(0, random.Next(1, 20)).Select(_ => (char)random.Next(1, 0xd7ff))]),
        };
    }
}
