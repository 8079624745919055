using BambooOrleans.Cluster;
using BambooOrleans.Storage;
using Orleans.Runtime;

namespace BambooOrleans.Silo;

/// <summary>Whether this silo can do its work: it is a member, its databases answer and have the tables it needs, and it is not going away.</summary>
internal sealed class SiloHealth(ClusterSettings settings, TimeProvider time)
{
    private static readonly TimeSpan DatabaseTimeLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan DatabaseAge = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _asking = new(1, 1);
    private string? _databaseProblem = "not asked yet";
    private long? _askedAt;

    /// <summary>Where the silo's status is known; null before there is a silo.</summary>
    public ISiloStatusOracle? Silo { get; set; }

    /// <summary>Whether the silo was told to stop. It is not ready from then on.</summary>
    public bool IsStopping { get; set; }

    /// <summary>How it is now.</summary>
    public async Task<HealthReport> ReportAsync(CancellationToken cancellationToken)
    {
        SiloStatus status = Silo?.CurrentStatus ?? SiloStatus.None;
        string? database = await DatabaseProblemAsync(cancellationToken).ConfigureAwait(false);
        bool isReady = status == SiloStatus.Active && database is null && !IsStopping;
        return new HealthReport(isReady, IsStopping ? "Stopping" : $"{status}", database ?? "current");
    }

    // However many ask for it, the databases are asked every two seconds at most.
    private async Task<string?> DatabaseProblemAsync(CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_askedAt is not { } asked || time.GetElapsedTime(asked) >= DatabaseAge)
            {
                _databaseProblem = await AskDatabasesAsync().ConfigureAwait(false);
                _askedAt = time.GetTimestamp();
            }

            return _databaseProblem;
        }
        finally
        {
            _asking.Release();
        }
    }

    private async Task<string?> AskDatabasesAsync()
    {
        using CancellationTokenSource limit = new(DatabaseTimeLimit, time);
        try
        {
            return await Schema.FindMissingAsync(settings, limit.Token).ConfigureAwait(false) is { } missing ? $"lacks {missing}" : null;
        }
        catch (StoreUnavailableException failure)
        {
            return failure.Message;
        }
        catch (OperationCanceledException)
        {
            return $"no answer within {DatabaseTimeLimit}";
        }
    }
}

/// <summary>The answer of <c>/health/ready</c>.</summary>
/// <param name="Ready">Whether the silo takes work.</param>
/// <param name="Silo">Its status in the cluster.</param>
/// <param name="Database"><c>current</c>, or what is wrong.</param>
internal sealed record HealthReport(bool Ready, string Silo, string Database);
