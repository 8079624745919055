using System.Runtime.CompilerServices;
using BambooOrleans.Core;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Validation;
using BambooOrleans.Hosting.Validation;
using BambooOrleans.Pipelines;
using BambooOrleans.Storage;

namespace BambooOrleans.Hosting;

/// <summary>
/// The Engine API over a host's few own ways: submitting, asking a machine, reading its state. What is the same in every host
/// is written here once.
/// </summary>
/// <param name="reads">What is kept, as it is read.</param>
/// <param name="check">What is checked of a submission.</param>
/// <param name="userCode">What computes lazy variables for a preview.</param>
/// <param name="settings">The engine's settings.</param>
/// <param name="time">The clock.</param>
public abstract class HostEngine(
    IEngineReads reads, SubmissionCheck check, UserCode userCode, EngineSettings settings, TimeProvider time) : IBambooEngine
{
    private const int JournalPageRows = 256;

    private readonly SecretMasks _masks = new(reads, check, userCode);
    private JournalFeed? _feed;

    private JournalFeed Feed => LazyInitializer.EnsureInitialized(ref _feed, () => new JournalFeed(reads, WhenJournalGrowsAsync, AnswerOf));

    /// <inheritdoc/>
    public Task<EngineApiResult> RunPipelineAsync(
        PipelineTree pipeline, RunPipelineOptions? options = null, CancellationToken cancellationToken = default) => CallAsync(
        VerbSpan.RunPipeline,
        pipeline?.Id,
        options?.TraceParent,
        caller => AnswerAsync(() =>
        {
            Arguments.Given(pipeline, "pipeline");
            RunPipelineOptions given = options ?? new RunPipelineOptions();
            return SubmitAsync(
                pipeline!,
                _masks.Marked(check.Check(pipeline!, given with { TraceParent = caller })),
                cancellationToken);
        }));

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
        IsMasked(data)
            ? AskWithAsync(
                nodeId,
                view => view.Definition.Nodes.ContainsKey(nodeId) ? Unmasked.Inputs(data!, StateReads.Data(view, nodeId)) : data!,
                unmasked => new RetryNodeRequest(nodeId, unmasked, loopRetry, options),
                data!,
                cancellationToken)
            : AskAsync(new RetryNodeRequest(nodeId, data, loopRetry, options), cancellationToken);

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
        AskAsync(new UpdateNodeOutputsRequest(nodeId, IsMasked(outputs) ? Unmasked.Left(outputs) : outputs, options), cancellationToken);

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
        AskAsync(
            new UpdateContextValuesRequest(
                pipelineId,
                values?.Any(entry => entry?.Value is TextValue { Value: SecretValues.Mask }) == true
                    ? [.. values.Where(entry => entry?.Value is not TextValue { Value: SecretValues.Mask })]
                    : values!,
                options),
            cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<WaitInfo>>> GetWaitsAsync(
        string rootId, CancellationToken cancellationToken = default) => ReadAsync(
        rootId,
        StateReads.WaitsOf,
        () => throw Refusals.NoPipeline(rootId),
        (mask, waits) => [.. waits.Select(mask.Of)],
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<PipelineDebugInfo>> GetPipelineDebugInfoAsync(
        string pipelineId, CancellationToken cancellationToken = default) => ReadAsync(
        pipelineId,
        view => new PipelineDebugInfo(StateReads.Context(view, pipelineId), StateReads.Tokens(view)),
        () => new PipelineDebugInfo([], []),
        (mask, info) => info with { ContextValues = mask.Context(pipelineId, info.ContextValues) },
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<NodeDebugInfo>> GetNodeDebugInfoAsync(
        string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId,
        view => StateReads.Debug(view, Refusals.NodeOf(view.Definition, nodeId)),
        () => throw Refusals.NoNode(nodeId),
        (mask, info) => info with { Data = info.Data is { } data ? mask.Of(nodeId, data) : null },
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<ExecutionTime>> GetExecutionTimeAsync(
        string id, CancellationToken cancellationToken = default) => ReadAsync(
        id,
        view => StateReads.ExecutionTime(view, id, time.GetUtcNow()) ?? throw Refusals.NoData(id, "state"),
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
            using JournalFeed.Follower? follower = follow ? Feed.Follow(rootId) : null;
            long end = follower is null ? long.MaxValue : await follower.Start.WaitAsync(cancellationToken).ConfigureAwait(false);
            int count = JournalPageRows;
            while (next < end && count == JournalPageRows)
            {
                IReadOnlyList<JournalRow> rows = await ReadJournalPageAsync(next, rootId, cancellationToken).ConfigureAwait(false);
                count = rows.Count;
                var masks = new Dictionary<string, SecretMask?>(StringComparer.Ordinal);
                foreach (JournalRow row in rows)
                {
                    SecretMask? mask = null;
                    if (row.HasSecrets && !masks.TryGetValue(row.RootId, out mask))
                    {
                        masks[row.RootId] = mask = await _masks.ForAsync(row.RootId, cancellationToken).ConfigureAwait(false);
                    }

                    foreach (JournalTurn turn in TurnsOf(row, mask))
                    {
                        yield return turn;
                    }
                }
            }

            if (follower is null)
            {
                yield break;
            }

            // What was stored already by then may come here again.
            await foreach (JournalRow row in follower.Rows.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                SecretMask? mask = row.HasSecrets ? await _masks.ForAsync(row.RootId, cancellationToken).ConfigureAwait(false) : null;
                foreach (JournalTurn turn in TurnsOf(row, mask))
                {
                    yield return turn;
                }
            }
        }

        IEnumerable<JournalTurn> TurnsOf(JournalRow row, SecretMask? mask)
        {
            foreach (JournalTurn turn in JournalRows.Turns(row))
            {
                if (turn.Position >= next)
                {
                    yield return mask is null ? turn : mask.Of(turn);
                    next = turn.Position + 1;
                }
            }
        }
    }

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyDictionary<string, NodeStateInfo>>> GetPipelineStatesAsync(
        string rootId, bool flatChildren = true, CancellationToken cancellationToken = default) => ReadAsync(
        rootId,
        view => rootId == view.Definition.RootId ? StateReads.Tree(view, flatChildren) : StateReads.None,
        () => StateReads.None,
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyDictionary<string, NodeStateInfo>>> GetChildrenStatesAsync(
        string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId, view => StateReads.Children(view, nodeId), () => StateReads.None, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<MapValue>> GetExecutionDataInputsAsync(
        string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId,
        view => StateReads.Execution(view, nodeId)?.Inputs ?? MapValue.Empty,
        () => MapValue.Empty,
        (mask, inputs) => mask.Inputs(nodeId, inputs),
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<MapValue>> GetExecutionDataOutputsAsync(
        string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId,
        view => StateReads.Execution(view, nodeId)?.Outputs ?? MapValue.Empty,
        () => MapValue.Empty,
        (mask, outputs) => mask.Outputs(nodeId, outputs),
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<ExecutionData>> GetExecutionDataAsync(
        string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId,
        view => StateReads.Execution(view, nodeId) ?? throw Refusals.NoData(nodeId, "execution data"),
        () => throw Refusals.NoData(nodeId, "execution data"),
        (mask, data) => mask.Of(nodeId, data),
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<NodeData>> GetDataAsync(string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId,
        view => StateReads.Data(view, nodeId) ?? throw Refusals.NoData(nodeId, "data"),
        () => throw Refusals.NoData(nodeId, "data"),
        (mask, data) => mask.Of(nodeId, data),
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
            Arguments.Given(pipeline, "pipeline");
            PreviewSecrets? secrets = PreviewSecrets.Of(pipeline, _masks, userCode);
            try
            {
                var preview = new InputPreview(pipeline, parentParams ?? MapValue.Empty, settings.Expressions);
                string scopeId = pipeline.Id;
                foreach (string subProcess in subprocessStack ?? [])
                {
                    preview = preview.Enter(subProcess, await ValuesOfAsync(preview, scopeId).ConfigureAwait(false));
                    scopeId = subProcess;
                }

                MapValue inputs = preview.InputsOf(nodeId, await ValuesOfAsync(preview, scopeId).ConfigureAwait(false));
                return secrets is null ? inputs : secrets.Mask(nodeId, inputs);
            }
            catch (BambooException failure) when (secrets?.IsIn(failure.Message) == true)
            {
                throw new HydrationException(secrets.Mask(failure.Message));
            }

            async Task<IReadOnlyDictionary<string, Value>> ValuesOfAsync(InputPreview at, string scopeId)
            {
                HydrationAnswer? answer = await userCode.RunAsync(
                    new Core.Machines.Effects.Hydrate(nodeId, IsScope: false, "", at.Slice()),
                    rootPipelineData ?? MapValue.Empty,
                    cancellationToken).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
                IReadOnlyDictionary<string, Value> values = answer?.Values ?? throw new HydrationException(answer?.Error ?? "");
                secrets?.Learn(scopeId, values);
                return values;
            }
        });

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<ContextValue>>> GetContextAsync(
        string pipelineId, CancellationToken cancellationToken = default) => ReadAsync<IReadOnlyList<ContextValue>>(
        pipelineId,
        view => StateReads.Context(view, pipelineId),
        () => [],
        (mask, context) => mask.Context(pipelineId, context),
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<long>> GetJournalEndAsync(CancellationToken cancellationToken = default) => AnswerAsync(() =>
    {
        CheckOpen();
        return reads.ReadJournalEndAsync(cancellationToken);
    });

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<PipelineSummary>>> ListPipelinesAsync(
        PipelineFilter? filter = null, PipelinePosition? after = null, int limit = 100, CancellationToken cancellationToken = default) =>
        AnswerAsync(async () =>
        {
            CheckOpen();
            IReadOnlyList<PipelineRow> rows = await reads.ListAsync(filter ?? PipelineFilter.All, after, limit, cancellationToken)
                .ConfigureAwait(false);
            return (IReadOnlyList<PipelineSummary>)[.. rows.Select(row =>
                new PipelineSummary(row.RootId, row.Name, NodeStateNames.Parse(row.State), row.CreatedTime, row.ArchivedTime))];
        });

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyDictionary<NodeStateName, long>>> CountPipelinesAsync(
        PipelineFilter? filter = null, CancellationToken cancellationToken = default) => AnswerAsync(async () =>
        {
            CheckOpen();
            IReadOnlyDictionary<string, long> counts = await reads.CountAsync(filter ?? PipelineFilter.All, cancellationToken)
                .ConfigureAwait(false);
            return (IReadOnlyDictionary<NodeStateName, long>)counts.ToDictionary(count => NodeStateNames.Parse(count.Key), count => count.Value);
        });

    /// <inheritdoc/>
    public Task<EngineApiResult<SubmittedPipeline>> GetPipelineDefinitionAsync(
        string rootId, CancellationToken cancellationToken = default) => AnswerAsync(async () =>
        {
            Arguments.Given(rootId, "the id");
            CheckOpen();
            StoredTree stored = await reads.ReadTreeAsync(rootId, cancellationToken).ConfigureAwait(false)
                ?? throw Refusals.NoPipeline(rootId);
            StoredOptions options = MachineJson.ReadOptions(stored.Options.Span);
            var submitted = new SubmittedPipeline(
                rootId, (MapValue)ValueJson.Parse(stored.Tree.Span), stored.CreatedTime, options.Options);
            return options.HasSecrets && await _masks.ForAsync(rootId, cancellationToken).ConfigureAwait(false) is { } mask
                ? mask.Of(submitted)
                : submitted;
        });

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<ValidationProblem>>> ValidatePipelineAsync(
        Value pipeline, RunPipelineOptions? options = null, CancellationToken cancellationToken = default) => AnswerAsync(() =>
        {
            Arguments.Given(pipeline, "pipeline");
            return Task.FromResult<IReadOnlyList<ValidationProblem>>(
                [.. TreeCheck.Run(pipeline, options ?? new RunPipelineOptions(), check, userCode).Select(finding => finding.ToProblem())]);
        });

    /// <inheritdoc/>
    public Task<EngineApiResult> WaitUntilSettledAsync(string rootId, CancellationToken cancellationToken = default) => AnswerAsync(
        async () =>
        {
            if (await RootOfAsync(rootId, cancellationToken).ConfigureAwait(false) != rootId)
            {
                throw Refusals.NoPipeline(rootId);
            }

            await WhenSettledAsync(rootId, cancellationToken).ConfigureAwait(false);
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
            return EngineApiResult.Fail(Refused(failure));
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
            return EngineApiResult.Fail<T>(Refused(failure));
        }
    }

    private Exception Refused(Exception failure)
    {
        Exception answer = AnswerOf(failure);
        if (answer is EngineOverloadedException overloaded)
        {
            userCode.Telemetry.Overloaded(overloaded);
        }

        return answer;
    }

    /// <summary>Submits what passed the checks; ends when it is durable.</summary>
    /// <exception cref="AlreadyExistsException">An id is taken.</exception>
    protected abstract Task SubmitAsync(PipelineTree tree, Submission submission, CancellationToken cancellationToken);

    /// <summary>Has a verb decided; ends when what was decided is durable.</summary>
    /// <exception cref="BambooException">It is refused.</exception>
    protected abstract Task AskAsync(string rootId, VerbRequest request, CancellationToken cancellationToken);

    /// <summary>Tries a verb on copies.</summary>
    /// <exception cref="BambooException">Why it would be refused.</exception>
    protected abstract Task<VerbOutcome> TryAsync(string rootId, VerbRequest request, CancellationToken cancellationToken);

    /// <summary>Reads something of a pipeline's state; whatever was acknowledged before is in it.</summary>
    protected abstract Task<T> ReadAsync<T>(string rootId, Func<IPipelineView, T> read, CancellationToken cancellationToken);

    /// <summary>Waits until a pipeline has settled.</summary>
    protected abstract Task WhenSettledAsync(string rootId, CancellationToken cancellationToken);

    /// <summary>Ends when the journal may have grown after now.</summary>
    protected abstract Task WhenJournalGrowsAsync(CancellationToken cancellationToken);

    /// <summary>What a caller is told of a failure.</summary>
    protected abstract Exception AnswerOf(Exception failure);

    /// <exception cref="EngineUnavailableException">The engine is closed, or not there for a while.</exception>
    protected virtual void CheckOpen()
    {
    }

    // Finds the pipeline of a verb, and asks the machine that decides. Without a pipeline it is refused, or does nothing.
    private Task<EngineApiResult<VerbOutcome>> AskAsync(VerbRequest given, CancellationToken cancellationToken) => CallAsync(
        given.Verb, given.Id, given.Options?.TraceParent, caller => AnswerAsync(async () =>
    {
        VerbRequest request = caller == given.Options?.TraceParent
            ? given
            : given with { Options = (given.Options ?? new VerbOptions()) with { TraceParent = caller } };
        string? rootId = await RootOfAsync(request.Id, cancellationToken).ConfigureAwait(false);
        if (rootId is null)
        {
            return request.Nowhere() is { } refusal ? throw refusal : VerbOutcome.CarriedOut;
        }

        if (request.IsDryRun)
        {
            VerbOutcome outcome = await TryAsync(rootId, request, cancellationToken).ConfigureAwait(false);
            return await _masks.ForAsync(rootId, cancellationToken).ConfigureAwait(false) is { } mask ? mask.Of(outcome) : outcome;
        }

        await AskAsync(rootId, request, cancellationToken).ConfigureAwait(false);
        return VerbOutcome.CarriedOut;
    }));

    private async Task<IReadOnlyList<JournalRow>> ReadJournalPageAsync(long from, string? rootId, CancellationToken cancellationToken)
    {
        try
        {
            CheckOpen();
            return await reads.ReadJournalAsync(from, rootId, JournalPageRows, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            throw AnswerOf(failure);
        }
    }

    // What is called is told the span that asks for it: that of the call itself, where it is traced.
    private Task<T> CallAsync<T>(string verb, string? id, string? traceParent, Func<string?, Task<T>> call)
        where T : EngineApiResult
    {
        return userCode.Telemetry.IsWatchingVerbs ? WatchedAsync() : call(TraceParents.Of(traceParent));

        async Task<T> WatchedAsync()
        {
            VerbSpan? span = userCode.Telemetry.BeginVerb(verb, id, traceParent);
            try
            {
                T result = await call(span?.Id ?? TraceParents.Of(traceParent)).ConfigureAwait(false);
                span?.End(result);
                return result;
            }
            catch (OperationCanceledException)
            {
                span?.GiveUp();
                throw;
            }
        }
    }

    // As above, with arguments that stand for secrets which the caller was not shown.
    private Task<EngineApiResult<VerbOutcome>> AskWithAsync<T>(
        string id, Func<IPipelineView, T> unmask, Func<T, VerbRequest> request, T asked, CancellationToken cancellationToken) => UnwrapAsync(
        AnswerAsync(async () =>
        {
            string? rootId = await RootOfAsync(id, cancellationToken).ConfigureAwait(false);
            return await AskAsync(
                request(rootId is null ? asked : await ReadAsync(rootId, unmask, cancellationToken).ConfigureAwait(false)),
                cancellationToken).ConfigureAwait(false);
        }));

    private static async Task<EngineApiResult<T>> UnwrapAsync<T>(Task<EngineApiResult<EngineApiResult<T>>> call)
    {
        EngineApiResult<EngineApiResult<T>> result = await call.ConfigureAwait(false);
        return result.Result ? result.Data! : EngineApiResult.Fail<T>(result.Error!);
    }

    private static bool IsMasked(MapValue? data) => data?.Values.Any(value => value is TextValue { Value: SecretValues.Mask }) == true;

    private Task<EngineApiResult<T>> ReadAsync<T>(
        string id, Func<IPipelineView, T> read, Func<T> none, CancellationToken cancellationToken) =>
        ReadAsync(id, read, none, (_, data) => data, cancellationToken);

    private Task<EngineApiResult<T>> ReadAsync<T>(
        string id, Func<IPipelineView, T> read, Func<T> none, Func<SecretMask, T, T> masked, CancellationToken cancellationToken) =>
        AnswerAsync(async () =>
        {
            string? rootId = await RootOfAsync(id, cancellationToken).ConfigureAwait(false);
            if (rootId is null)
            {
                return none();
            }

            // Between the two the pipeline may have been removed, and another one have come under its id.
            (T data, bool hasSecrets) = await ReadAsync(
                rootId,
                view => (id == rootId || view.Definition.Nodes.ContainsKey(id) ? read(view) : none(), _masks.Of(view.Definition) is not null),
                cancellationToken).ConfigureAwait(false);
            return hasSecrets && await _masks.ForAsync(rootId, cancellationToken).ConfigureAwait(false) is { } mask ? masked(mask, data) : data;
        });

    private async Task<IReadOnlyList<NodeHistory>> ReadHistoriesAsync(string nodeId, int loop, CancellationToken cancellationToken)
    {
        string? rootId = await RootOfAsync(nodeId, cancellationToken).ConfigureAwait(false);
        if (rootId is null)
        {
            return [];
        }

        IEnumerable<NodeHistory> entries =
            (await reads.ReadHistoriesAsync(rootId, nodeId, loop == -1 ? null : loop, cancellationToken).ConfigureAwait(false))
            .Select(row => MachineJson.ReadHistory(row.Payload.Span));
        return await _masks.ForAsync(rootId, cancellationToken).ConfigureAwait(false) is { } mask
            ? [.. entries.Select(mask.Of)]
            : [.. entries];
    }

    private Task<string?> RootOfAsync(string id, CancellationToken cancellationToken)
    {
        Arguments.Given(id, "the id");
        CheckOpen();
        return reads.FindRootAsync(id, cancellationToken);
    }
}
