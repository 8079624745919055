using System.Diagnostics;

namespace BambooOrleans.Benchmarks;

/// <summary>Reads the states of pipelines at a steady rate, while something else goes on.</summary>
internal sealed class StateReader : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly HttpClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private readonly List<TimeSpan> _latencies = [];

    public StateReader(Uri address, IReadOnlyList<string> rootIds)
    {
        _client = new HttpClient { BaseAddress = address };
        _reading = ReadAsync(rootIds);
    }

    /// <summary>Ends it.</summary>
    /// <returns>How long each read took, in order.</returns>
    public async Task<TimeSpan[]> StopAsync()
    {
        await _stop.CancelAsync();
        await _reading;
        return [.. _latencies.Order()];
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task ReadAsync(IReadOnlyList<string> rootIds)
    {
        var random = new Random(1);
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                string rootId = rootIds[random.Next(rootIds.Count)];
                long start = Stopwatch.GetTimestamp();
                await _client.GetStringAsync(new Uri($"/api/v1/pipelines/{rootId}/states", UriKind.Relative));
                _latencies.Add(Stopwatch.GetElapsedTime(start));
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }
}
