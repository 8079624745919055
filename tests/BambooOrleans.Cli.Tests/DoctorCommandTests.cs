using System.Net;
using System.Net.Sockets;
using BambooOrleans.Cli.Doctor;
using BambooOrleans.Storage;
using BambooOrleans.TestPostgres;
using SQLitePCL;

namespace BambooOrleans.Cli.Tests;

/// <summary>Each fault is planted, and found; a setup without one has none.</summary>
public sealed class DoctorCommandTests : IDisposable
{
    private readonly Bamboo _bamboo = new();

    public void Dispose() => _bamboo.Dispose();

    [Fact]
    public async Task A_setup_without_a_fault_has_no_problem_and_stays_as_it_was()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);
        string directory = Path.GetDirectoryName(_bamboo.Database)!;
        Dictionary<string, byte[]> before = Contents(directory);

        Output json = await _bamboo.OnDatabaseAsync("doctor", "--json", "--listen", "127.0.0.1:0");
        Output text = await _bamboo.OnDatabaseAsync("doctor", "--listen", "127.0.0.1:0");

        json.IsOf(0);
        text.IsOf(0);
        Assert.Equal(0, json.At("problems"));
        Assert.Contains("ok        database.schema: its schema has version", text.Text, StringComparison.Ordinal);
        Assert.Contains("0 problems", text.Text, StringComparison.Ordinal);
        Assert.Equal(before, Contents(directory));

        static Dictionary<string, byte[]> Contents(string directory) => Directory.GetFiles(directory).ToDictionary(file => file, File.ReadAllBytes);
    }

    [Fact]
    public async Task Whoever_owns_the_database_is_told_and_not_disturbed()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);
        await using var owner = new SqliteStore(new SqliteStoreOptions { Path = _bamboo.Database });
        await owner.OpenAsync(CancellationToken.None);

        Output output = await _bamboo.OnDatabaseAsync("doctor", "--json", "--listen", "127.0.0.1:0");

        output.IsOf(0);
        Assert.Equal("an engine in another process owns it now", Found(output, "database.lease").Text);
        Assert.Equal("1 pipeline is unfinished", Found(output, "pipelines").Text);
    }

    [Fact]
    public async Task A_runtime_that_is_too_old_is_a_problem() =>
        Expect(await ExamineAsync(new Machine { Runtime = new Version(8, 0, 1) }), "runtime", "problem", ".NET 8.0.1 is too old", "Install .NET 10");

    [Fact]
    public async Task Missing_time_zones_are_a_warning() =>
        Expect(await ExamineAsync(new Machine { HasTimeZone = _ => false }), "clock.time_zones", "warning", "no time zone data", "tzdata");

    [Theory]
    [InlineData(100L << 20, "problem", "100 MiB are free")]
    [InlineData(1L << 30, "warning", "1024 MiB are free")]
    [InlineData(50L << 30, "ok", "50 GiB are free")]
    public async Task A_full_disk_is_found(long free, string status, string text) =>
        Expect(await ExamineAsync(new Machine { FreeBytes = _ => free }), "disk.space", status, text, status == "ok" ? null : "bamboo purge");

    [Fact]
    public async Task A_slow_disk_is_a_warning() => Expect(
        await ExamineAsync(new Machine { MeasureSync = _ => TimeSpan.FromMilliseconds(45.5) }), "disk.sync", "warning", "45.50 ms", "faster disk");

    [Fact]
    public async Task A_directory_that_nothing_can_be_written_in_is_a_problem() => Expect(
        await ExamineAsync(new Machine { MeasureSync = _ => throw new UnauthorizedAccessException("planted") }),
        "disk.sync", "problem", "nothing can be written in", "right to write there");

    [Fact]
    public async Task A_clock_that_went_back_is_a_problem()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);

        Expect(await ExamineAsync(now: new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero)), "clock.time", "problem", "before the newest pipeline", "Set the clock");
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_a_warning() =>
        Expect(await ExamineAsync(), "database.open", "warning", "there is no database", "bamboo run, serve and dev make it");

    [Fact]
    public async Task A_file_that_is_no_database_is_a_problem()
    {
        File.WriteAllText(_bamboo.Database, string.Concat(Enumerable.Repeat("no database ", 200)));

        Expect(await ExamineAsync(), "database.open", "problem", "is no store of this engine", "--db");
    }

    [Fact]
    public async Task A_schema_of_a_newer_program_is_a_problem_and_an_older_one_a_warning()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);
        Execute("UPDATE schema SET version = 99");
        Expect(await ExamineAsync(), "database.schema", "problem", "its schema has version 99", "newer version of bamboo");

        Execute("UPDATE schema SET version = 1");
        Expect(await ExamineAsync(), "database.schema", "warning", "its schema has version 1;", "Nothing needs to be done");
    }

    [Fact]
    public async Task Damaged_pages_are_a_problem()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);
        using (FileStream file = File.OpenWrite(_bamboo.Database))
        {
            // Every page but the first two: the header and the schema stay.
            byte[] noise = Enumerable.Repeat((byte)0xA5, (int)file.Length - 16384).ToArray();
            file.Position = 16384;
            file.Write(noise);
        }

        Output output = await ExamineAsync();

        output.IsOf(1);
        Assert.Contains(Checks(output), check => check is { Name: "database.pages", Status: "problem" });
    }

    [Fact]
    public async Task A_log_that_was_not_cut_back_is_a_warning()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);
        using (FileStream log = File.Create(_bamboo.Database + "-wal"))
        {
            log.SetLength(300L << 20);
        }

        Expect(await ExamineAsync(), "database.log", "warning", "300 MiB", "end that program");
    }

    [Fact]
    public async Task Failed_nodes_and_long_waits_are_warnings_that_name_them()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);
        (await _bamboo.OnDatabaseAsync("run", _bamboo.Write("failing.json", Failing))).IsOf(1);

        Output output = await ExamineAsync(now: DateTimeOffset.UtcNow.AddDays(8));

        Expect(output, "pipelines.failed", "warning", "bad of failing", "bamboo why");
        Expect(output, "pipelines.waiting", "warning", " of approval since ", "callback");
        Expect(output, "pipelines.stuck", "ok", "none", null);
    }

    [Fact]
    public async Task Pipelines_that_cannot_be_loaded_or_name_unknown_code_are_found()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);
        Execute("UPDATE trees SET tree = CAST(replace(CAST(tree AS TEXT), 'wait_callback', 'gone_callback') AS BLOB)");
        Expect(await ExamineAsync(), "pipelines.unknown_code", "warning", "gone_callback", "Nodes of it will fail here");

        Execute("UPDATE trees SET tree = CAST('{' AS BLOB)");
        Expect(await ExamineAsync(), "pipelines.unreadable", "problem", "approval (", "revoke it");
    }

    [Fact]
    public async Task Keys_that_others_may_read_are_a_problem_and_so_are_none_at_all()
    {
        string keys = Path.Combine(Path.GetDirectoryName(_bamboo.Database)!, "keys.json");
        (await Bamboo.RunAsync(["key", "add", "ann", "--keys", keys, "--role", "viewer", "--json"])).IsOf(0);
        Expect(await ExamineAsync(options: ["--keys", keys]), "serve.keys", "ok", "is private", null);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
            Expect(await ExamineAsync(options: ["--keys", keys]), "serve.keys", "problem", "others may read", "chmod 600");
        }

        Expect(await ExamineAsync(options: ["--keys", _bamboo.Write("none.json", """{"keys": []}""")]), "serve.keys", "problem", "no key that is not revoked", "bamboo key add");
        Expect(await ExamineAsync(options: ["--keys", _bamboo.Write("bad.json", "{")]), "serve.keys", "problem", "cannot be read", "Correct the file");
        Expect(await ExamineAsync(options: ["--keys", "not-there.json"]), "serve.options", "problem", "is not there", "bamboo serve would refuse it");
    }

    [Fact]
    public async Task An_address_open_to_others_without_keys_is_a_problem_and_one_that_is_taken_a_warning()
    {
        Expect(await ExamineAsync(options: ["--listen", "0.0.0.0:0"]), "serve.authentication", "problem", "beyond this machine without authentication", "--keys");
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        Expect(await ExamineAsync(options: ["--listen", taken.LocalEndpoint.ToString()!]), "serve.address", "warning", "it cannot listen on", "--listen");
    }

    [Fact]
    public async Task A_secret_that_is_too_short_is_a_problem() => Expect(
        await ExamineAsync(options: ["--callback-secret", _bamboo.Write("secret", "short")]), "serve.callback_secret", "problem", "is too short", "32 random bytes");

    [Fact]
    public async Task A_collector_that_cannot_be_reached_is_a_warning()
    {
        Expect(await ExamineAsync(options: ["--otlp", "http://127.0.0.1:1"]), "telemetry.collector", "warning", "cannot be reached", "Start the collector");
        Expect(await ExamineAsync(options: ["--otlp", "nowhere"]), "telemetry.collector", "problem", "must be an http or https URL", "Correct it");
        using var there = new TcpListener(IPAddress.Loopback, 0);
        there.Start();
        Expect(await ExamineAsync(options: ["--otlp", $"http://{there.LocalEndpoint}"]), "telemetry.collector", "ok", "takes connections", null);
    }

    [Fact]
    public async Task Silo_settings_are_read_by_the_rules_of_the_silo()
    {
        const string Database = "Host=127.0.0.1;Port=1;Database=none;Username=none";
        Expect(
            await ExamineAsync(options: ["--silo", _bamboo.Write("silo.json", $$"""{"connectionString": "{{Database}}", "siloPort": 70000}""")]),
            "silo.settings", "problem", "siloPort is 70000, and a port is from 1 to 65535", "docs/cluster.md");
        Expect(
            await ExamineAsync(options: ["--silo", _bamboo.Write("silo.json", """{"siloPrt": 1}""")]), "silo.settings", "problem", "siloPrt", "docs/cluster.md");
        _bamboo.Write("no.dll", "no assembly");
        Output output = await ExamineAsync(options:
        [
            "--silo", _bamboo.Write("silo.json", $$"""{"connectionString": "{{Database}}", "components": ["no.dll", "not-there.dll"]}"""),
        ]);
        Assert.Equal(2, Checks(output).Count(check => check is { Name: "silo.components", Status: "problem" }));
        Expect(output, "database.open", "problem", "127.0.0.1:1", "See that the server runs");
    }

    [PostgresFact]
    public async Task A_database_on_a_server_is_looked_at_too()
    {
        PrivatePostgres server = await PrivatePostgres.SharedAsync();
        string database = await server.CreateDatabaseAsync();
        Expect(await OnServerAsync(), "database.schema", "warning", "0001_tables", "bamboo-silo migrate");

        (await Bamboo.RunAsync(["run", Bamboo.Example("approval.json"), "--db", database])).IsOf(3);
        Output well = await OnServerAsync();
        Expect(well, "database.schema", "ok", "every table", null);
        Expect(well, "database.lease", "ok", "no engine owns it now", null);
        Expect(well, "pipelines", "ok", "1 pipeline is unfinished", null);
        Expect(await OnServerAsync("Options=-c synchronous_commit=off"), "database.durability", "problem", "synchronous_commit is off", "acknowledged");
        Expect(await OnServerAsync("Maximum Pool Size=5000"), "database.connections", "warning", "opens up to 5000", "max_connections");

        await using (var owner = new PostgresStore(new PostgresStoreOptions { ConnectionString = database }))
        {
            await owner.OpenAsync(CancellationToken.None);
            Expect(await OnServerAsync(), "database.lease", "ok", "owned by bamboo at ", null);
        }

        await using (var connection = new Npgsql.NpgsqlConnection(database))
        {
            await connection.OpenAsync();
            await using var command = new Npgsql.NpgsqlCommand("INSERT INTO bamboo_schema (set, script) VALUES ('engine', '9999_future')", connection);
            await command.ExecuteNonQueryAsync();
        }

        Expect(await OnServerAsync(), "database.schema", "problem", "9999_future", "newer version");
        await server.DropDatabaseAsync(database);

        Task<Output> OnServerAsync(string option = "") => ExamineAsync(database: $"{database};{option}");
    }

    private const string Failing = """
        {
          "id": "failing",
          "start_event": {"id": "s", "type": "EmptyStartEvent", "incoming": "", "outgoing": "f1"},
          "end_event": {"id": "e", "type": "EmptyEndEvent", "incoming": ["f2"], "outgoing": ""},
          "activities": {
            "bad": {
              "id": "bad", "type": "ServiceActivity", "incoming": ["f1"], "outgoing": "f2",
              "component": {"code": "sleep", "inputs": {"seconds": {"type": "plain", "value": "no number"}}}
            }
          },
          "gateways": {},
          "flows": {
            "f1": {"id": "f1", "source": "s", "target": "bad"},
            "f2": {"id": "f2", "source": "bad", "target": "e"}
          },
          "data": {"inputs": {}, "outputs": []}
        }
        """;

    private static void Expect(Output output, string name, string status, string text, string? advice)
    {
        output.IsOf(Checks(output).Any(check => check.Status == "problem") ? 1 : 0);
        Assert.Contains(
            Checks(output),
            check => check.Name == name && check.Status == status && check.Text.Contains(text, StringComparison.Ordinal)
                && (advice is null ? check.Advice is null : check.Advice?.Contains(advice, StringComparison.Ordinal) == true));
    }

    private static Found Found(Output output, string name) => Assert.Single(Checks(output), check => check.Name == name);

    private static List<Found> Checks(Output output) => [.. ((ListValue)output.At("checks")).Cast<MapValue>().Select(check => new Found(
        Text(check["name"])!, Text(check["status"])!, Text(check["text"])!, Text(check["advice"])))];

    private static string? Text(Value value) => (value as TextValue)?.Value;

    private async Task<Output> ExamineAsync(Machine? machine = null, DateTimeOffset? now = null, string? database = null, string[]? options = null)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var input = new StringReader("");
        string[] address = options?.Contains("--listen") == true ? [] : ["--listen", "127.0.0.1:0"];
        int exitCode = await BambooCli.RunAsync(
            ["doctor", "--json", "--db", database ?? _bamboo.Database, .. address, .. options ?? []],
            new CliTerminal { Out = output, Error = error, In = input, Time = new FixedTime(now ?? DateTimeOffset.UtcNow) },
            machine ?? new Machine { FreeBytes = _ => 100L << 30, MeasureSync = _ => TimeSpan.FromMilliseconds(1) },
            CancellationToken.None);
        return new Output(exitCode, output.ToString(), error.ToString());
    }

    private void Execute(string sql)
    {
        Batteries_V2.Init();
        Assert.Equal(raw.SQLITE_OK, raw.sqlite3_open(_bamboo.Database, out sqlite3 connection));
        using (connection)
        {
            Assert.Equal(raw.SQLITE_OK, raw.sqlite3_exec(connection, sql));
        }
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}

internal sealed record Found(string Name, string Status, string Text, string? Advice);
