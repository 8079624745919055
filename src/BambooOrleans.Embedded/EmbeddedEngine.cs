using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Validation;
using BambooOrleans.Hosting;
using BambooOrleans.Pipelines;
using BambooOrleans.Storage;

namespace BambooOrleans.Embedded;

/// <summary>
/// The engine in one process. It owns a store, goes on with every pipeline in it that is not finished, and runs until it is
/// disposed. What it has acknowledged survives the death of the process.
/// </summary>
public sealed class EmbeddedEngine : IBambooEngine, IAsyncDisposable
{
    private const int JournalPageRows = 256;

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

    private EmbeddedEngine(IEngineStore store, EmbeddedEngineOptions options)
    {
        _store = store;
        _options = options;
        _userCode = new UserCode(options.Registry, options.Services ?? NoServices.Instance, options.UserCode, options.Settings);
        _check = new SubmissionCheck(options.Registry, options.Settings);
        _claims = new ClaimTable(store);
    }

    /// <summary>Opens the store and goes on with what is in it. The engine then owns the store, and disposes it.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be opened, or another engine owns it.</exception>
    public static async Task<EmbeddedEngine> OpenAsync(
        IEngineStore store, EmbeddedEngineOptions? options = null, CancellationToken cancellationToken = default)
    {
        var engine = new EmbeddedEngine(store, options ?? new EmbeddedEngineOptions());
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
    public Task<EngineApiResult> RunPipelineAsync(
        PipelineTree pipeline, RunPipelineOptions? options = null, CancellationToken cancellationToken = default) => AnswerAsync(
        async () =>
        {
            Arguments.Given(pipeline, "pipeline");
            Submission submission = _check.Check(pipeline, options ?? new RunPipelineOptions());
            await _claims.HoldAsync(submission.Ids, cancellationToken).ConfigureAwait(false);
            try
            {
                await Current().SubmitAsync(
                    submission.Definition,
                    ValueJson.ToUtf8(pipeline.Source),
                    MachineJson.Write(submission.Options),
                    submission.Ids).ConfigureAwait(false);
            }
            finally
            {
                _claims.Release(submission.Ids);
            }
        });

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> PausePipelineAsync(
        string pipelineId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new PausePipelineRequest(pipelineId, options), cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> RevokePipelineAsync(
        string pipelineId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new RevokePipelineRequest(pipelineId, options), cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> ResumePipelineAsync(
        string pipelineId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new ResumePipelineRequest(pipelineId, options), cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> PauseNodeAppointAsync(
        string nodeId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new PauseNodeAppointRequest(nodeId, options), cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> ResumeNodeAppointAsync(
        string nodeId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new ResumeNodeAppointRequest(nodeId, options), cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> CancelScheduledResumeAsync(
        string id, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new CancelScheduledResumeRequest(id, options), cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> RetryNodeAsync(
        string nodeId,
        MapValue? data = null,
        bool loopRetry = false,
        VerbOptions? options = null,
        CancellationToken cancellationToken = default) =>
        AskAsync(new RetryNodeRequest(nodeId, data, loopRetry, options), cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> RetrySubprocessAsync(
        string nodeId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new RetrySubprocessRequest(nodeId, options), cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> SkipNodeAsync(
        string nodeId, bool loopSkip = false, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new SkipNodeRequest(nodeId, loopSkip, options), cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> SkipExclusiveGatewayAsync(
        string nodeId, string flowId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new SkipExclusiveGatewayRequest(nodeId, flowId, options), cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> SkipConditionalParallelGatewayAsync(
        string nodeId,
        IReadOnlyList<string> flowIds,
        string convergeGatewayId,
        VerbOptions? options = null,
        CancellationToken cancellationToken = default) =>
        AskAsync(new SkipConditionalParallelGatewayRequest(nodeId, flowIds, convergeGatewayId, options), cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> ForcedFailActivityAsync(
        string nodeId, string exData, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new ForcedFailActivityRequest(nodeId, exData, options), cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> UpdateNodeOutputsAsync(
        string nodeId, MapValue outputs, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new UpdateNodeOutputsRequest(nodeId, outputs, options), cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> CallbackAsync(
        string nodeId, string version, Value data, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(new CallbackRequest(nodeId, version, data, options), cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> UpdateContextValuesAsync(
        string pipelineId,
        IReadOnlyList<ContextValue> values,
        VerbOptions? options = null,
        CancellationToken cancellationToken = default) =>
        AskAsync(new UpdateContextValuesRequest(pipelineId, values, options), cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<WaitInfo>>> GetWaitsAsync(
        string rootId, CancellationToken cancellationToken = default) => ReadAsync(
        rootId,
        StateReads.WaitsOf,
        () => throw Refusals.NoPipeline(rootId),
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<PipelineDebugInfo>> GetPipelineDebugInfoAsync(
        string pipelineId, CancellationToken cancellationToken = default) => ReadAsync(
        pipelineId,
        instance => new PipelineDebugInfo(StateReads.Context(instance, pipelineId), StateReads.Tokens(instance)),
        () => new PipelineDebugInfo([], []),
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<NodeDebugInfo>> GetNodeDebugInfoAsync(
        string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId,
        instance => StateReads.Debug(instance, Refusals.NodeOf(instance.Definition, nodeId)),
        () => throw Refusals.NoNode(nodeId),
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<ExecutionTime>> GetExecutionTimeAsync(
        string id, CancellationToken cancellationToken = default) => ReadAsync(
        id,
        instance => StateReads.ExecutionTime(instance, id, _options.Time.GetUtcNow()) ?? throw Refusals.NoData(id, "state"),
        () => throw Refusals.NoData(id, "state"),
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlySet<string>>> GetAllowedStartNodesAsync(
        PipelineTree pipeline, CancellationToken cancellationToken = default) => AnswerAsync(() =>
        {
            PipelineValidator.Validate(pipeline, cycleTolerate: true);
            return Task.FromResult(PipelineValidator.AllowedStartNodes(pipeline));
        });

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlySet<string>>> GetSkippedNodesAsync(
        PipelineTree pipeline, string startNodeId, CancellationToken cancellationToken = default) => AnswerAsync(() =>
        {
            PipelineValidator.Validate(pipeline, cycleTolerate: true);
            return Task.FromResult(PipelineValidator.SkippedNodes(pipeline, Arguments.Given(startNodeId, "start_node_id")));
        });

    /// <inheritdoc/>
    public async IAsyncEnumerable<JournalTurn> ReadJournalAsync(
        long from = 1,
        string? rootId = null,
        bool follow = false,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        long next = from;
        while (true)
        {
            // Taken before reading, so that what is committed in between is not missed.
            Task? committed = follow ? Current().WhenCommittedAsync() : null;
            IReadOnlyList<JournalRow> rows = await _store.ReadJournalAsync(next, rootId, JournalPageRows, cancellationToken)
                .ConfigureAwait(false);
            foreach (JournalTurn turn in rows.SelectMany(JournalRows.Turns).Where(turn => turn.Position >= next))
            {
                yield return turn;
            }

            if (rows.Count > 0)
            {
                next = rows[^1].Position + rows[^1].Turns;
            }

            if (rows.Count == JournalPageRows)
            {
                continue;
            }

            if (committed is null)
            {
                yield break;
            }

            await committed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyDictionary<string, NodeStateInfo>>> GetPipelineStatesAsync(
        string rootId, bool flatChildren = true, CancellationToken cancellationToken = default) => ReadAsync(
        rootId,
        instance => rootId == instance.RootId ? StateReads.Tree(instance, flatChildren) : StateReads.None,
        () => StateReads.None,
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyDictionary<string, NodeStateInfo>>> GetChildrenStatesAsync(
        string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId, instance => StateReads.Children(instance, nodeId), () => StateReads.None, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<MapValue>> GetExecutionDataInputsAsync(
        string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId,
        instance => StateReads.Execution(instance, nodeId)?.Inputs ?? MapValue.Empty,
        () => MapValue.Empty,
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<MapValue>> GetExecutionDataOutputsAsync(
        string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId,
        instance => StateReads.Execution(instance, nodeId)?.Outputs ?? MapValue.Empty,
        () => MapValue.Empty,
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<ExecutionData>> GetExecutionDataAsync(
        string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId,
        instance => StateReads.Execution(instance, nodeId) ?? throw Refusals.NoData(nodeId, "execution data"),
        () => throw Refusals.NoData(nodeId, "execution data"),
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<NodeData>> GetDataAsync(string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId,
        instance => StateReads.Data(instance, nodeId) ?? throw Refusals.NoData(nodeId, "data"),
        () => throw Refusals.NoData(nodeId, "data"),
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<NodeHistory>>> GetNodeHistoriesAsync(
        string nodeId, int loop = -1, CancellationToken cancellationToken = default) => AnswerAsync(
        () => ReadHistoriesAsync(nodeId, loop, cancellationToken));

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<NodeShortHistory>>> GetNodeShortHistoriesAsync(
        string nodeId, int loop = -1, CancellationToken cancellationToken = default) => AnswerAsync(async () =>
            (IReadOnlyList<NodeShortHistory>)[.. (await ReadHistoriesAsync(nodeId, loop, cancellationToken).ConfigureAwait(false))
                .Select(entry => new NodeShortHistory
                {
                    Id = entry.Id,
                    NodeId = entry.NodeId,
                    StartedTime = entry.StartedTime,
                    ArchivedTime = entry.ArchivedTime,
                    Loop = entry.Loop,
                    Skip = entry.Skip,
                    Version = entry.Version,
                })]);

    /// <inheritdoc/>
    public Task<EngineApiResult<MapValue>> PreviewNodeInputsAsync(
        PipelineTree pipeline,
        string nodeId,
        IReadOnlyList<string>? subprocessStack = null,
        MapValue? rootPipelineData = null,
        MapValue? parentParams = null,
        CancellationToken cancellationToken = default) => AnswerAsync(async () =>
        {
            var preview = new InputPreview(pipeline, parentParams ?? MapValue.Empty, _options.Settings.Expressions);
            foreach (string subProcess in subprocessStack ?? [])
            {
                preview = preview.Enter(subProcess, await ValuesOfAsync(preview).ConfigureAwait(false));
            }

            return preview.InputsOf(nodeId, await ValuesOfAsync(preview).ConfigureAwait(false));

            async Task<IReadOnlyDictionary<string, Value>> ValuesOfAsync(InputPreview at)
            {
                HydrationAnswer? answer = await _userCode.RunAsync(
                    new Core.Machines.Effects.Hydrate(nodeId, IsScope: false, "", at.Slice()),
                    rootPipelineData ?? MapValue.Empty,
                    cancellationToken).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                return answer?.Values ?? throw new HydrationException(answer?.Error ?? "");
            }
        });

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<ContextValue>>> GetContextAsync(
        string pipelineId, CancellationToken cancellationToken = default) => ReadAsync<IReadOnlyList<ContextValue>>(
        pipelineId,
        instance => StateReads.Context(instance, pipelineId),
        () => [],
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<PipelineSummary>>> ListPipelinesAsync(
        int limit = 100, CancellationToken cancellationToken = default) => AnswerAsync(async () =>
            (IReadOnlyList<PipelineSummary>)[.. (await _store.ListAsync(limit, cancellationToken).ConfigureAwait(false))
                .Select(row => new PipelineSummary(row.RootId, NodeStateNames.Parse(row.State), row.CreatedTime, row.ArchivedTime))]);

    /// <inheritdoc/>
    public Task<EngineApiResult> WaitUntilSettledAsync(string rootId, CancellationToken cancellationToken = default) => AnswerAsync(
        async () =>
        {
            if (await RootOfAsync(rootId, cancellationToken).ConfigureAwait(false) != rootId)
            {
                throw Refusals.NoPipeline(rootId);
            }

            if (_setAside.ContainsKey(rootId))
            {
                throw new EngineUnavailableException(
                    $"{rootId} was set aside after an internal error, and does not go on before the engine is opened again");
            }

            await Current().WatchAsync(rootId).WaitAsync(cancellationToken).ConfigureAwait(false);
        });

    private async Task<EngineApiResult> AnswerAsync(Func<Task> call)
    {
        try
        {
            await call().ConfigureAwait(false);
            return EngineApiResult.Success;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return EngineApiResult.Fail(AnswerOf(failure));
        }
    }

    private async Task<EngineApiResult<T>> AnswerAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return EngineApiResult.Of(await call().ConfigureAwait(false));
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return EngineApiResult.Fail<T>(AnswerOf(failure));
        }
    }

    private Exception AnswerOf(Exception failure) => failure switch
    {
        StoreUnavailableException => new EngineUnavailableException($"the store failed: {failure.Message}", failure),
        not BambooException when Volatile.Read(ref _disposed) == 1 => new EngineUnavailableException("the engine is closed", failure),
        _ => failure,
    };

    // Finds the pipeline of a verb, and asks the machine that decides. Without a pipeline it is refused, or does nothing.
    private Task<EngineApiResult<VerbOutcome>> AskAsync(VerbRequest request, CancellationToken cancellationToken) => AnswerAsync(async () =>
    {
        string? rootId = await RootOfAsync(request.Id, cancellationToken).ConfigureAwait(false);
        if (rootId is null)
        {
            return request.Nowhere() is { } refusal ? throw refusal : VerbOutcome.CarriedOut;
        }

        if (request.IsDryRun)
        {
            return await Current().TryAsync(rootId, request).ConfigureAwait(false);
        }

        await Current().AskAsync(rootId, request).ConfigureAwait(false);
        return VerbOutcome.CarriedOut;
    });

    private Task<EngineApiResult<T>> ReadAsync<T>(
        string id, Func<PipelineInstance, T> read, Func<T> none, CancellationToken cancellationToken) => AnswerAsync(async () =>
        {
            string? rootId = await RootOfAsync(id, cancellationToken).ConfigureAwait(false);
            return rootId is null
                ? none()
                : await Current().ReadAsync(rootId, read).WaitAsync(cancellationToken).ConfigureAwait(false);
        });

    private async Task<IReadOnlyList<NodeHistory>> ReadHistoriesAsync(string nodeId, int loop, CancellationToken cancellationToken)
    {
        string? rootId = await RootOfAsync(nodeId, cancellationToken).ConfigureAwait(false);
        return rootId is null
            ? []
            : [.. (await _store.ReadHistoriesAsync(rootId, nodeId, loop == -1 ? null : loop, cancellationToken).ConfigureAwait(false))
                .Select(row => MachineJson.ReadHistory(row.Payload.Span))];
    }

    private Task<string?> RootOfAsync(string id, CancellationToken cancellationToken)
    {
        Arguments.Given(id, "the id");
        Current();
        return _store.FindRootAsync(id, cancellationToken);
    }

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
