using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;

namespace BambooOrleans.Cluster.Tests.Silo;

/// <summary>The silo program as a process of its own.</summary>
internal sealed class SiloProgram : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();

    private SiloProgram(string[] arguments, IReadOnlyDictionary<string, string> variables)
    {
        ProcessStartInfo start = new(
            Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "bamboo-silo.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in variables)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Keep(_output, line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(_errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int HealthPort { get; private init; }

    public string Output => string.Join('\n', _output);

    public string Errors => string.Join('\n', _errors);

    public static SiloProgram Start(string[] arguments, IReadOnlyDictionary<string, string> variables, int healthPort = 0) =>
        new(arguments, variables) { HealthPort = healthPort };

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(
        string[] arguments, IReadOnlyDictionary<string, string> variables)
    {
        await using SiloProgram program = Start(arguments, variables);
        int exitCode = await program.ExitAsync();
        return (exitCode, program.Output, program.Errors);
    }

    public async Task<int> ExitAsync()
    {
        using CancellationTokenSource limit = new(TimeSpan.FromMinutes(2));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <summary>Asks for the health until the answer has the status.</summary>
    /// <exception cref="TimeoutException">The program has ended, or it has not within two minutes.</exception>
    public async Task<string> HealthAsync(string path, HttpStatusCode status)
    {
        string last = "no answer";
        for (Stopwatch waited = Stopwatch.StartNew(); waited.Elapsed < TimeSpan.FromMinutes(2) && !_process.HasExited; await Task.Delay(50))
        {
            try
            {
                using HttpResponseMessage response = await Http.GetAsync(new Uri($"http://127.0.0.1:{HealthPort}{path}"));
                last = await response.Content.ReadAsStringAsync();
                if (response.StatusCode == status)
                {
                    return last;
                }
            }
            catch (HttpRequestException failure)
            {
                last = failure.Message;
            }
        }

        throw new TimeoutException($"{path} did not answer {status}; last: {last}\n{Output}\n{Errors}");
    }

    public void Kill() => _process.Kill();

    /// <summary>Tells it to stop, as a pod is told.</summary>
    public void Terminate()
    {
        using Process kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }
}
