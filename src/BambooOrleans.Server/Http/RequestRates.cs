using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace BambooOrleans.Server.Http;

/// <summary>How often each caller may ask.</summary>
internal sealed class RequestRates(BambooServerOptions options) : IDisposable
{
    private readonly PartitionedRateLimiter<string> _requests = Limiter(options.RequestsPerSecond, options.RequestBurst);

    private readonly PartitionedRateLimiter<string> _failedLogins = Limiter(options.FailedLoginsPerSecond, options.FailedLoginsPerSecond * 2);

    /// <exception cref="ProblemException">It was too often.</exception>
    public void Count(string caller) => Take(_requests, caller, "too many requests");

    /// <exception cref="ProblemException">It was too often.</exception>
    public void CountFailedLogin(string address) => Take(_failedLogins, address, "too many refused keys or tokens");

    public void Dispose()
    {
        _requests.Dispose();
        _failedLogins.Dispose();
    }

    private static void Take(PartitionedRateLimiter<string> limiter, string partition, string problem)
    {
        using RateLimitLease lease = limiter.AttemptAcquire(partition);
        if (!lease.IsAcquired)
        {
            throw new ProblemException(StatusCodes.Status429TooManyRequests, problem) { RetryAfterSeconds = 1 };
        }
    }

    private static PartitionedRateLimiter<string> Limiter(int perSecond, int burst) => PartitionedRateLimiter.Create<string, string>(
        partition => RateLimitPartition.GetTokenBucketLimiter(partition, _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = Math.Max(perSecond, burst),
            TokensPerPeriod = perSecond,
            ReplenishmentPeriod = TimeSpan.FromSeconds(1),
            QueueLimit = 0,
        }));
}
