using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace BambooOrleans.Cluster;

/// <summary>
/// Has the pipelines go on that a silo's death stops, as soon as membership says that it is dead: those that this silo holds
/// ask their nodes again, and those that the dead one held are driven by the keeper.
/// </summary>
internal sealed partial class DeathWatch(
    ISiloStatusOracle membership, IGrainFactory grains, LivePipelines live, ILogger<DeathWatch> logger) : BackgroundService, ISiloStatusListener
{
    private const int DrivesAtOnce = 32;
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly SemaphoreSlim _deaths = new(0);

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status == SiloStatus.Dead && !updatedSilo.Equals(membership.SiloAddress))
        {
            LogDead(updatedSilo);
            _deaths.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        membership.SubscribeToSiloStatusEvents(this);
        try
        {
            await TryAsync(() => grains.GetGrain<IKeeperGrain>(0).WatchAsync(), stoppingToken).ConfigureAwait(false);
            while (true)
            {
                await _deaths.WaitAsync(stoppingToken).ConfigureAwait(false);
                while (_deaths.Wait(0, CancellationToken.None))
                {
                    // Several deaths at once need one round.
                }

                await Task.WhenAll(
                    TryAsync(() => grains.GetGrain<IKeeperGrain>(0).TakeOverAsync(), stoppingToken),
                    Parallel.ForEachAsync(
                        live.Ids,
                        new ParallelOptions { MaxDegreeOfParallelism = DrivesAtOnce, CancellationToken = stoppingToken },
                        async (rootId, _) => await TryAsync(() => grains.GetGrain<IPipelineGrain>(rootId).DriveAsync(), stoppingToken)
                            .ConfigureAwait(false))).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            membership.UnSubscribeFromSiloStatusEvents(this);
        }
    }

    private async Task TryAsync(Func<Task> call, CancellationToken stopping)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await call().ConfigureAwait(false);
                return;
            }
            catch (Exception failure) when (!stopping.IsCancellationRequested)
            {
                LogFailed(failure, attempt);
            }

            await Task.Delay(Retry, stopping).ConfigureAwait(false);
        }
    }

    [LoggerMessage(LogLevel.Information, "Silo {Silo} is dead; its pipelines go on elsewhere.")]
    private partial void LogDead(SiloAddress silo);

    [LoggerMessage(LogLevel.Warning, "What a silo's death stopped could not be driven (attempt {Attempt}).")]
    private partial void LogFailed(Exception failure, int attempt);
}
