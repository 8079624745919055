using BambooOrleans.Conformance.Corpus;
using BambooOrleans.Conformance.Hosts;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Conformance.Tests;

/// <summary>
/// An engine that answers as one scenario's record says, step after step. With it the runner must find no difference;
/// with a record that was changed behind its back it must find just that one.
/// </summary>
internal sealed class RecordedEngine(Scenario record) : IBambooEngine, IConformanceHost
{
    private static readonly DateTimeOffset SomeTime = DateTimeOffset.UnixEpoch;
    private int _step = -1;

    public List<string> Called { get; } = [];

    public EngineSettings? Settings { get; private set; }

    public bool IsDisposed { get; private set; }

    private bool IsOver => _step >= record.Steps.Count;

    public Task<IBambooEngine> StartAsync(EngineSettings settings)
    {
        Settings = settings;
        return Task.FromResult<IBambooEngine>(this);
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return ValueTask.CompletedTask;
    }

    public Task<EngineApiResult> WaitUntilSettledAsync(string rootId, CancellationToken cancellationToken = default)
    {
        Advance(step => step.Text("do") == "settle");
        return Task.FromResult(EngineApiResult.Success);
    }

    public Task<EngineApiResult> RunPipelineAsync(
        PipelineTree pipeline, RunPipelineOptions? options = null, CancellationToken cancellationToken = default)
    {
        Called.Add($"run_pipeline {options}");
        Advance(step => step.Text("do") == "run");
        return Task.FromResult(Answer());
    }

