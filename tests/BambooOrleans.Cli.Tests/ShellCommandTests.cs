using System.Diagnostics;
using BambooOrleans.Building;
using BambooOrleans.Cli.Reports;

namespace BambooOrleans.Cli.Tests;

/// <summary>Commands that are told to people do what they say when they are pasted into a shell, whatever the ids are.</summary>
public sealed class ShellCommandTests : IDisposable
{
    private readonly Bamboo _bamboo = new();

    public void Dispose() => _bamboo.Dispose();

    [Theory]
    [InlineData("--json")]
    [InlineData("--db")]
    [InlineData("-h")]
    [InlineData("-?")]
    [InlineData("--")]
    [InlineData("=x")]
    [InlineData("it's $HOME")]
    [InlineData("日本")]
    public async Task A_command_that_why_tells_works_whatever_the_id_is(string id)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string file = _bamboo.Write("p.json", RunCommandTests.Tree(new ServiceActivity("wait_callback", id)));
        Output run = await _bamboo.OnDatabaseAsync("run", file);
        run.IsOf(3);

        string[] fails = Commands(await _bamboo.OnDatabaseAsync("why", "p", "--json"), " fail ");
        (await Bamboo.RunAsync(Words(Assert.Single(fails)))).IsOf(0);
        string[] retries = Commands(await _bamboo.OnDatabaseAsync("why", "p", "--json"), " retry ");
        (await Bamboo.RunAsync(Words(Assert.Single(retries)))).IsOf(3);
        string[] callbacks = Commands(await _bamboo.OnDatabaseAsync("why", "p", "--json"), " callback ");
        (await Bamboo.RunAsync(Words(Assert.Single(callbacks)))).IsOf(0);
    }

    [Fact]
    public async Task A_command_that_run_tells_works_whatever_the_id_is()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string file = _bamboo.Write("p.json", RunCommandTests.Tree(new ServiceActivity("wait_callback", "--help")));
        Output run = await _bamboo.OnDatabaseAsync("run", file);
        run.IsOf(3);

        string command = run.Text.Split('\n').Single(line => line.StartsWith("  bamboo callback", StringComparison.Ordinal));
        Output called = await Bamboo.RunAsync(Words(command.Trim()));

        called.IsOf(0);
        Assert.Contains("p FINISHED", called.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Control_characters_are_written_so_that_no_terminal_takes_them_for_its_own() =>
        Assert.Equal(
            "bamboo node fail $'a\\u000ab\\u001b[31m\\'\\\\'",
            ShellCommand.Of("bamboo node fail", "bamboo.db", ["a\nb\u001b[31m'\\"]));

    [Fact]
    public void An_option_holds_a_value_that_looks_like_one()
    {
        Assert.Equal("bamboo run --resume=-p --db=-x.db", ShellCommand.Resume("-p", "-x.db"));
        Assert.Equal(
            "bamboo node skip --flow=--f --flow g -- -n",
            ShellCommand.Of("bamboo node skip", "bamboo.db", ["-n"], ShellCommand.Option("--flow", "--f"), ShellCommand.Option("--flow", "g")));
    }

    private static string[] Commands(Output why, string verb) =>
    [
        .. ((ListValue)why.At("waits")).SelectMany(wait => (ListValue)((MapValue)wait)["commands"])
            .Select(command => ((TextValue)command).Value)
            .Where(command => command.Contains(verb, StringComparison.Ordinal)),
    ];

    // As a shell takes them, without the name of the program.
    private static string[] Words(string command)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"printf '%s\\0' {command}"]) { RedirectStandardOutput = true };
        using Process shell = Process.Start(start)!;
        string text = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        return text.Split('\0')[1..^1];
    }
}
