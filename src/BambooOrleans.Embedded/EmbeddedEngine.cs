using System.Collections.Concurrent;
using BambooOrleans.Core.Machines;
using BambooOrleans.Hosting;
using BambooOrleans.Pipelines;
using BambooOrleans.Storage;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Embedded;

/// <summary>
/// The engine in one process. It owns a store, goes on with every pipeline in it that is not finished, and runs until it is
/// disposed. What it has acknowledged survives the death of the process.
/// </summary>
public sealed class EmbeddedEngine : HostEngine, IAsyncDisposable
{
    private const int PurgePageSize = 64;
    private const int RemovedRowsMax = 500;

    private static readonly TimeSpan RemovalRetryTime = TimeSpan.FromSeconds(1);

    private readonly IEngineStore _store;
    private readonly EmbeddedEngineOptions _options;
    private readonly UserCode _userCode;
    private readonly SubmissionCheck _check;
    private readonly ClaimTable _claims;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<string, byte> _setAside = new(StringComparer.Ordinal);
    private readonly ImportCheck _importCheck;
    private readonly Admission _admission;
    private readonly Auditor? _auditor;
    private readonly ILogger? _log;
    private readonly SemaphoreSlim _purging = new(1, 1);
    private Reactor? _reactor;
    private Task _restart = Task.CompletedTask;
    private Task _retention = Task.CompletedTask;
    private int _disposed;

    private EmbeddedEngine(IEngineStore store, EmbeddedEngineOptions options, UserCode userCode, SubmissionCheck check)
        : base(store, check, userCode, options.Settings, options.Time)
    {
        _store = store;
        _options = options;
        _userCode = userCode;
        _check = check;
        _log = userCode.Telemetry.Log;
        _claims = new ClaimTable(store);
        _importCheck = new ImportCheck(check, options.Registry);
        _admission = new Admission(options.Limits);
        _auditor = options.Audit is { } audit ? new Auditor(store, check, audit, options.Services) : null;
    }