    public Task<EngineApiResult<VerbOutcome>> PausePipelineAsync(string pipelineId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        Verb("pause_pipeline", pipelineId);

    public Task<EngineApiResult<VerbOutcome>> RevokePipelineAsync(string pipelineId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        Verb("revoke_pipeline", pipelineId);

    public Task<EngineApiResult<VerbOutcome>> ResumePipelineAsync(string pipelineId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        Verb("resume_pipeline", pipelineId);

    public Task<EngineApiResult<VerbOutcome>> PauseNodeAppointAsync(string nodeId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        Verb("pause_node_appoint", nodeId);

    public Task<EngineApiResult<VerbOutcome>> ResumeNodeAppointAsync(string nodeId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        Verb("resume_node_appoint", nodeId);

    public Task<EngineApiResult<VerbOutcome>> RetryNodeAsync(
        string nodeId, MapValue? data = null, bool loopRetry = false, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        Verb("retry_node", nodeId, data, loopRetry);

    public Task<EngineApiResult<VerbOutcome>> RetrySubprocessAsync(string nodeId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        Verb("retry_subprocess", nodeId);

    public Task<EngineApiResult<VerbOutcome>> SkipNodeAsync(string nodeId, bool loopSkip = false, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        Verb("skip_node", nodeId, loopSkip);

    public Task<EngineApiResult<VerbOutcome>> SkipExclusiveGatewayAsync(
        string nodeId, string flowId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        Verb("skip_exclusive_gateway", nodeId, flowId);

    public Task<EngineApiResult<VerbOutcome>> SkipConditionalParallelGatewayAsync(
        string nodeId, IReadOnlyList<string> flowIds, string convergeGatewayId, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        Verb("skip_conditional_parallel_gateway", nodeId, string.Join('+', flowIds), convergeGatewayId);

    public Task<EngineApiResult<VerbOutcome>> ForcedFailActivityAsync(string nodeId, string exData, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        Verb("forced_fail_activity", nodeId, exData);

    public Task<EngineApiResult<VerbOutcome>> CallbackAsync(
        string nodeId, string version, Value data, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        Verb("callback", nodeId, version, data);

    public Task<EngineApiResult<IReadOnlyDictionary<string, NodeStateInfo>>> GetPipelineStatesAsync(
        string rootId, bool flatChildren = true, CancellationToken cancellationToken = default)
    {
        MapValue states = IsOver ? (MapValue)record.Checks["pipeline_states"] : States();
        if (states.Count == 0)
        {
            return Data<IReadOnlyDictionary<string, NodeStateInfo>>(new Dictionary<string, NodeStateInfo>());
        }

        MapValue nesting = flatChildren
            ? Value.Map(states.Keys.Where(id => id != rootId).Select(id => (id, (Value)MapValue.Empty)))
            : record.Checks["state_tree"].Map(rootId);
        return Data<IReadOnlyDictionary<string, NodeStateInfo>>(new Dictionary<string, NodeStateInfo>
        {
            [rootId] = State(rootId, states[rootId], nesting),
        });

        NodeStateInfo State(string id, Value row, MapValue below) => StateOf(id, row) with
        {
            Children = below.ToDictionary(child => child.Key, child => State(child.Key, states[child.Key], (MapValue)child.Value)),
        };
    }

    public Task<EngineApiResult<IReadOnlyDictionary<string, NodeStateInfo>>> GetChildrenStatesAsync(
        string nodeId, CancellationToken cancellationToken = default)
    {
        Value? hidden = (IsOver && record.Checks.TryGetValue("hidden_states", out Value? rows) ? rows : MapValue.Empty).Member(nodeId);
        Value? row = hidden ?? (IsOver ? record.Checks["pipeline_states"] : States()).Member(nodeId);
        return Data<IReadOnlyDictionary<string, NodeStateInfo>>(row is null
            ? new Dictionary<string, NodeStateInfo>()
            : new Dictionary<string, NodeStateInfo> { [nodeId] = StateOf(nodeId, row) });
    }

    public Task<EngineApiResult<MapValue>> GetExecutionDataInputsAsync(string nodeId, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task<EngineApiResult<MapValue>> GetExecutionDataOutputsAsync(string nodeId, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task<EngineApiResult<ExecutionData>> GetExecutionDataAsync(string nodeId, CancellationToken cancellationToken = default) =>
        record.Checks["execution_data"].Member(nodeId) is Value data
            ? Data(new ExecutionData(data.Map("inputs"), data.Map("outputs")))
            : Task.FromResult(EngineApiResult.Fail<ExecutionData>(new NotFoundException(nodeId)));

    public Task<EngineApiResult<NodeData>> GetDataAsync(string nodeId, CancellationToken cancellationToken = default) =>
        record.Checks["raw_data"].Member(nodeId) is Value data
            ? Data(new NodeData(
                data.Map("inputs").ToDictionary(
                    input => input.Key, input => new DataInput(input.Value.Flag("need_render"), input.Value.Member("value")!)),
                data.Map("outputs").ToDictionary(output => output.Key, output => ((TextValue)output.Value).Value)))
            : Task.FromResult(EngineApiResult.Fail<NodeData>(new NotFoundException(nodeId)));

    public Task<EngineApiResult<IReadOnlyList<NodeHistory>>> GetNodeHistoriesAsync(
        string nodeId, int loop = -1, CancellationToken cancellationToken = default) =>
        Data<IReadOnlyList<NodeHistory>>([.. record.Checks["histories"].List(nodeId).Select(entry => new NodeHistory
        {
            Id = 1,
            NodeId = nodeId,
            StartedTime = SomeTime,
            ArchivedTime = SomeTime,
            Loop = entry.Number("loop")!.Value,
            Retry = entry.Number("retry")!.Value,
            Skip = entry.Flag("skip"),
            Version = "v",
            Inputs = entry.Map("inputs"),
            Outputs = entry.Map("outputs"),
        })]);

    public Task<EngineApiResult<IReadOnlyList<NodeShortHistory>>> GetNodeShortHistoriesAsync(
        string nodeId, int loop = -1, CancellationToken cancellationToken = default) =>
        Data<IReadOnlyList<NodeShortHistory>>([.. record.Checks["short_histories"].List(nodeId).Select(entry => new NodeShortHistory
        {
            Id = 1,
            NodeId = nodeId,
            StartedTime = SomeTime,
            ArchivedTime = SomeTime,
            Loop = entry.Number("loop")!.Value,
            Skip = entry.Flag("skip"),
            Version = "v",
        })]);

    public Task<EngineApiResult<IReadOnlyList<ContextValue>>> GetContextAsync(
        string pipelineId, CancellationToken cancellationToken = default) =>
        Data<IReadOnlyList<ContextValue>>([.. record.Checks["context"].Map(pipelineId).Select(entry => new ContextValue(
            entry.Key,
            Enum.Parse<ContextValueType>(entry.Value.Text("type")!, ignoreCase: true),
            entry.Value.Member("value")!,
            entry.Value.Text("code")))]);

    public Task<EngineApiResult<long>> GetJournalEndAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<EngineApiResult<IReadOnlyList<PipelineSummary>>> ListPipelinesAsync(
        PipelineFilter? filter = null, PipelinePosition? after = null, int limit = 100, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task<EngineApiResult<IReadOnlyDictionary<NodeStateName, long>>> CountPipelinesAsync(
        PipelineFilter? filter = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<EngineApiResult<SubmittedPipeline>> GetPipelineDefinitionAsync(
        string rootId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<EngineApiResult<IReadOnlyList<ValidationProblem>>> ValidatePipelineAsync(
        Value pipeline, RunPipelineOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task<EngineApiResult<VerbOutcome>> UpdateContextValuesAsync(
        string pipelineId,
        IReadOnlyList<ContextValue> values,
        VerbOptions? options = null,
        CancellationToken cancellationToken = default) => Verb("update_context_values", pipelineId);

    public Task<EngineApiResult<MapValue>> PreviewNodeInputsAsync(
        PipelineTree pipeline,
        string nodeId,
        IReadOnlyList<string>? subprocessStack = null,
        MapValue? rootPipelineData = null,
        MapValue? parentParams = null,
        CancellationToken cancellationToken = default)
    {
        Advance(step => step.Text("api") == "preview_node_inputs");
        MapValue expected = record.Steps[_step].Map("expect");
        return expected.Flag("result")
            ? Data(expected.Map("data"))
            : Task.FromResult(EngineApiResult.Fail<MapValue>(Error(expected)));
    }

    public Task<EngineApiResult<VerbOutcome>> UpdateNodeOutputsAsync(
        string nodeId, MapValue outputs, VerbOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    public Task<EngineApiResult<VerbOutcome>> CancelScheduledResumeAsync(
        string id, VerbOptions? options = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<EngineApiResult<IReadOnlyList<WaitInfo>>> GetWaitsAsync(
        string rootId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<EngineApiResult<PipelineDebugInfo>> GetPipelineDebugInfoAsync(
        string pipelineId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<EngineApiResult<NodeDebugInfo>> GetNodeDebugInfoAsync(
        string nodeId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<EngineApiResult<ExecutionTime>> GetExecutionTimeAsync(
        string id, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<EngineApiResult<IReadOnlySet<string>>> GetAllowedStartNodesAsync(
        PipelineTree pipeline, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<EngineApiResult<IReadOnlySet<string>>> GetSkippedNodesAsync(
        PipelineTree pipeline, string startNodeId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public IAsyncEnumerable<JournalTurn> ReadJournalAsync(
        long from = 1, string? rootId = null, bool follow = false, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException();

    private Task<EngineApiResult<VerbOutcome>> Verb(string verb, params object?[] arguments)
    {
        Called.Add($"{verb} {string.Join(' ', arguments)}");
        Advance(step => step.Text("api") == verb);
        MapValue expected = record.Steps[_step].Map("expect");
        return Task.FromResult(expected.Flag("result")
            ? EngineApiResult.Of(VerbOutcome.CarriedOut)
            : EngineApiResult.Fail<VerbOutcome>(Error(expected)));
    }

    private void Advance(Predicate<MapValue> isIt)
    {
        do
        {
            _step++;
        }
        while (!IsOver && !isIt(record.Steps[_step]));
    }

    private EngineApiResult Answer()
    {
        MapValue expected = record.Steps[_step].Map("expect");
        return expected.Flag("result") ? EngineApiResult.Success : EngineApiResult.Fail(Error(expected));
    }

    private static Exception Error(MapValue expected) => expected.Text("error") switch
    {
        "NotFound" => new NotFoundException("recorded"),
        "InvalidOperation" => new InvalidOperationVerbException("recorded", "recorded"),
        "IllegalTransition" => new IllegalTransitionException("recorded"),
        "StateVersionNotMatch" => new StateVersionMismatchException("recorded"),
        "AlreadyExists" => new AlreadyExistsException("recorded"),
        "ConnectionValidate" => new ConnectionValidateException(
            expected.List("failed_nodes").ToDictionary(id => ((TextValue)id).Value, _ => (IReadOnlyList<string>)["recorded"])),
        "ConvergeMatch" => new ConvergeMatchException(expected.RequiredText("gateway_id"), "recorded"),
        "StreamValidate" => new StreamValidateException(expected.RequiredText("node_id"), "recorded"),
        "TreeInvalid" => new TreeInvalidException([], "recorded"),
        "StartPositionInvalid" => new StartPositionInvalidException("recorded"),
        "UnknownName" => new InvalidOperationVerbException("component.unknown", "recorded"),
        _ => new InvalidArgumentException("recorded"),
    };

    // At the step that is going on; a run or a verb shows the states of the settling after it.
    private MapValue States() => record.Steps
        .Skip(Math.Max(_step, 0))
        .Select(step => step.Member("states"))
        .OfType<MapValue>()
        .FirstOrDefault() ?? (MapValue)record.Checks["pipeline_states"];

    private static NodeStateInfo StateOf(string id, Value row) => new()
    {
        Id = id,
        State = Enum.GetValues<NodeStateName>().Single(state => state.ToApiName() == ((row as TextValue)?.Value ?? row.Text("state"))),
        RootId = row.Text("root_id"),
        ParentId = row.Text("parent_id"),
        Version = "v",
        Loop = row.Number("loop") ?? 1,
        InnerLoop = row.Number("inner_loop") ?? 1,
        Retry = row.Number("retry") ?? 0,
        Skip = row.Flag("skip"),
        ErrorIgnored = row.Flag("error_ignored"),
        CreatedTime = SomeTime,
        StartedTime = row.Flag("started") ? SomeTime : null,
        ArchivedTime = row.Flag("archived") ? SomeTime : null,
    };

    private static Task<EngineApiResult<T>> Data<T>(T data) => Task.FromResult(EngineApiResult.Of(data));
}
