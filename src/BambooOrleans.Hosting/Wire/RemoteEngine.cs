using System.Runtime.CompilerServices;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Hosting.Wire;

/// <summary>Carries a call to an <see cref="EngineDispatcher"/> in another process, and its answer back.</summary>
/// <param name="function">The function's name.</param>
/// <param name="arguments">Its arguments by name.</param>
/// <param name="cancellationToken">Stops waiting.</param>
/// <returns>What the dispatcher answered. Whatever it throws means that the engine could not be reached.</returns>
public delegate Task<MapValue> EngineTransport(string function, MapValue arguments, CancellationToken cancellationToken);

/// <summary>
/// The Engine API of an engine in another process. Its answers equal those of that engine; a call that does not reach it, or whose
/// answer is none, answers with <see cref="EngineUnavailableException"/>.
/// </summary>
/// <remarks>
/// Arguments that cannot be sent (one that is not given, text that is no Unicode, a value that is nested deeper than
/// <see cref="ValueJson.MaxDepth"/>) are refused here, as an engine in this process would refuse them. Times in answers have
/// microseconds. A call that could not be answered may have been carried out: <see cref="VerbOptions.ExpectedVersion"/> makes
/// repeating it safe.
/// </remarks>
/// <param name="transport">How to reach the dispatcher.</param>
public sealed class RemoteEngine(EngineTransport transport) : IBambooEngine
{
    private const int JournalTurns = 256;

    // Below the time after which clients and proxies commonly give up a call.
    private const int LongPollSeconds = 20;

    private readonly EngineTransport _transport = transport ?? throw new ArgumentNullException(nameof(transport));

