using System.Net;
using System.Net.Sockets;
using BambooOrleans.Building;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Cli.Tests;

/// <summary>What cannot be done is told in words, with exit code 2, and nothing is done.</summary>
public sealed class BadInputTests : IDisposable
{
    private readonly Bamboo _bamboo = new();

    public void Dispose() => _bamboo.Dispose();

    [Theory]
    [InlineData("tree.not-json", "{ not json")]
    [InlineData("tree.missing-member", "{}")]
    [InlineData("tree.wrong-type", "[]")]
    public async Task A_file_that_is_no_tree_is_refused_before_anything_is_made(string code, string text)
    {
        string file = _bamboo.Write("p.json", text);

        Output run = await _bamboo.OnDatabaseAsync("run", file, "--json");

        run.IsOf(2);
        Assert.Equal(false, run.At("result"));
        Assert.Equal(code, run.At("code"));
        Assert.StartsWith("pipeline", ((TextValue)run.At("path")).Value, StringComparison.Ordinal);
        Assert.False(File.Exists(_bamboo.Database));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        Output output = await _bamboo.OnDatabaseAsync("run", "nowhere.json");

        output.IsOf(2);
        Assert.StartsWith("error: FILE nowhere.json cannot be read: ", output.Error, StringComparison.Ordinal);
        Assert.Contains("[file.unreadable]", output.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_component_is_refused_with_its_place()
    {
        string file = _bamboo.Write("p.json", RunCommandTests.Tree(new ServiceActivity("nonsense", "a")));

        Output output = await _bamboo.OnDatabaseAsync("run", file, "--json");

        output.IsOf(2);
        Assert.Equal("component.unknown", output.At("code"));
        Assert.Equal("pipeline.activities.a.component.code", output.At("path"));
        Assert.False(File.Exists(_bamboo.Database));
    }

    [Fact]
    public async Task A_circle_is_refused_with_advice()
    {
        Output output = await _bamboo.OnDatabaseAsync("run", Bamboo.Example("loop.json"));

        output.IsOf(2);
        Assert.Contains("process -> more -> process [tree.cycle]", output.Error, StringComparison.Ordinal);
        Assert.Contains("--cycle-tolerate", output.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_context_key_that_the_tree_has_is_refused()
    {
        Output output = await _bamboo.OnDatabaseAsync(
            "run", Bamboo.Example("deploy.json"), "--context", """{"service": "other"}""", "--json");

        output.IsOf(2);
        Assert.Equal("already-exists", output.At("code"));
    }

    [Theory]
    [InlineData("command-line", "run")]
    [InlineData("command-line", "run", "a.json", "--resume")]
    [InlineData("command-line", "run", "a.json", "--no-such-option")]
    [InlineData("command-line", "run", "a.json", "--store-sync", "sometimes")]
    [InlineData("command-line", "frobnicate")]
    [InlineData("command-line")]
    [InlineData("command-line", "callback", "a")]
    [InlineData("invalid-argument", "list", "--limit", "0")]
    [InlineData("invalid-argument", "run", "EXAMPLE", "--data", "[1]")]
    [InlineData("invalid-argument", "run", "EXAMPLE", "--data", "{")]
    [InlineData("invalid-argument", "callback", "a", "v", "{")]
    [InlineData("file.unreadable", "run", "EXAMPLE", "--context", "@nowhere.json")]
    [InlineData("start-position-invalid", "run", "EXAMPLE", "--start", "nobody")]
    [InlineData("file.unreadable", "run", ".")]
    [InlineData("file.unreadable", "import", ".")]
    [InlineData("invalid-argument", "run", "EXAMPLE", "--db", "")]
    [InlineData("invalid-argument", "list", "--db", " ")]
    [InlineData("invalid-argument", "serve", "--db", "")]
    [InlineData("store.not-a-store", "run", "EXAMPLE", "--db", ".")]
    [InlineData("store.not-a-store", "list", "--db", ".")]
    [InlineData("store.not-there", "list", "--db", "nowhere.db")]
    [InlineData("store.not-there", "show", "a", "--db", "nowhere.db")]
    [InlineData("store.not-there", "run", "--resume", "--db", "nowhere.db")]
    [InlineData("store.not-there", "callback", "a", "v", "{}", "--db", "nowhere.db")]
    public async Task What_cannot_be_done_has_a_code(string code, params string[] args)
    {
        Output output = await Bamboo.RunAsync(
            [.. args.Select(argument => argument == "EXAMPLE" ? Bamboo.Example("deploy.json") : argument), "--json"]);

        output.IsOf(2);
        Assert.Equal(false, output.At("result"));
        Assert.Equal(code, output.At("code"));
    }

    [Theory]
    [InlineData("--data is not JSON: line 2, column 2: '}' is an invalid", "run", "EXAMPLE", "--data", "{\"a\":\n }")]
    [InlineData("FILE . cannot be read: it is a directory [", "run", ".")]
    [InlineData(". is a directory, and no database [", "list", "--db", ".")]
    [InlineData("the connection string names no host [", "list", "--db", "postgresql://")]
    public async Task What_cannot_be_done_is_told_in_plain_words(string words, params string[] args)
    {
        Output output = await Bamboo.RunAsync(
            [.. args.Select(argument => argument == "EXAMPLE" ? Bamboo.Example("deploy.json") : argument)]);

        output.IsOf(2);
        Assert.StartsWith("error: " + words, output.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_that_nobody_can_take_ends_the_command_and_says_why()
    {
        using var output = new FullWriter();
        using var error = new StringWriter();
        using var input = new StringReader("");

        int exitCode = await BambooCli.RunAsync(
            ["run", Bamboo.Example("nested.json"), "--db", _bamboo.Database],
            new CliTerminal { Out = output, Error = error, In = input });

        Assert.Equal(1, exitCode);
        Assert.Equal($"error: the output cannot be written: the disk is full [file.unwritable]{Environment.NewLine}", error.ToString());
        (await _bamboo.OnDatabaseAsync("run", "--resume", "order")).IsOf(0);
    }

    [Fact]
    public void A_log_that_nobody_can_take_fails_nothing_that_is_logged()
    {
        using var full = new FullWriter();
        using var log = new Serving.ErrorLog(full, TimeProvider.System);

        Exception? failure = Record.Exception(() => log.CreateLogger("bamboo.log").LogWarning("something"));

        Assert.Null(failure);
        Assert.True(full.WasAsked);
    }

    [Fact]
    public async Task A_taken_address_is_told_in_one_line()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();

        Output output = await _bamboo.OnDatabaseAsync("serve", "--listen", listener.LocalEndpoint.ToString()!);

        output.IsOf(2);
        Assert.EndsWith("[server.address]", Assert.Single(output.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_in_use_is_refused()
    {
        await using Session session = await Session.CreateAsync(new SessionOptions { Database = _bamboo.Database }, null, default);

        Output output = await _bamboo.OnDatabaseAsync("list", "--json");

        output.IsOf(2);
        Assert.Equal("store.in-use", output.At("code"));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_refused_and_left_alone()
    {
        string text = new('x', 5000);
        File.WriteAllText(_bamboo.Database, text);

        Output output = await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"), "--json");

        output.IsOf(2);
        Assert.Equal(text, File.ReadAllText(_bamboo.Database));
    }

    [Theory]
    [InlineData("show", "nobody")]
    [InlineData("callback", "nobody", "v", "{}")]
    [InlineData("retry", "nobody")]
    [InlineData("skip", "nobody")]
    public async Task An_unknown_id_is_told(params string[] args)
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);

        Output output = await _bamboo.OnDatabaseAsync([.. args, "--json"]);

        output.IsOf(2);
        Assert.Equal("not-found", output.At("code"));
    }

    private sealed class FullWriter : StringWriter
    {
        public bool WasAsked { get; private set; }

        public override void WriteLine(string? value)
        {
            WasAsked = true;
            throw new IOException("the disk is full");
        }
    }
}
