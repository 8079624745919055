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
        Task watch = TryAsync(() => grains.GetGrain<IKeeperGrain>(0).WatchAsync(), stoppingToken);
        Task round = Task.CompletedTask;
        CancellationTokenSource ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        try
        {
            while (true)
            {
                await _deaths.WaitAsync(stoppingToken).ConfigureAwait(false);
                while (_deaths.Wait(0, CancellationToken.None))
                {
                    // Several deaths at once need one round.
                }

                // What the last round has not come to is in the next one too: one pipeline that does not answer holds up no other death.
                await ending.CancelAsync().ConfigureAwait(false);
                await round.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                ending.Dispose();
                ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
                round = DriveAsync(ending.Token);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        finally
        {
            membership.UnSubscribeFromSiloStatusEvents(this);
            await Task.WhenAll(watch, round).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ending.Dispose();
        }
    }

    private Task DriveAsync(CancellationToken stopping) => Task.WhenAll(
        TryAsync(() => grains.GetGrain<IKeeperGrain>(0).TakeOverAsync(), stopping),
        Parallel.ForEachAsync(
            live.Ids,
            new ParallelOptions { MaxDegreeOfParallelism = DrivesAtOnce, CancellationToken = stopping },
            async (rootId, _) => await TryAsync(() => grains.GetGrain<IPipelineGrain>(rootId).DriveAsync(), stopping).ConfigureAwait(false)));

    private async Task TryAsync(Func<Task> call, CancellationToken stopping)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                await call().WaitAsync(stopping).ConfigureAwait(false);
                return;
            }
            catch (NotFoundException)
            {
                // The pipeline was removed.
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
