using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace BambooOrleans.Cli.Doctor;

/// <summary>What the doctor finds out of the machine; a test says something else.</summary>
internal record Machine
{
    private const int SyncsMeasured = 20;

    public Version Runtime { get; init; } = Environment.Version;

    public Func<string, bool> HasTimeZone { get; init; } = id => TimeZoneInfo.TryFindSystemTimeZoneById(id, out _);

    /// <summary>Bytes that are free where a directory is.</summary>
    public Func<string, long> FreeBytes { get; init; } = directory => new DriveInfo(directory).AvailableFreeSpace;

    /// <summary>How long a small write takes until the disk has it: the median of some, to a file that is gone afterwards.</summary>
    /// <exception cref="IOException">Nothing can be written there.</exception>
    /// <exception cref="UnauthorizedAccessException">Nothing may be written there.</exception>
    public Func<string, TimeSpan> MeasureSync { get; init; } = directory =>
    {
        string name = Path.Combine(directory, $".bamboo-doctor-{RandomNumberGenerator.GetHexString(12, lowercase: true)}");
        var times = new List<TimeSpan>();
        byte[] page = new byte[4096];
        using var file = new FileStream(name, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose);
        for (int index = 0; index < SyncsMeasured; index++)
        {
            long began = Stopwatch.GetTimestamp();
            file.Write(page);
            file.Flush(flushToDisk: true);
            times.Add(Stopwatch.GetElapsedTime(began));
        }

        times.Sort();
        return times[times.Count / 2];
    };

    /// <summary>Why an address cannot be listened on; null where it can.</summary>
    public Func<IPEndPoint, string?> TryListen { get; init; } = address =>
    {
        try
        {
            using var listener = new TcpListener(address);
            listener.Start();
            return null;
        }
        catch (SocketException failure)
        {
            return failure.Message;
        }
    };

    /// <summary>Why a host and port cannot be reached; null where they can.</summary>
    public Func<Uri, CancellationToken, Task<string?>> TryConnect { get; init; } = async (target, cancellationToken) =>
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(TimeSpan.FromSeconds(3));
            using var client = new TcpClient();
            await client.ConnectAsync(target.Host, target.Port, patience.Token).ConfigureAwait(false);
            return null;
        }
        catch (SocketException failure)
        {
            return failure.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "no answer within 3 s";
        }
    };
}
