using System.Diagnostics;

namespace BambooOrleans.Cli.Tests;

/// <summary>The program itself, as a process.</summary>
public sealed class ProcessTests : IDisposable
{
    private readonly Bamboo _bamboo = new();

    public void Dispose() => _bamboo.Dispose();

    [Fact]
    public async Task It_runs_an_example_to_its_end()
    {
        using Process process = Start("run", Bamboo.Example("deploy.json"), "--db", _bamboo.Database);

        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(0, process.ExitCode);
        Assert.Contains("deploy FINISHED", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_killed_process_left_is_finished_by_the_next_with_the_same_data()
    {
        using (Process process = Start("run", Bamboo.Example("deploy.json"), "--db", _bamboo.Database))
        {
            // Killed in the midst of it, wherever that is then: the pipeline must end the same from each place.
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line.Contains("announce", StringComparison.Ordinal))
                {
                    break;
                }
            }

            process.Kill();
            await process.WaitForExitAsync();
        }

        Output resumed = await _bamboo.OnDatabaseAsync("run", "--resume", "deploy", "--json");

        resumed.IsOf(0);
        Assert.Equal(
            Value.List("shop 1.4.2 is live in eu", "shop 1.4.2 is live in us", "shop 1.4.2 is live in ap"),
            resumed.At("outputs", "${summary}"));
    }

    private static Process Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "bamboo.dll"));
        foreach (string arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        return Process.Start(start)!;
    }
}
