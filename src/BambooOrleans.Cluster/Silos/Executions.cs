using Orleans.Runtime.Services;
using System.Collections.Concurrent;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using Orleans.Services;

namespace BambooOrleans.Cluster;

/// <summary>
/// The user code that this silo runs, outside of every grain's turn. It outlives the activation that asked for it: the answer
/// goes to whichever activation there is then.
/// </summary>
internal sealed partial class Executions(
    UserCode userCode, ILocalSiloDetails silo, ISiloStatusOracle membership, ILogger<Executions> logger) : IExecutions, IDisposable
{
    private const int AnswersMin = 1024;
    private static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<(string Id, string Version), CancellationTokenSource> _running = new();
    private readonly ConcurrentDictionary<(string Owner, string Id, string Version), bool> _elsewhere = new();
    private readonly CancellationTokenSource _stopping = new();
    private int _answersMax = AnswersMin;

    /// <summary>The name under which this process owns executions: no other process has had or will have it.</summary>
    public string Owner { get; } = silo.SiloAddress.ToParsableString();

    /// <summary>Cancelled when the silo stops and what ran has ended or is cut off.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>The code that runs.</summary>
    public UserCode UserCode => userCode;

    /// <inheritdoc/>
    public bool MayRun(string owner, string id, string version) => owner == Owner
        ? _running.ContainsKey((id, version))
        : IsElsewhere(owner) && _elsewhere.GetValueOrDefault((owner, id, version), true);

    /// <summary>
    /// Whether another silo, which is not known to be dead, has to be asked before <see cref="MayRun"/> can say whether it still
    /// runs something: the activation that decided it may have gone away before it began.
    /// </summary>
    public bool IsElsewhere(string owner) => owner.Length > 0 && owner != Owner && !IsDead(owner);

    /// <summary>Asks the owner.</summary>
    public async Task AskAsync(IExecutionsClient client, string owner, string id, string version)
    {
        if (_elsewhere.Count >= _answersMax)
        {
            // Of a silo that is dead nothing has to be known any more. What is left may be asked again after as many as that.
            foreach ((string Owner, string Id, string Version) known in _elsewhere.Keys.Where(known => IsDead(known.Owner)))
            {
                _elsewhere.TryRemove(known, out _);
            }

            _answersMax = AnswersMin + (2 * _elsewhere.Count);
        }

        try
        {
            _elsewhere[(owner, id, version)] = await client.IsRunningAsync(SiloAddress.FromParsableString(owner), id, version);
        }
        catch (Exception failure) when (failure is OrleansException or TimeoutException)
        {
            // It does not answer: membership will say what became of it, and the pipeline asks again then.
            _elsewhere[(owner, id, version)] = true;
        }
    }

    /// <summary>How many executions run or have an answer that was not taken yet.</summary>
    public int RunningCount => _running.Count;

    /// <summary>Whether this silo runs something.</summary>
    public bool IsRunning(string id, string version) => _running.ContainsKey((id, version));

    /// <summary>Says that user code is going to run here for an attempt, before the decision is durable.</summary>
    /// <param name="id">The node or sub-process.</param>
    /// <param name="version">The version of the attempt.</param>
    public Execution Announce(string id, string version)
    {
        // Known from here on, so that a verb that comes before the call has begun can cancel it too.
        var stopping = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        _running[(id, version)] = stopping;
        return new Execution(this, id, version, stopping);
    }

    internal async Task RunAsync<T>(
        string id, string version, CancellationTokenSource stopping, Func<CancellationToken, Task<T?>> run, Func<T, Task> tell)
        where T : class
    {
        T? answer = await run(stopping.Token).ConfigureAwait(false);
        if (answer is not null)
        {
            await TellAsync(() => tell(answer), id).ConfigureAwait(false);
        }

        // Only now: until its answer was taken, nobody is to run it again.
        End(id, version, stopping);
    }

    internal void End(string id, string version, CancellationTokenSource stopping)
    {
        _running.TryRemove(new((id, version), stopping));
        stopping.Dispose();
    }

    /// <summary>Computes the lazy variables of a slice; null where it was cut off.</summary>
    public async Task<T?> HydrateAsync<T>(Hydrate effect, MapValue rootData, Func<HydrationAnswer, T> answer, CancellationToken stopping)
        where T : class => await userCode.RunAsync(effect, rootData, stopping).ConfigureAwait(false) is { } values ? answer(values) : null;

    /// <summary>Runs hooks around a verb; nothing waits for them.</summary>
    public void RunHooks(Func<CancellationToken, Task> run) =>
        ThreadPool.UnsafeQueueUserWorkItem(_ => _ = run(_stopping.Token), null);

    /// <summary>Cancels what runs for an attempt, if anything.</summary>
    public void Cancel(string id, string version)
    {
        if (_running.TryGetValue((id, version), out CancellationTokenSource? running))
        {
            // On the pool: what is registered on the token is user code.
            ThreadPool.UnsafeQueueUserWorkItem(_ => Cancel(running), null);
        }
    }

    /// <summary>Tells a grain something until it has taken it; ends too where its pipeline was removed, and when the silo stops.</summary>
    public async Task TellAsync(Func<Task> tell, string id)
    {
        for (TimeSpan wait = WaitMin; !_stopping.IsCancellationRequested; wait = wait * 2 < WaitMax ? wait * 2 : WaitMax)
        {
            try
            {
                await tell().ConfigureAwait(false);
                return;
            }
            catch (NotFoundException gone)
            {
                // The pipeline was removed.
                LogNobody(gone, id);
                return;
            }
            catch (Exception failure)
            {
                LogNotTaken(failure, id, wait);
            }

            await Task.Delay(wait, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Waits for what runs, at most for a time, and cuts off the rest: another silo runs that again under the same version.</summary>
    public async Task StopAsync(TimeSpan limit)
    {
        long end = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (!_running.IsEmpty && Environment.TickCount64 < end)
        {
            await Task.Delay(20).ConfigureAwait(false);
        }

        if (!_running.IsEmpty)
        {
            LogCutOff(_running.Count);
        }

        await Task.Run(() => Cancel(_stopping)).ConfigureAwait(false);
    }

    public void Dispose() => _stopping.Dispose();

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (Exception failure) when (failure is ObjectDisposedException or AggregateException)
        {
            // A call that has just ended needs no cancelling, and what user code registered is not to bring the process down.
        }
    }

    private bool IsDead(string owner) =>
        SiloOf(owner) is not { } address || membership.GetApproximateSiloStatus(address) is SiloStatus.Dead or SiloStatus.None;

    // An embedded engine that had the database before is no silo, and is gone: the tables are never open to both.
    private static SiloAddress? SiloOf(string owner)
    {
        try
        {
            return SiloAddress.FromParsableString(owner);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    [LoggerMessage(LogLevel.Debug, "What {Id} is to hear was not taken; trying again in {Wait}.")]
    private partial void LogNotTaken(Exception failure, string id, TimeSpan wait);

    [LoggerMessage(LogLevel.Debug, "Nobody is there to hear what {Id} was to be told.")]
    private partial void LogNobody(Exception failure, string id);

    [LoggerMessage(LogLevel.Warning, "{Count} executions are cut off by the shutdown; other silos run them again.")]
    private partial void LogCutOff(int count);
}

/// <summary>User code that was announced: it is begun once the decision is durable, or withdrawn.</summary>
internal sealed class Execution(Executions executions, string id, string version, CancellationTokenSource stopping)
{
    /// <summary>Runs it and has its answer told until it was taken.</summary>
    /// <param name="run">Runs it; null where it was cut off, so that nothing is known of it.</param>
    /// <param name="tell">Tells the answer.</param>
    public void Begin<T>(Func<CancellationToken, Task<T?>> run, Func<T, Task> tell)
        where T : class =>

        // The pool runs it: user code may do anything before its first await. UserCode answers every failure itself.
        ThreadPool.UnsafeQueueUserWorkItem(_ => _ = executions.RunAsync(id, version, stopping, run, tell), null);

    /// <summary>Nothing of it was decided.</summary>
    public void Withdraw() => executions.End(id, version, stopping);
}

/// <summary>What silos ask each other: what user code one runs, and to forget what was removed.</summary>
public interface IExecutionsService : IGrainService
{
    /// <summary>Forgets the trees of root pipelines that were removed.</summary>
    Task ForgetAsync(string[] rootIds);

    /// <summary>Whether this silo runs user code for an attempt, or has an answer of it that was not taken yet.</summary>
    Task<bool> IsRunningAsync(string id, string version);
}

/// <summary>Asks other silos what user code they run.</summary>
internal interface IExecutionsClient
{
    Task<bool> IsRunningAsync(SiloAddress silo, string id, string version);

    Task ForgetAsync(SiloAddress silo, string[] rootIds);
}

internal sealed class ExecutionsService(
    GrainId id, Silo silo, ILoggerFactory loggers, Executions executions, Definitions definitions) : GrainService(id, silo, loggers), IExecutionsService
{
    public Task<bool> IsRunningAsync(string id, string version) => Task.FromResult(executions.IsRunning(id, version));

    public Task ForgetAsync(string[] rootIds)
    {
        Array.ForEach(rootIds, definitions.Remove);
        return Task.CompletedTask;
    }
}

internal sealed class ExecutionsClient(IServiceProvider services) : GrainServiceClient<IExecutionsService>(services), IExecutionsClient
{
    public Task<bool> IsRunningAsync(SiloAddress silo, string id, string version) => GetGrainService(silo).IsRunningAsync(id, version);

    public Task ForgetAsync(SiloAddress silo, string[] rootIds) => GetGrainService(silo).ForgetAsync(rootIds);
}