    /// <summary>Opens the store and goes on with what is in it. The engine then owns the store, and disposes it.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be opened, or another engine owns it.</exception>
    public static async Task<EmbeddedEngine> OpenAsync(
        IEngineStore store, EmbeddedEngineOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new EmbeddedEngineOptions();
        var engine = new EmbeddedEngine(
            store,
            options,
            new UserCode(options.Registry, options.Services ?? NoServices.Instance, options.UserCode, options.Settings),
            new SubmissionCheck(options.Registry, options.Settings));
        try
        {
            int unfinished = await engine.StartAsync(await store.OpenAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            if (engine._log is not null)
            {
                EngineLog.Opened(engine._log, unfinished);
            }

            engine._retention = Task.Run(engine.RetainAsync, CancellationToken.None);
            return engine;
        }
        catch
        {
            if (engine._auditor is not null)
            {
                await engine._auditor.DisposeAsync().ConfigureAwait(false);
            }

            engine._purging.Dispose();
            engine._userCode.Dispose();
            engine._closing.Dispose();
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Closes: waits for running components up to the limit, makes what was decided durable, and gives up the store.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        await _retention.ConfigureAwait(false);
        await _restart.ConfigureAwait(false);
        if (Interlocked.Exchange(ref _reactor, null) is { } reactor)
        {
            await reactor.StopAsync(_options.CloseTimeLimit).ConfigureAwait(false);
        }

        if (_auditor is not null)
        {
            await _auditor.DisposeAsync().ConfigureAwait(false);
        }

        await _purging.WaitAsync().ConfigureAwait(false);
        await _store.DisposeAsync().ConfigureAwait(false);
        if (_log is not null)
        {
            EngineLog.Closed(_log);
        }

        _userCode.Dispose();
        _purging.Dispose();
        _closing.Dispose();
    }

    /// <summary>
    /// Removes the pipelines that finished or were revoked before a time, with all that is kept of them. Each goes whole; one that
    /// is in use at this moment stays for another time. The rows go a few at a time, between commits; where the process dies
    /// before the last, the next opening goes on with it.
    /// </summary>
    /// <param name="archivedBefore">The time.</param>
    /// <param name="cancellationToken">Stops before the next pipelines; what was begun goes on.</param>
    /// <returns>How many were removed.</returns>
    /// <exception cref="BambooException">The engine is closed, or its store failed.</exception>
    public async Task<int> PurgeAsync(DateTimeOffset archivedBefore, CancellationToken cancellationToken = default)
    {
        CheckOpen();
        await _purging.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            int purged = 0;
            ArchivedRoot? last = null;
            while (true)
            {
                IReadOnlyList<ArchivedRoot> page = await _store
                    .ReadArchivedAsync(archivedBefore, last, PurgePageSize, cancellationToken).ConfigureAwait(false);
                if (page.Count == 0)
                {
                    return purged;
                }

                IReadOnlyList<ArchivedRoot> removed = await Current().RemoveAsync(page).ConfigureAwait(false);
                purged += removed.Count;
                foreach (ArchivedRoot root in removed)
                {
                    _setAside.TryRemove(root.RootId, out _);
                }

                await RemoveRowsAsync(cancellationToken).ConfigureAwait(false);
                last = page[^1];
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw AnswerOf(failure);
        }
        finally
        {
            _purging.Release();
        }
    }

    /// <summary>Everything kept of the pipeline that an id belongs to, as it is durable now, for <see cref="PipelineFile"/> and <see cref="PipelineAudit"/>.</summary>
    /// <exception cref="NotFoundException">There is no such pipeline or node.</exception>
    /// <exception cref="BambooException">The engine is closed, or its store failed.</exception>
    public async Task<PipelineExport> ExportAsync(string id, CancellationToken cancellationToken = default)
    {
        CheckOpen();
        try
        {
            string? rootId = await _store.FindRootAsync(id, cancellationToken).ConfigureAwait(false);
            return (rootId is null ? null : await _store.ExportAsync(rootId, cancellationToken).ConfigureAwait(false))
                ?? throw Refusals.NoPipeline(id);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw AnswerOf(failure);
        }
    }

    /// <summary>
    /// Takes in a pipeline that was exported, whole or not at all, with its history; its journal gets positions of this engine. One that is
    /// unfinished goes on: what ran when it was exported runs again under the same version, as after a death of its process.
    /// </summary>
    /// <param name="export">The pipeline.</param>
    /// <param name="goesOn">Whether an unfinished one goes on at once, rather than when the engine is opened again or a verb reaches it.</param>
    /// <param name="cancellationToken">Stops it before it is taken in; after that it is.</param>
    /// <exception cref="AlreadyExistsException">An id of it is taken.</exception>
    /// <exception cref="PipelineFileException">It is not what an engine kept.</exception>
    /// <exception cref="BambooException">User code of an unfinished one is not registered, the engine is closed, or its store failed.</exception>
    public async Task ImportAsync(PipelineExport export, bool goesOn = true, CancellationToken cancellationToken = default)
    {
        CheckOpen();
        IReadOnlyCollection<string> ids = _importCheck.Check(export, goesOn);
        try
        {
            await _claims.HoldAsync(ids, cancellationToken).ConfigureAwait(false);
            try
            {
                await Current().ImportAsync(export, ids, goesOn).ConfigureAwait(false);
            }
            finally
            {
                _claims.Release(ids);
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw AnswerOf(failure);
        }
    }

    /// <summary>Replays a pipeline's journal, and compares what comes of it with what is stored.</summary>
    /// <param name="export">The pipeline.</param>
    /// <exception cref="PipelineFileException">It is not what an engine kept.</exception>
    public AuditReport Audit(PipelineExport export)
    {
        ArgumentNullException.ThrowIfNull(export);
        _importCheck.Check(export, goesOn: false);
        return PipelineAudit.Run(export, _check.Compile(export.Stored));
    }

    /// <inheritdoc/>
    protected override async Task SubmitAsync(PipelineTree tree, Submission submission, CancellationToken cancellationToken)
    {
        byte[] source = ValueJson.ToUtf8(tree.Source);
        byte[] options = MachineJson.Write(submission.Options);
        using Admission.Stay stay = _admission.Enter(source.Length + options.Length);
        await _claims.HoldAsync(submission.Ids, cancellationToken).ConfigureAwait(false);
        try
        {
            await Current().SubmitAsync(submission.Definition, source, options, submission.Ids, submission.Options.HasSecrets)
                .ConfigureAwait(false);
        }
        finally
        {
            _claims.Release(submission.Ids);
        }
    }

    /// <inheritdoc/>
    protected override async Task AskAsync(string rootId, VerbRequest request, CancellationToken cancellationToken)
    {
        using Admission.Stay stay = _admission.Enter();
        await Current().AskAsync(rootId, request).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task<VerbOutcome> TryAsync(string rootId, VerbRequest request, CancellationToken cancellationToken)
    {
        using Admission.Stay stay = _admission.Enter();
        return await Current().TryAsync(rootId, request).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override Task<T> ReadAsync<T>(string rootId, Func<IPipelineView, T> read, CancellationToken cancellationToken)
    {
        return ReadAsync().WaitAsync(cancellationToken);

        // Also when its caller has gone away, it is there until it is answered.
        async Task<T> ReadAsync()
        {
            using Admission.Stay stay = _admission.Enter();
            return await Current().ReadAsync(rootId, read).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    protected override Task WhenSettledAsync(string rootId, CancellationToken cancellationToken) => _setAside.ContainsKey(rootId)
        ? throw new EngineUnavailableException(
            $"{rootId} was set aside after an internal error, and does not go on before the engine is opened again")
        : Current().WatchAsync(rootId).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    protected override Task WhenJournalGrowsAsync(CancellationToken cancellationToken) => Current().WhenCommittedAsync();

    /// <inheritdoc/>
    protected override void CheckOpen() => Current();

    /// <inheritdoc/>
    protected override Exception AnswerOf(Exception failure) => failure switch
    {
        StoreUnavailableException => new EngineUnavailableException($"the store failed: {failure.Message}", failure),
        not BambooException when Volatile.Read(ref _disposed) == 1 => new EngineUnavailableException("the engine is closed", failure),
        _ => failure,
    };

    private Reactor Current() =>
        Volatile.Read(ref _reactor) ?? throw new EngineUnavailableException(
            Volatile.Read(ref _disposed) == 1 ? "the engine is closed" : "the engine is starting again from its store after a failure");

    private async Task<int> StartAsync(StoreOpening opening)
    {
        IReadOnlyList<string> unfinished = await _store.ReadUnfinishedAsync(_closing.Token).ConfigureAwait(false);
        var reactor = new Reactor(
            _store,
            opening,
            _options,
            _userCode,
            stored => _check.Compile(stored),
            rootId => _auditor?.Finished(rootId),
            (failure, culprit) => Restart(failure, culprit));
        foreach (string rootId in unfinished)
        {
            if (!_setAside.ContainsKey(rootId))
            {
                reactor.Drive(rootId);
            }
        }

        Volatile.Write(ref _reactor, reactor);
        return unfinished.Count;
    }

    // Half of the time is the commits': the next step waits as long as the last one took.
    private async Task RemoveRowsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            long begin = _options.Time.GetTimestamp();
            if (await Current().RemoveRowsAsync(RemovedRowsMax).ConfigureAwait(false) == 0)
            {
                return;
            }

            await Task.Delay(_options.Time.GetElapsedTime(begin), _options.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    // First of all goes on with a removal that a death left half done; then, where pipelines are not kept for ever, looks for more.
    private async Task RetainAsync()
    {
        bool isClean = false;
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                if (!isClean)
                {
                    await RemoveRowsAsync(_closing.Token).ConfigureAwait(false);
                    isClean = true;
                }

                if (_options.Retention is not { } kept)
                {
                    return;
                }

                await PurgeAsync(_options.Time.GetUtcNow() - kept, _closing.Token).ConfigureAwait(false);
            }
            catch (Exception) when (!_closing.IsCancellationRequested)
            {
                // The store failed, and the engine starts again: what is left is done next time.
                isClean = false;
            }
            catch (Exception)
            {
                return;
            }

            await Task.Delay(isClean ? _options.RetentionInterval : RemovalRetryTime, _options.Time, _closing.Token)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // Called by a reactor's own loop, which it must not wait for.
    private void Restart(Exception failure, string? culprit)
    {
        Reactor? failed = Interlocked.Exchange(ref _reactor, null);
        if (culprit is not null)
        {
            _setAside.TryAdd(culprit, 0);
            if (_log is not null)
            {
                EngineLog.SetAside(_log, failure, culprit);
            }
        }

        _restart = Task.Run(() => RestartAsync(failed));
    }

    // As after a restart of the process: what is in memory is dropped, and the store says what is.
    private async Task RestartAsync(Reactor? failed)
    {
        TimeSpan wait = _options.StoreRetryTime;
        if (failed is not null)
        {
            await failed.StopAsync(_options.CloseTimeLimit).ConfigureAwait(false);
        }

        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(wait, _options.Time, _closing.Token).ConfigureAwait(false);
                int unfinished = await StartAsync(await _store.ReopenAsync(_closing.Token).ConfigureAwait(false)).ConfigureAwait(false);
                _userCode.Telemetry.Restarted();
                if (_log is not null)
                {
                    EngineLog.Recovered(_log, unfinished);
                }

                return;
            }
            catch (Exception failure) when (!_closing.IsCancellationRequested)
            {
                if (_log is not null)
                {
                    EngineLog.StoreAway(_log, failure, wait);
                }

                // The store is still away. Callers are told so until it is back.
                wait = wait * 2 < TimeSpan.FromMinutes(1) ? wait * 2 : TimeSpan.FromMinutes(1);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private sealed class NoServices : IServiceProvider
    {
        public static NoServices Instance { get; } = new();

        public object? GetService(Type serviceType) => null;
    }
}
