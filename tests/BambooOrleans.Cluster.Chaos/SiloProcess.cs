using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace BambooOrleans.Cluster.Chaos;

/// <summary>A silo program that runs, or the last line that it wrote.</summary>
internal sealed class SiloProcess : IDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(5) };

    private readonly Process _process;
    private readonly int _healthPort = FreePort();
    private volatile string _lastLine = "";

    private SiloProcess(string command, string connectionString, string storage)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "bamboo-silo.dll"), command])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        Dictionary<string, string> settings = new()
        {
            ["connectionString"] = connectionString,
            ["storage__kind"] = storage,
            ["advertisedAddress"] = "127.0.0.1",
            ["siloPort"] = Text(SiloPort),
            ["gatewayPort"] = Text(FreePort()),
            ["healthPort"] = Text(_healthPort),
            ["components__0"] = typeof(SiloProcess).Assembly.Location,
        };
        foreach ((string name, string value) in settings)
        {
            start.Environment[$"BAMBOO__{name}"] = value;
        }

        start.Environment["DOTNET_gcServer"] = "0";
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => _lastLine = line.Data ?? _lastLine;
        _process.ErrorDataReceived += (_, line) => _lastLine = line.Data ?? _lastLine;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int SiloPort { get; } = FreePort();

    public bool HasEnded => _process.HasExited;

    public string LastLine => _lastLine;

    /// <summary>Makes the tables.</summary>
    public static async Task MigrateAsync(string connectionString, string storage)
    {
        using SiloProcess migrate = new("migrate", connectionString, storage);
        await migrate._process.WaitForExitAsync().ConfigureAwait(false);
        if (migrate._process.ExitCode != 0)
        {
            throw new InvalidOperationException(migrate.LastLine);
        }
    }

    public static SiloProcess Start(string connectionString, string storage) => new("run", connectionString, storage);

    /// <summary>Waits until it is a member.</summary>
    public async Task ReadyAsync(CancellationToken cancellationToken)
    {
        while (!HasEnded)
        {
            try
            {
                using HttpResponseMessage answer = await Http.GetAsync(
                    new Uri($"http://127.0.0.1:{_healthPort}/health/ready"), cancellationToken).ConfigureAwait(false);
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                // It does not listen yet.
            }

            await Task.Delay(50, cancellationToken).ConfigureAwait(false);
        }

        throw new InvalidOperationException($"a silo has ended by itself: {_lastLine}");
    }

    /// <summary>Kills it (SIGKILL).</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
