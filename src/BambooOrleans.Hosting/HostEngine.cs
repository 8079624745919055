using System.Runtime.CompilerServices;
using BambooOrleans.Core;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Validation;
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

    /// <inheritdoc/>
    public Task<EngineApiResult> RunPipelineAsync(
        PipelineTree pipeline, RunPipelineOptions? options = null, CancellationToken cancellationToken = default) => AnswerAsync(
        () =>
        {
            Arguments.Given(pipeline, "pipeline");
            return SubmitAsync(pipeline, check.Check(pipeline, options ?? new RunPipelineOptions()), cancellationToken);
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
        view => new PipelineDebugInfo(StateReads.Context(view, pipelineId), StateReads.Tokens(view)),
        () => new PipelineDebugInfo([], []),
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<NodeDebugInfo>> GetNodeDebugInfoAsync(
        string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId,
        view => StateReads.Debug(view, Refusals.NodeOf(view.Definition, nodeId)),
        () => throw Refusals.NoNode(nodeId),
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
            // Taken before reading, so that what is committed in between is not missed.
            Task? grown = follow ? WhenJournalGrowsAsync(cancellationToken) : null;
            IReadOnlyList<JournalRow> rows;
            try
            {
                CheckOpen();
                rows = await reads.ReadJournalAsync(next, rootId, JournalPageRows, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                throw AnswerOf(failure);
            }

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

            if (grown is null)
            {
                yield break;
            }

            await grown.WaitAsync(cancellationToken).ConfigureAwait(false);
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
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<MapValue>> GetExecutionDataOutputsAsync(
        string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId,
        view => StateReads.Execution(view, nodeId)?.Outputs ?? MapValue.Empty,
        () => MapValue.Empty,
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<ExecutionData>> GetExecutionDataAsync(
        string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId,
        view => StateReads.Execution(view, nodeId) ?? throw Refusals.NoData(nodeId, "execution data"),
        () => throw Refusals.NoData(nodeId, "execution data"),
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<NodeData>> GetDataAsync(string nodeId, CancellationToken cancellationToken = default) => ReadAsync(
        nodeId,
        view => StateReads.Data(view, nodeId) ?? throw Refusals.NoData(nodeId, "data"),
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
            var preview = new InputPreview(pipeline, parentParams ?? MapValue.Empty, settings.Expressions);
            foreach (string subProcess in subprocessStack ?? [])
            {
                preview = preview.Enter(subProcess, await ValuesOfAsync(preview).ConfigureAwait(false));
            }

            return preview.InputsOf(nodeId, await ValuesOfAsync(preview).ConfigureAwait(false));

            async Task<IReadOnlyDictionary<string, Value>> ValuesOfAsync(InputPreview at)
            {
                HydrationAnswer? answer = await userCode.RunAsync(
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
        view => StateReads.Context(view, pipelineId),
        () => [],
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<PipelineSummary>>> ListPipelinesAsync(
        int limit = 100, CancellationToken cancellationToken = default) => AnswerAsync(async () =>
            (IReadOnlyList<PipelineSummary>)[.. (await reads.ListAsync(limit, cancellationToken).ConfigureAwait(false))
                .Select(row => new PipelineSummary(row.RootId, NodeStateNames.Parse(row.State), row.CreatedTime, row.ArchivedTime))]);

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
    private Task<EngineApiResult<VerbOutcome>> AskAsync(VerbRequest request, CancellationToken cancellationToken) => AnswerAsync(async () =>
    {
        string? rootId = await RootOfAsync(request.Id, cancellationToken).ConfigureAwait(false);
        if (rootId is null)
        {
            return request.Nowhere() is { } refusal ? throw refusal : VerbOutcome.CarriedOut;
        }

        if (request.IsDryRun)
        {
            return await TryAsync(rootId, request, cancellationToken).ConfigureAwait(false);
        }

        await AskAsync(rootId, request, cancellationToken).ConfigureAwait(false);
        return VerbOutcome.CarriedOut;
    });

    private Task<EngineApiResult<T>> ReadAsync<T>(
        string id, Func<IPipelineView, T> read, Func<T> none, CancellationToken cancellationToken) => AnswerAsync(async () =>
        {
            string? rootId = await RootOfAsync(id, cancellationToken).ConfigureAwait(false);
            return rootId is null
                ? none()

                // Between the two the pipeline may have been removed, and another one have come under its id.
                : await ReadAsync(
                    rootId,
                    view => id == rootId || view.Definition.Nodes.ContainsKey(id) ? read(view) : none(),
                    cancellationToken).ConfigureAwait(false);
        });

    private async Task<IReadOnlyList<NodeHistory>> ReadHistoriesAsync(string nodeId, int loop, CancellationToken cancellationToken)
    {
        string? rootId = await RootOfAsync(nodeId, cancellationToken).ConfigureAwait(false);
        return rootId is null
            ? []
            : [.. (await reads.ReadHistoriesAsync(rootId, nodeId, loop == -1 ? null : loop, cancellationToken).ConfigureAwait(false))
                .Select(row => MachineJson.ReadHistory(row.Payload.Span))];
    }

    private Task<string?> RootOfAsync(string id, CancellationToken cancellationToken)
    {
        Arguments.Given(id, "the id");
        CheckOpen();
        return reads.FindRootAsync(id, cancellationToken);
    }
}