    /// <inheritdoc/>
    public Task<EngineApiResult> RunPipelineAsync(
        PipelineTree pipeline, RunPipelineOptions? options = null, CancellationToken cancellationToken = default) => AskAsync(
        "run_pipeline",
        () => new RemoteArguments().Tree("pipeline", pipeline).Submission((options ?? new()) with
        {
            TraceParent = options?.TraceParent ?? TraceParents.Current,
        }),
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> PausePipelineAsync(
        string pipelineId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        ControlAsync("pause_pipeline", () => new RemoteArguments().Id("pipeline_id", pipelineId), options, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> RevokePipelineAsync(
        string pipelineId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        ControlAsync("revoke_pipeline", () => new RemoteArguments().Id("pipeline_id", pipelineId), options, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> ResumePipelineAsync(
        string pipelineId, VerbOptions? options = null, CancellationToken cancellationToken = default) => ControlAsync(
        "resume_pipeline", () => new RemoteArguments().Id("pipeline_id", pipelineId).At(options), options, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> PauseNodeAppointAsync(
        string nodeId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        ControlAsync("pause_node_appoint", () => Node(nodeId), options, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> ResumeNodeAppointAsync(
        string nodeId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        ControlAsync("resume_node_appoint", () => Node(nodeId).At(options), options, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> RetryNodeAsync(
        string nodeId, MapValue? data = null, bool loopRetry = false, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        ControlAsync("retry_node", () => Node(nodeId).Optional("data", data).Flag("loop_retry", loopRetry), options, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> RetrySubprocessAsync(
        string nodeId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        ControlAsync("retry_subprocess", () => Node(nodeId), options, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> SkipNodeAsync(
        string nodeId, bool loopSkip = false, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        ControlAsync("skip_node", () => Node(nodeId).Flag("loop_skip", loopSkip), options, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> SkipExclusiveGatewayAsync(
        string nodeId, string flowId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        ControlAsync("skip_exclusive_gateway", () => Node(nodeId).Text("flow_id", flowId), options, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> SkipConditionalParallelGatewayAsync(
        string nodeId,
        IReadOnlyList<string> flowIds,
        string convergeGatewayId,
        VerbOptions? options = null,
        CancellationToken cancellationToken = default) => ControlAsync(
        "skip_conditional_parallel_gateway",
        () => Node(nodeId).Texts("flow_ids", flowIds, "a flow of flow_ids").Text("converge_gateway_id", convergeGatewayId),
        options,
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> ForcedFailActivityAsync(
        string nodeId, string exData, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        ControlAsync("forced_fail_activity", () => Node(nodeId).Text("ex_data", exData), options, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> CallbackAsync(
        string nodeId, string version, Value data, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        ControlAsync("callback", () => Node(nodeId).Text("version", version).Data("data", data), options, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> UpdateContextValuesAsync(
        string pipelineId,
        IReadOnlyList<ContextValue> values,
        VerbOptions? options = null,
        CancellationToken cancellationToken = default) => ControlAsync(
        "update_context_values",
        () => new RemoteArguments().Id("pipeline_id", pipelineId).ContextValues("context_values", values),
        options,
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> UpdateNodeOutputsAsync(
        string nodeId, MapValue outputs, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        ControlAsync("update_node_outputs", () => Node(nodeId).Data("outputs", outputs), options, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<VerbOutcome>> CancelScheduledResumeAsync(
        string id, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        ControlAsync("cancel_scheduled_resume", () => new RemoteArguments().Id("id", id), options, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyDictionary<string, NodeStateInfo>>> GetPipelineStatesAsync(
        string rootId, bool flatChildren = true, CancellationToken cancellationToken = default) => AskAsync(
        "get_pipeline_states", () => Root(rootId).Data("flat_children", flatChildren), StateData.Read, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyDictionary<string, NodeStateInfo>>> GetChildrenStatesAsync(
        string nodeId, CancellationToken cancellationToken = default) =>
        AskAsync("get_children_states", () => Node(nodeId), StateData.Read, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<MapValue>> GetExecutionDataInputsAsync(string nodeId, CancellationToken cancellationToken = default) =>
        AskAsync("get_execution_data_inputs", () => Node(nodeId), ReadMap, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<MapValue>> GetExecutionDataOutputsAsync(string nodeId, CancellationToken cancellationToken = default) =>
        AskAsync("get_execution_data_outputs", () => Node(nodeId), ReadMap, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<ExecutionData>> GetExecutionDataAsync(string nodeId, CancellationToken cancellationToken = default) =>
        AskAsync("get_execution_data", () => Node(nodeId), ExecutionRecords.ReadExecution, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<NodeData>> GetDataAsync(string nodeId, CancellationToken cancellationToken = default) =>
        AskAsync("get_data", () => Node(nodeId), ExecutionRecords.ReadNodeData, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<NodeHistory>>> GetNodeHistoriesAsync(
        string nodeId, int loop = -1, CancellationToken cancellationToken = default) =>
        AskAsync("get_node_histories", () => Node(nodeId).Data("loop", loop), ExecutionRecords.ReadHistories, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<NodeShortHistory>>> GetNodeShortHistoriesAsync(
        string nodeId, int loop = -1, CancellationToken cancellationToken = default) =>
        AskAsync("get_node_short_histories", () => Node(nodeId).Data("loop", loop), ExecutionRecords.ReadShortHistories, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<MapValue>> PreviewNodeInputsAsync(
        PipelineTree pipeline,
        string nodeId,
        IReadOnlyList<string>? subprocessStack = null,
        MapValue? rootPipelineData = null,
        MapValue? parentParams = null,
        CancellationToken cancellationToken = default) => AskAsync(
        "preview_node_inputs",
        () => new RemoteArguments()
            .Tree("pipeline", pipeline)
            .Id("node_id", nodeId)
            .Texts("subprocess_stack", subprocessStack ?? [], "a sub-process of subprocess_stack")
            .Optional("root_pipeline_data", rootPipelineData)
            .Optional("parent_params", parentParams),
        ReadMap,
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<ContextValue>>> GetContextAsync(
        string pipelineId, CancellationToken cancellationToken = default) => AskAsync(
        "get_context", () => new RemoteArguments().Id("pipeline_id", pipelineId), ContextValueData.Read, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<WaitInfo>>> GetWaitsAsync(string rootId, CancellationToken cancellationToken = default) =>
        AskAsync("get_waits", () => Root(rootId), WaitData.Read, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<PipelineDebugInfo>> GetPipelineDebugInfoAsync(
        string pipelineId, CancellationToken cancellationToken = default) => AskAsync(
        "get_pipeline_debug_info", () => new RemoteArguments().Id("pipeline_id", pipelineId), DebugData.ReadPipeline, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<NodeDebugInfo>> GetNodeDebugInfoAsync(string nodeId, CancellationToken cancellationToken = default) =>
        AskAsync("get_node_debug_info", () => Node(nodeId), DebugData.ReadNode, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<ExecutionTime>> GetExecutionTimeAsync(string id, CancellationToken cancellationToken = default) => AskAsync(
        "get_execution_time", () => new RemoteArguments().Id("id", id), StateData.ReadExecutionTime, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlySet<string>>> GetAllowedStartNodesAsync(
        PipelineTree pipeline, CancellationToken cancellationToken = default) => AskAsync(
        "get_allowed_start_nodes", () => new RemoteArguments().Tree("pipeline", pipeline), DebugData.ReadIds, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlySet<string>>> GetSkippedNodesAsync(
        PipelineTree pipeline, string startNodeId, CancellationToken cancellationToken = default) => AskAsync(
        "get_skipped_nodes",
        () => new RemoteArguments().Tree("pipeline", pipeline).Text("start_node_id", startNodeId),
        DebugData.ReadIds,
        cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<long>> GetJournalEndAsync(CancellationToken cancellationToken = default) =>
        AskAsync("get_journal_end", () => new RemoteArguments(), JournalData.ReadEnd, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<PipelineSummary>>> ListPipelinesAsync(
        PipelineFilter? filter = null, PipelinePosition? after = null, int limit = 100, CancellationToken cancellationToken = default) =>
        AskAsync(
            "list_pipelines",
            () => new RemoteArguments().Filter(filter).After(after).Data("limit", limit),
            PipelineData.ReadPipelines,
            cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyDictionary<NodeStateName, long>>> CountPipelinesAsync(
        PipelineFilter? filter = null, CancellationToken cancellationToken = default) =>
        AskAsync("count_pipelines", () => new RemoteArguments().Filter(filter), PipelineData.ReadCounts, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<SubmittedPipeline>> GetPipelineDefinitionAsync(
        string rootId, CancellationToken cancellationToken = default) =>
        AskAsync("get_pipeline_definition", () => Root(rootId), PipelineData.ReadSubmitted, cancellationToken);

    /// <inheritdoc/>
    public Task<EngineApiResult<IReadOnlyList<ValidationProblem>>> ValidatePipelineAsync(
        Value pipeline, RunPipelineOptions? options = null, CancellationToken cancellationToken = default) => AskAsync(
        "validate_pipeline",
        () => new RemoteArguments().Data("pipeline", pipeline).Submission(options),
        PipelineData.ReadProblems,
        cancellationToken);

    /// <inheritdoc/>
    /// <remarks>It asks again and again, so that no single call takes long.</remarks>
    public async Task<EngineApiResult> WaitUntilSettledAsync(string rootId, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            EngineApiResult<bool> settled = await AskAsync(
                "wait_until_settled",
                () => Root(rootId).Data("wait_seconds", LongPollSeconds),
                (data, path) => data is BoolValue flag ? flag.Value : throw AnswerMembers.Wrong(path, "true or false", data),
                cancellationToken).ConfigureAwait(false);
            if (!settled.Result)
            {
                return EngineApiResult.Fail(settled.Error!);
            }

            if (settled.Data)
            {
                return EngineApiResult.Success;
            }
        }
    }

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
            long wanted = next;
            EngineApiResult<IReadOnlyList<JournalTurn>> page = await AskAsync(
                "read_journal",
                () => new RemoteArguments()
                    .Data("from", wanted)
                    .Optional("root_id", rootId)
                    .Data("limit", JournalTurns)
                    .Data("wait_seconds", follow ? LongPollSeconds : 0),
                JournalData.ReadTurns,
                cancellationToken).ConfigureAwait(false);
            if (page.Error is { } error)
            {
                throw error is EngineUnavailableException or InvalidArgumentException
                    ? error
                    : new EngineUnavailableException($"the journal cannot be read: {error.Message}", error);
            }

            foreach (JournalTurn turn in page.Data!)
            {
                yield return turn;
                next = turn.Position + 1;
            }

            // A page that is not full may end early only where nothing followed.
            if (!follow && page.Data.Count < JournalTurns)
            {
                yield break;
            }
        }
    }

    private static RemoteArguments Node(string nodeId) => new RemoteArguments().Id("node_id", nodeId);

    private static RemoteArguments Root(string rootId) => new RemoteArguments().Id("root_id", rootId);

    private static MapValue ReadMap(Value data, string path) => data as MapValue ?? throw AnswerMembers.Wrong(path, "an object", data);

    private Task<EngineApiResult<VerbOutcome>> ControlAsync(
        string function, Func<RemoteArguments> arguments, VerbOptions? options, CancellationToken cancellationToken) =>
        AskAsync(function, () => arguments().Options(options), JournalData.ReadOutcome, cancellationToken);

    private async Task<EngineApiResult> AskAsync(string function, Func<RemoteArguments> arguments, CancellationToken cancellationToken)
    {
        EngineApiResult<bool> result = await AskAsync(function, arguments, (_, _) => true, cancellationToken).ConfigureAwait(false);
        return result.Result ? EngineApiResult.Success : EngineApiResult.Fail(result.Error!);
    }

    private async Task<EngineApiResult<T>> AskAsync<T>(
        string function, Func<RemoteArguments> arguments, Func<Value, string, T> read, CancellationToken cancellationToken)
    {
        MapValue asked;
        try
        {
            asked = arguments().Build();
        }
        catch (InvalidArgumentException refusal)
        {
            return EngineApiResult.Fail<T>(refusal);
        }

        MapValue answer;
        try
        {
            answer = await _transport(function, asked, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return EngineApiResult.Fail<T>(new EngineUnavailableException($"the engine could not be reached for {function}: {failure.Message}", failure));
        }

        try
        {
            // Transports are code of others: one may answer with nothing whatever its type says.
            return Envelope.TryRead(answer ?? throw new AnswerFormatException("it is nothing"), out Exception? error)
                ? EngineApiResult.Of(read(answer.TryGetValue("data", out Value? data) ? data : Value.Null, "data"))
                : EngineApiResult.Fail<T>(error!);
        }
        catch (AnswerFormatException failure)
        {
            return EngineApiResult.Fail<T>(new EngineUnavailableException(
                $"what came as the engine's answer to {function} is none: {failure.Message}", failure));
        }
    }
}
