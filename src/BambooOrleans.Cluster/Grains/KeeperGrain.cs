using BambooOrleans.Storage;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace BambooOrleans.Cluster;

/// <summary>
/// Sees to it that whatever is owed in the cluster goes on: finds in the shared tables the pipelines that are awake and whose
/// silo is gone, and the timers that come due. One for the whole cluster; its key is 0.
/// </summary>
/// <remarks>
/// Its reminder, the only one that the engine registers, brings it back on another silo when its own dies. So the cost of
/// reminders does not grow with the pipelines that wait: those at rest stand in an index that nobody reads, and those with a
/// deadline in one that is read by time.
/// </remarks>
public interface IKeeperGrain : IGrainWithIntegerKey
{
    /// <summary>Has the keeper's reminder registered, and looks around at once.</summary>
    Task WatchAsync();

    /// <summary>Drives the awake pipelines that a dead silo held.</summary>
    Task TakeOverAsync();
}

/// <inheritdoc cref="IKeeperGrain"/>
internal sealed partial class KeeperGrain(SiloParts silo, ISiloStatusOracle membership, KeeperOptions options, ILogger<KeeperGrain> logger)
    : Grain, IKeeperGrain, IRemindable
{
    private const string ReminderName = "keeper";
    private const int PageSize = 500;
    private const int DrivesAtOnce = 32;

    private long _looks;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(
            _ => LookAsync(), new GrainTimerCreationOptions(options.Period, options.Period) { KeepAlive = true });
        if (options.Retention is { } kept)
        {
            var retention = new Retention(silo, GrainFactory, membership, kept);
            this.RegisterGrainTimer(
                stopping => RetainAsync(retention, stopping),
                new GrainTimerCreationOptions(options.RetentionInterval, options.RetentionInterval) { KeepAlive = true, Interleave = true });
        }

        return base.OnActivateAsync(cancellationToken);
    }

    public async Task WatchAsync()
    {
        // The smallest period that Orleans allows by default. It only has to bring the keeper back; the timer does the rest.
        await this.RegisterOrUpdateReminder(ReminderName, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        await LookAsync();
    }

    public Task TakeOverAsync() => DriveAsync(hostIsGone: true);

    public Task ReceiveReminder(string reminderName, TickStatus status) => LookAsync();

    private async Task LookAsync()
    {
        try
        {
            await WakeTimersAsync();
            await DriveAsync(hostIsGone: _looks++ % options.DriveEvery != 0);
        }
        catch (Exception failure)
        {
            LogFailed(failure);
        }
    }

    private async Task RetainAsync(Retention retention, CancellationToken stopping)
    {
        try
        {
            await retention.RunAsync(stopping);
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            LogNotRemoved(failure);
        }
    }

    private async Task WakeTimersAsync()
    {
        // One that fires before its time sets its silo's own timer to the exact moment.
        DateTimeOffset before = silo.Time.GetUtcNow() + (2 * options.Period);
        var woken = new HashSet<DueTimer>();
        for (int limit = PageSize; ; limit *= 2)
        {
            // Those that were woken may still be due, and stand before those that were not.
            IReadOnlyList<DueTimer> due = await silo.Store.ReadDueAsync(before, limit, CancellationToken.None);
            await Parallel.ForEachAsync(due.Where(woken.Add).ToList(), Bounded(), async (timer, _) => await TryAsync(
                () => GrainFactory.GetGrain<IPipelineGrain>(timer.RootId).TimerDueAsync(timer.Id, null), timer.RootId));
            if (due.Count < limit)
            {
                return;
            }
        }
    }

    private async Task DriveAsync(bool hostIsGone)
    {
        var gone = new Dictionary<string, bool>(StringComparer.Ordinal);
        long after = 0;
        while (true)
        {
            IReadOnlyList<AwakeRoot> awake = await silo.Store.ReadAwakeAsync(after, PageSize, CancellationToken.None);
            await Parallel.ForEachAsync(
                awake.Where(root => !hostIsGone || IsGone(root.Host)).ToList(),
                Bounded(),
                async (root, _) => await TryAsync(() => GrainFactory.GetGrain<IPipelineGrain>(root.RootId).DriveAsync(), root.RootId));
            if (awake.Count < PageSize)
            {
                return;
            }

            after = awake[^1].Root;
        }

        bool IsGone(string host) => gone.TryGetValue(host, out bool known) ? known : gone[host] = Look(host);

        bool Look(string host) => host.Length == 0
            || membership.GetApproximateSiloStatus(SiloAddress.FromParsableString(host)) is SiloStatus.Dead or SiloStatus.None;
    }

    private ParallelOptions Bounded() => new() { MaxDegreeOfParallelism = DrivesAtOnce, TaskScheduler = TaskScheduler.Current };

    private async Task TryAsync(Func<Task> call, string rootId)
    {
        try
        {
            await call();
        }
        catch (Exception failure)
        {
            // The next look tries again.
            LogNotDriven(failure, rootId);
        }
    }

    [LoggerMessage(LogLevel.Warning, "The shared tables could not be looked through; the next look tries again.")]
    private partial void LogFailed(Exception failure);

    [LoggerMessage(LogLevel.Warning, "Finished pipelines could not be removed; the next look goes on with it.")]
    private partial void LogNotRemoved(Exception failure);

    [LoggerMessage(LogLevel.Warning, "{RootId} could not be driven; the next look tries again.")]
    private partial void LogNotDriven(Exception failure, string rootId);
}

/// <summary>How the keeper looks around.</summary>
/// <param name="Period">The time between two looks.</param>
/// <param name="DriveEvery">Every how many looks pipelines are driven whose silo seems well, too.</param>
internal sealed record KeeperOptions(TimeSpan Period, int DriveEvery)
{
    /// <summary>How long finished pipelines are kept; null for ever.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>The time between two removals of those that were kept long enough.</summary>
    public TimeSpan RetentionInterval { get; init; } = TimeSpan.FromMinutes(1);

    public static KeeperOptions Default { get; } = new(TimeSpan.FromSeconds(30), 10);
}
