using System.Diagnostics;
using System.Globalization;

namespace BambooOrleans.Benchmarks;

/// <summary>An <see cref="EngineProcess"/>, seen from the process that measures it.</summary>
internal sealed class ServedEngine : IAsyncDisposable
{
    private readonly Process _process;
    private readonly DirectoryInfo _directory;

    private ServedEngine(Process process, DirectoryInfo directory, Uri address) => (_process, _directory, Address) = (process, directory, address);

    public Uri Address { get; }

    /// <summary>What it used of the processors so far.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<ServedEngine> StartAsync()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("bamboo-benchmark-");
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add(EngineProcess.Argument);
        start.ArgumentList.Add(Path.Combine(directory.FullName, "bamboo.db"));
        Process process = Process.Start(start)!;
        return new ServedEngine(process, directory, new Uri(await LineAsync(process)));
    }

    /// <summary>Makes the pipelines of a load.</summary>
    /// <returns>Their ids.</returns>
    public async Task<string[]> PrepareAsync(Load load)
    {
        await _process.StandardInput.WriteLineAsync(load.ToLine());
        return (await LineAsync(_process)).Split(' ');
    }

    /// <summary>Runs what was made.</summary>
    /// <returns>How long it took from the first submission to the last end.</returns>
    public async Task<TimeSpan> RunAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        return TimeSpan.FromSeconds(double.Parse(await LineAsync(_process), CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }

    private static async Task<string> LineAsync(Process process) =>
        await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the engine's process ended");
}
