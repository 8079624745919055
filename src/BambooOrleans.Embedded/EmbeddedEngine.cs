using System.Collections.Concurrent;
using BambooOrleans.Core.Machines;
using BambooOrleans.Hosting;
using BambooOrleans.Pipelines;
using BambooOrleans.Storage;

namespace BambooOrleans.Embedded;

/// <summary>
/// The engine in one process. It owns a store, goes on with every pipeline in it that is not finished, and runs until it is
/// disposed. What it has acknowledged survives the death of the process.
/// </summary>
public sealed class EmbeddedEngine : HostEngine, IAsyncDisposable
{
    private readonly IEngineStore _store;
    private readonly EmbeddedEngineOptions _options;
    private readonly UserCode _userCode;
    private readonly SubmissionCheck _check;
    private readonly ClaimTable _claims;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<string, byte> _setAside = new(StringComparer.Ordinal);
    private Reactor? _reactor;
    private Task _restart = Task.CompletedTask;
    private int _disposed;

    private EmbeddedEngine(IEngineStore store, EmbeddedEngineOptions options, UserCode userCode, SubmissionCheck check)
        : base(store, check, userCode, options.Settings, options.Time)
    {
        _store = store;
        _options = options;
        _userCode = userCode;
        _check = check;
        _claims = new ClaimTable(store);
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
            await engine.StartAsync(await store.OpenAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
            return engine;
        }
        catch
        {
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
        await _restart.ConfigureAwait(false);
        if (Interlocked.Exchange(ref _reactor, null) is { } reactor)
        {
            await reactor.StopAsync(_options.CloseTimeLimit).ConfigureAwait(false);
        }

        await _store.DisposeAsync().ConfigureAwait(false);
        _userCode.Dispose();
        _closing.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task SubmitAsync(PipelineTree tree, Submission submission, CancellationToken cancellationToken)
    {
        await _claims.HoldAsync(submission.Ids, cancellationToken).ConfigureAwait(false);
        try
        {
            await Current().SubmitAsync(
                submission.Definition,
                ValueJson.ToUtf8(tree.Source),
                MachineJson.Write(submission.Options),
                submission.Ids).ConfigureAwait(false);
        }
        finally
        {
            _claims.Release(submission.Ids);
        }
    }

    /// <inheritdoc/>
    protected override Task AskAsync(string rootId, VerbRequest request, CancellationToken cancellationToken) =>
        Current().AskAsync(rootId, request);

    /// <inheritdoc/>
    protected override Task<VerbOutcome> TryAsync(string rootId, VerbRequest request, CancellationToken cancellationToken) =>
        Current().TryAsync(rootId, request);

    /// <inheritdoc/>
    protected override Task<T> ReadAsync<T>(string rootId, Func<IPipelineView, T> read, CancellationToken cancellationToken) =>
        Current().ReadAsync(rootId, read).WaitAsync(cancellationToken);

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

    private async Task StartAsync(StoreOpening opening)
    {
        IReadOnlyList<string> unfinished = await _store.ReadUnfinishedAsync(_closing.Token).ConfigureAwait(false);
        var reactor = new Reactor(
            _store, opening, _options, _userCode, stored => _check.Compile(stored), (failure, culprit) => Restart(failure, culprit));
        foreach (string rootId in unfinished)
        {
            if (!_setAside.ContainsKey(rootId))
            {
                reactor.Drive(rootId);
            }
        }

        Volatile.Write(ref _reactor, reactor);
    }

    // Called by a reactor's own loop, which it must not wait for.
    private void Restart(Exception failure, string? culprit)
    {
        Reactor? failed = Interlocked.Exchange(ref _reactor, null);
        if (culprit is not null)
        {
            _setAside.TryAdd(culprit, 0);
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
                await StartAsync(await _store.ReopenAsync(_closing.Token).ConfigureAwait(false)).ConfigureAwait(false);
                return;
            }
            catch (Exception) when (!_closing.IsCancellationRequested)
            {
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
