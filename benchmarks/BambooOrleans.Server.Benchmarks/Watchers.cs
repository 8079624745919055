using System.Diagnostics;

namespace BambooOrleans.Benchmarks;

/// <summary>Open pages: each follows the events of one pipeline until it sees the end of it.</summary>
internal sealed class Watchers : IAsyncDisposable
{
    private static readonly byte[] End = "\"pipeline-finished\""u8.ToArray();

    private readonly HttpClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task<long>[] _ends;
    private long _bytes;

    private Watchers(HttpClient client, IReadOnlyList<HttpResponseMessage> streams)
    {
        _client = client;
        _ends = [.. streams.Select(FollowAsync)];
    }

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Opens the streams; all of them are open when this ends.</summary>
    public static async Task<Watchers> OpenAsync(Uri address, IReadOnlyList<string> rootIds, int count)
    {
        var client = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = int.MaxValue }) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
        var streams = new HttpResponseMessage[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (index, stop) =>
        {
            string rootId = rootIds[index % rootIds.Count];
            streams[index] = await client.GetAsync(
                new Uri($"/api/v1/events?root_id={rootId}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, stop);
            streams[index].EnsureSuccessStatusCode();
        });
        return new Watchers(client, streams);
    }

    /// <summary>Waits until every page has seen its pipeline end.</summary>
    /// <returns>How long after a moment that was, for each, in order.</returns>
    public async Task<TimeSpan[]> SeenAsync(long since)
    {
        long[] ends = await Task.WhenAll(_ends).WaitAsync(TimeSpan.FromMinutes(1));
        return [.. ends.Select(end => Stopwatch.GetElapsedTime(since, end)).Order()];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_ends).ContinueWith(_ => { }, TaskScheduler.Default);
        _client.Dispose();
        _stop.Dispose();
    }

    private async Task<long> FollowAsync(HttpResponseMessage response)
    {
        using (response)
        {
            await using Stream stream = await response.Content.ReadAsStreamAsync(_stop.Token);
            byte[] buffer = new byte[16 * 1024];
            int kept = 0;
            while (true)
            {
                int read = await stream.ReadAsync(buffer.AsMemory(kept), _stop.Token);
                if (read == 0)
                {
                    throw new InvalidOperationException("a stream ended before its pipeline did");
                }

                Interlocked.Add(ref _bytes, read);
                Span<byte> seen = buffer.AsSpan(0, kept + read);
                if (seen.IndexOf(End) >= 0)
                {
                    return Stopwatch.GetTimestamp();
                }

                // What is looked for may begin at the end of one piece.
                kept = Math.Min(End.Length - 1, seen.Length);
                seen[^kept..].CopyTo(buffer);
            }
        }
    }
}
