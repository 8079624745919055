using System.Collections.Frozen;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Hosting.Wire;

/// <summary>The functions of the Engine API, their arguments, and the calls that they stand for.</summary>
internal static class EngineFunctions
{
    private const int JournalTurnsDefault = 256;
    private const int JournalTurnsMax = 1000;

    private static readonly EngineArgument<string> PipelineId = EngineArguments.Text("pipeline_id", "pipelineId");
    private static readonly EngineArgument<string> RootId = EngineArguments.Text("root_id", "rootId");
    private static readonly EngineArgument<string> NodeId = EngineArguments.Text("node_id", "nodeId");
    private static readonly EngineArgument<string> Id = EngineArguments.Text("id", "id");
    private static readonly EngineArgument<PipelineTree> Pipeline = EngineArguments.Tree("pipeline", "pipeline");
    private static readonly EngineArgument<long> Loop = EngineArguments.Whole("loop", "loop", int.MinValue, int.MaxValue, -1);

    // Of every control verb: VerbOptions.
    private static readonly EngineArgument<string?> Operator = EngineArguments.OptionalText("operator", "options.Operator");
    private static readonly EngineArgument<string?> Reason = EngineArguments.OptionalText("reason", "options.Reason");
    private static readonly EngineArgument<string?> ExpectedVersion = EngineArguments.OptionalText("expected_version", "options.ExpectedVersion");
    private static readonly EngineArgument<bool> DryRun = EngineArguments.Flag("dry_run", "options.DryRun", fallback: false);
    private static readonly EngineArgument<DateTimeOffset?> At = EngineArguments.OptionalTime("at", "options.At");

    // Of control verbs and of run_pipeline.
    private static readonly EngineArgument<string?> TraceParent = EngineArguments.OptionalText("trace_parent", "options.TraceParent");

    // Of run_pipeline: RunPipelineOptions.
    private static readonly EngineArgument<MapValue?> RootPipelineData = EngineArguments.OptionalMap("root_pipeline_data", "options.RootPipelineData");
    private static readonly EngineArgument<MapValue?> RootPipelineContext = EngineArguments.OptionalMap("root_pipeline_context", "options.RootPipelineContext");
    private static readonly EngineArgument<MapValue?> SubprocessContext = EngineArguments.OptionalMap("subprocess_context", "options.SubprocessContext");
    private static readonly EngineArgument<string?> StartNodeOption = EngineArguments.OptionalText("start_node_id", "options.StartNodeId");
    private static readonly EngineArgument<bool> CycleTolerate = EngineArguments.Flag("cycle_tolerate", "options.CycleTolerate", fallback: false);

    // Of lists: PipelineFilter.
    private static readonly EngineArgument<IReadOnlySet<NodeStateName>?> States = EngineArguments.OptionalStates("states", "filter.States");
    private static readonly EngineArgument<string?> SearchText = EngineArguments.OptionalText("text", "filter.Text");
    private static readonly EngineArgument<string?> SearchName = EngineArguments.OptionalText("name", "filter.Name");
    private static readonly EngineArgument<DateTimeOffset?> CreatedFrom = EngineArguments.OptionalTime("created_from", "filter.CreatedFrom");
    private static readonly EngineArgument<DateTimeOffset?> CreatedBefore = EngineArguments.OptionalTime("created_before", "filter.CreatedBefore");
    private static readonly EngineArgument<PipelinePosition?> After = EngineArguments.OptionalPosition("after", "after");

    // Of single functions.
    private static readonly EngineArgument<Value> UnreadPipeline = EngineArguments.Unchecked("pipeline", "pipeline");
    private static readonly EngineArgument<MapValue?> RetryData = EngineArguments.OptionalMap("data", "data");
    private static readonly EngineArgument<bool> LoopRetry = EngineArguments.Flag("loop_retry", "loopRetry", fallback: false);
    private static readonly EngineArgument<bool> LoopSkip = EngineArguments.Flag("loop_skip", "loopSkip", fallback: false);
    private static readonly EngineArgument<string> FlowId = EngineArguments.Text("flow_id", "flowId");
    private static readonly EngineArgument<IReadOnlyList<string>> FlowIds = EngineArguments.Texts("flow_ids", "flowIds");
    private static readonly EngineArgument<string> ConvergeGatewayId = EngineArguments.Text("converge_gateway_id", "convergeGatewayId");
    private static readonly EngineArgument<string> ExData = EngineArguments.Text("ex_data", "exData");
    private static readonly EngineArgument<string> CallbackVersion = EngineArguments.Text("version", "version");
    private static readonly EngineArgument<Value> CallbackData = EngineArguments.Any("data", "data");
    private static readonly EngineArgument<MapValue> Outputs = EngineArguments.Map("outputs", "outputs");
    private static readonly EngineArgument<IReadOnlyList<ContextValue>> ContextValues = EngineArguments.ContextValues("context_values", "values");
    private static readonly EngineArgument<bool> FlatChildren = EngineArguments.Flag("flat_children", "flatChildren", fallback: true);
    private static readonly EngineArgument<IReadOnlyList<string>> SubprocessStack =
        EngineArguments.Texts("subprocess_stack", "subprocessStack").Or([]);

    private static readonly EngineArgument<MapValue?> PreviewData = RootPipelineData.Named("root_pipeline_data", "rootPipelineData");
    private static readonly EngineArgument<MapValue?> ParentParams = EngineArguments.OptionalMap("parent_params", "parentParams");
    private static readonly EngineArgument<string> StartNodeId = EngineArguments.Text("start_node_id", "startNodeId");
    private static readonly EngineArgument<long> ListLimit = EngineArguments.Whole("limit", "limit", int.MinValue, int.MaxValue, 100);

    private static readonly EngineArgument<TimeSpan?> SettledWait = EngineArguments.WaitSeconds();

    private static readonly EngineArgument<long> From = EngineArguments.Whole("from", "from", long.MinValue, long.MaxValue, 1);
    private static readonly EngineArgument<string?> JournalRoot = EngineArguments.OptionalText("root_id", "rootId");
    private static readonly EngineArgument<long> JournalLimit = EngineArguments.Whole("limit", "", 1, JournalTurnsMax, JournalTurnsDefault);
    private static readonly EngineArgument<TimeSpan?> JournalWait = EngineArguments.WaitSecondsOrNone();

    private static readonly IReadOnlyList<EngineArgument> SubmissionArguments =
        [RootPipelineData, RootPipelineContext, SubprocessContext, StartNodeOption, CycleTolerate, Operator, Reason, TraceParent];

    private static readonly IReadOnlyList<EngineArgument> FilterArguments = [States, SearchText, SearchName, CreatedFrom, CreatedBefore];

    /// <summary>The functions by name.</summary>
    public static FrozenDictionary<string, EngineFunction> ByName { get; } = All().ToFrozenDictionary(function => function.Name, StringComparer.Ordinal);

    private static IEnumerable<EngineFunction> All() =>
    [
        new(
            "run_pipeline",
            nameof(IBambooEngine.RunPipelineAsync),
            isControl: true,
            [Pipeline, .. SubmissionArguments],
            async call => Envelope.Of(
                await call.Engine.RunPipelineAsync(call.Get(Pipeline), SubmissionOf(call), call.Stop).ConfigureAwait(false))),
        Read("validate_pipeline", nameof(IBambooEngine.ValidatePipelineAsync), [UnreadPipeline, .. SubmissionArguments], PipelineData.Write, call =>
            call.Engine.ValidatePipelineAsync(call.Get(UnreadPipeline), SubmissionOf(call), call.Stop)),
        Verb("pause_pipeline", nameof(IBambooEngine.PausePipelineAsync), [PipelineId], (call, options) =>
            call.Engine.PausePipelineAsync(call.Get(PipelineId), options, call.Stop)),
        Verb("revoke_pipeline", nameof(IBambooEngine.RevokePipelineAsync), [PipelineId], (call, options) =>
            call.Engine.RevokePipelineAsync(call.Get(PipelineId), options, call.Stop)),
        Verb("resume_pipeline", nameof(IBambooEngine.ResumePipelineAsync), [PipelineId, At], (call, options) =>
            call.Engine.ResumePipelineAsync(call.Get(PipelineId), options with { At = call.Get(At) }, call.Stop)),
        Verb("pause_node_appoint", nameof(IBambooEngine.PauseNodeAppointAsync), [NodeId], (call, options) =>
            call.Engine.PauseNodeAppointAsync(call.Get(NodeId), options, call.Stop)),
        Verb("resume_node_appoint", nameof(IBambooEngine.ResumeNodeAppointAsync), [NodeId, At], (call, options) =>
            call.Engine.ResumeNodeAppointAsync(call.Get(NodeId), options with { At = call.Get(At) }, call.Stop)),
        Verb("cancel_scheduled_resume", nameof(IBambooEngine.CancelScheduledResumeAsync), [Id], (call, options) =>
            call.Engine.CancelScheduledResumeAsync(call.Get(Id), options, call.Stop)),
        Verb("retry_node", nameof(IBambooEngine.RetryNodeAsync), [NodeId, RetryData, LoopRetry], (call, options) =>
            call.Engine.RetryNodeAsync(call.Get(NodeId), call.Get(RetryData), call.Get(LoopRetry), options, call.Stop)),
        Verb("retry_subprocess", nameof(IBambooEngine.RetrySubprocessAsync), [NodeId], (call, options) =>
            call.Engine.RetrySubprocessAsync(call.Get(NodeId), options, call.Stop)),
        Verb("skip_node", nameof(IBambooEngine.SkipNodeAsync), [NodeId, LoopSkip], (call, options) =>
            call.Engine.SkipNodeAsync(call.Get(NodeId), call.Get(LoopSkip), options, call.Stop)),
        Verb("skip_exclusive_gateway", nameof(IBambooEngine.SkipExclusiveGatewayAsync), [NodeId, FlowId], (call, options) =>
            call.Engine.SkipExclusiveGatewayAsync(call.Get(NodeId), call.Get(FlowId), options, call.Stop)),
        Verb(
            "skip_conditional_parallel_gateway",
            nameof(IBambooEngine.SkipConditionalParallelGatewayAsync),
            [NodeId, FlowIds, ConvergeGatewayId],
            (call, options) => call.Engine.SkipConditionalParallelGatewayAsync(
                call.Get(NodeId), call.Get(FlowIds), call.Get(ConvergeGatewayId), options, call.Stop)),
        Verb("forced_fail_activity", nameof(IBambooEngine.ForcedFailActivityAsync), [NodeId, ExData], (call, options) =>
            call.Engine.ForcedFailActivityAsync(call.Get(NodeId), call.Get(ExData), options, call.Stop)),
        Verb("callback", nameof(IBambooEngine.CallbackAsync), [NodeId, CallbackVersion, CallbackData], (call, options) =>
            call.Engine.CallbackAsync(call.Get(NodeId), call.Get(CallbackVersion), call.Get(CallbackData), options, call.Stop)),
        Verb("update_context_values", nameof(IBambooEngine.UpdateContextValuesAsync), [PipelineId, ContextValues], (call, options) =>
            call.Engine.UpdateContextValuesAsync(call.Get(PipelineId), call.Get(ContextValues), options, call.Stop)),
        Verb("update_node_outputs", nameof(IBambooEngine.UpdateNodeOutputsAsync), [NodeId, Outputs], (call, options) =>
            call.Engine.UpdateNodeOutputsAsync(call.Get(NodeId), call.Get(Outputs), options, call.Stop)),

        Read("get_pipeline_states", nameof(IBambooEngine.GetPipelineStatesAsync), [RootId, FlatChildren], StateData.Write, call =>
            call.Engine.GetPipelineStatesAsync(call.Get(RootId), call.Get(FlatChildren), call.Stop)),
        Read("get_children_states", nameof(IBambooEngine.GetChildrenStatesAsync), [NodeId], StateData.Write, call =>
            call.Engine.GetChildrenStatesAsync(call.Get(NodeId), call.Stop)),
        Read("get_execution_data_inputs", nameof(IBambooEngine.GetExecutionDataInputsAsync), [NodeId], inputs => inputs, call =>
            call.Engine.GetExecutionDataInputsAsync(call.Get(NodeId), call.Stop)),
        Read("get_execution_data_outputs", nameof(IBambooEngine.GetExecutionDataOutputsAsync), [NodeId], outputs => outputs, call =>
            call.Engine.GetExecutionDataOutputsAsync(call.Get(NodeId), call.Stop)),
        Read("get_execution_data", nameof(IBambooEngine.GetExecutionDataAsync), [NodeId], ExecutionRecords.Write, call =>
            call.Engine.GetExecutionDataAsync(call.Get(NodeId), call.Stop)),
        Read("get_data", nameof(IBambooEngine.GetDataAsync), [NodeId], ExecutionRecords.Write, call =>
            call.Engine.GetDataAsync(call.Get(NodeId), call.Stop)),
        Read("get_node_histories", nameof(IBambooEngine.GetNodeHistoriesAsync), [NodeId, Loop], ExecutionRecords.Write, call =>
            call.Engine.GetNodeHistoriesAsync(call.Get(NodeId), (int)call.Get(Loop), call.Stop)),
        Read("get_node_short_histories", nameof(IBambooEngine.GetNodeShortHistoriesAsync), [NodeId, Loop], ExecutionRecords.Write, call =>
            call.Engine.GetNodeShortHistoriesAsync(call.Get(NodeId), (int)call.Get(Loop), call.Stop)),
        Read(
            "preview_node_inputs",
            nameof(IBambooEngine.PreviewNodeInputsAsync),
            [Pipeline, NodeId, SubprocessStack, PreviewData, ParentParams],
            inputs => inputs,
            call => call.Engine.PreviewNodeInputsAsync(
                call.Get(Pipeline), call.Get(NodeId), call.Get(SubprocessStack), call.Get(PreviewData), call.Get(ParentParams), call.Stop)),
        Read("get_context", nameof(IBambooEngine.GetContextAsync), [PipelineId], ContextValueData.Write, call =>
            call.Engine.GetContextAsync(call.Get(PipelineId), call.Stop)),
        Read("get_waits", nameof(IBambooEngine.GetWaitsAsync), [RootId], WaitData.Write, call =>
            call.Engine.GetWaitsAsync(call.Get(RootId), call.Stop)),
        Read("list_pipelines", nameof(IBambooEngine.ListPipelinesAsync), [.. FilterArguments, After, ListLimit], PipelineData.Write, call =>
            call.Engine.ListPipelinesAsync(FilterOf(call), call.Get(After), (int)call.Get(ListLimit), call.Stop)),
        Read("count_pipelines", nameof(IBambooEngine.CountPipelinesAsync), FilterArguments, PipelineData.Write, call =>
            call.Engine.CountPipelinesAsync(FilterOf(call), call.Stop)),
        Read("get_pipeline_definition", nameof(IBambooEngine.GetPipelineDefinitionAsync), [RootId], pipeline => PipelineData.Write(pipeline), call =>
            call.Engine.GetPipelineDefinitionAsync(call.Get(RootId), call.Stop)),
        Read("get_journal_end", nameof(IBambooEngine.GetJournalEndAsync), [], position => position, call =>
            call.Engine.GetJournalEndAsync(call.Stop)),
        Read("get_pipeline_debug_info", nameof(IBambooEngine.GetPipelineDebugInfoAsync), [PipelineId], DebugData.Write, call =>
            call.Engine.GetPipelineDebugInfoAsync(call.Get(PipelineId), call.Stop)),
        Read("get_node_debug_info", nameof(IBambooEngine.GetNodeDebugInfoAsync), [NodeId], DebugData.Write, call =>
            call.Engine.GetNodeDebugInfoAsync(call.Get(NodeId), call.Stop)),

        // Three names of one method: ours, and the reference's two.
        ExecutionTimeOf("get_execution_time", Id),
        ExecutionTimeOf("get_pipeline_execution_time", PipelineId.Named("pipeline_id", "id")),
        ExecutionTimeOf("get_node_execution_time", NodeId.Named("node_id", "id")),
        AllowedStartNodes("get_allowed_start_nodes"),
        AllowedStartNodes("get_allowed_start_node_ids"),
        SkippedNodes("get_skipped_nodes"),
        SkippedNodes("get_skipped_execute_node_ids"),

        new(
            "wait_until_settled",
            nameof(IBambooEngine.WaitUntilSettledAsync),
            isControl: false,
            [RootId, SettledWait],
            WaitUntilSettledAsync),
        new(
            "read_journal",
            nameof(IBambooEngine.ReadJournalAsync),
            isControl: false,
            [From, JournalRoot, JournalLimit, JournalWait],
            ReadJournalAsync),
    ];

    private static EngineFunction Verb(
        string name,
        string method,
        IReadOnlyList<EngineArgument> arguments,
        Func<EngineCall, VerbOptions, Task<EngineApiResult<VerbOutcome>>> ask) => new(
        name,
        method,
        isControl: true,
        [.. arguments, Operator, Reason, ExpectedVersion, DryRun, TraceParent],
        async call =>
        {
            var options = new VerbOptions
            {
                Operator = call.Get(Operator),
                Reason = call.Get(Reason),
                ExpectedVersion = call.Get(ExpectedVersion),
                DryRun = call.Get(DryRun),
                TraceParent = call.Get(TraceParent),
            };
            return Envelope.Of(await ask(call, options).ConfigureAwait(false), JournalData.Write);
        });

    private static EngineFunction Read<T>(
        string name, string method, IReadOnlyList<EngineArgument> arguments, Func<T, Value> write, Func<EngineCall, Task<EngineApiResult<T>>> ask) => new(
        name, method, isControl: false, arguments, async call => Envelope.Of(await ask(call).ConfigureAwait(false), write));

    private static RunPipelineOptions SubmissionOf(EngineCall call) => new()
    {
        RootPipelineData = call.Get(RootPipelineData),
        RootPipelineContext = call.Get(RootPipelineContext),
        SubprocessContext = call.Get(SubprocessContext),
        StartNodeId = call.Get(StartNodeOption),
        CycleTolerate = call.Get(CycleTolerate),
        Operator = call.Get(Operator),
        Reason = call.Get(Reason),
        TraceParent = call.Get(TraceParent),
    };

    private static PipelineFilter FilterOf(EngineCall call) => new()
    {
        States = call.Get(States),
        Text = call.Get(SearchText),
        Name = call.Get(SearchName),
        CreatedFrom = call.Get(CreatedFrom),
        CreatedBefore = call.Get(CreatedBefore),
    };

    private static EngineFunction ExecutionTimeOf(string name, EngineArgument<string> id) => Read(
        name, nameof(IBambooEngine.GetExecutionTimeAsync), [id], StateData.Write, call => call.Engine.GetExecutionTimeAsync(call.Get(id), call.Stop));

    private static EngineFunction AllowedStartNodes(string name) => Read(
        name, nameof(IBambooEngine.GetAllowedStartNodesAsync), [Pipeline], DebugData.Write, call =>
            call.Engine.GetAllowedStartNodesAsync(call.Get(Pipeline), call.Stop));

    private static EngineFunction SkippedNodes(string name) => Read(
        name, nameof(IBambooEngine.GetSkippedNodesAsync), [Pipeline, StartNodeId], DebugData.Write, call =>
            call.Engine.GetSkippedNodesAsync(call.Get(Pipeline), call.Get(StartNodeId), call.Stop));

    // Gives whether it has settled: with a limit of waiting, that may be false, and the caller asks again.
    private static async Task<MapValue> WaitUntilSettledAsync(EngineCall call)
    {
        string rootId = call.Get(RootId);
        using WaitLimit? limit = call.Get(SettledWait) is { } wait ? new WaitLimit(wait, call) : null;
        try
        {
            EngineApiResult result = await call.Engine.WaitUntilSettledAsync(rootId, limit?.Token ?? call.Stop).ConfigureAwait(false);
            return result.Result ? Envelope.Success(true) : Envelope.Of(result);
        }
        catch (OperationCanceledException) when (limit is not null && !call.Stop.IsCancellationRequested)
        {
            return Envelope.Success(false);
        }
    }

    // One page. Where nothing is there, it waits for the first turn that comes, and gives what is there by then.
    private static async Task<MapValue> ReadJournalAsync(EngineCall call)
    {
        (long from, string? rootId, int limit, TimeSpan? wait) =
            (call.Get(From), call.Get(JournalRoot), (int)call.Get(JournalLimit), call.Get(JournalWait));
        List<JournalTurn> turns = await ReadPageAsync().ConfigureAwait(false);
        if (turns.Count == 0 && wait > TimeSpan.Zero && await IsMoreComingAsync(wait.Value).ConfigureAwait(false))
        {
            turns = await ReadPageAsync().ConfigureAwait(false);
        }

        return Envelope.Success(JournalData.Write(turns));

        async Task<List<JournalTurn>> ReadPageAsync()
        {
            List<JournalTurn> page = [];
            await foreach (JournalTurn turn in call.Engine.ReadJournalAsync(from, rootId, follow: false, call.Stop).ConfigureAwait(false))
            {
                page.Add(turn);
                if (page.Count == limit)
                {
                    break;
                }
            }

            return page;
        }

        async Task<bool> IsMoreComingAsync(TimeSpan time)
        {
            using var patience = new WaitLimit(time, call);
            try
            {
                await foreach (JournalTurn _ in call.Engine.ReadJournalAsync(from, rootId, follow: true, patience.Token).ConfigureAwait(false))
                {
                    return true;
                }
            }
            catch (OperationCanceledException) when (!call.Stop.IsCancellationRequested)
            {
            }

            return false;
        }
    }

    /// <summary>Cancelled by the call, or when the time is over.</summary>
    private sealed class WaitLimit : IDisposable
    {
        private readonly CancellationTokenSource _over;
        private readonly CancellationTokenSource _either;

        public WaitLimit(TimeSpan time, EngineCall call)
        {
            _over = new CancellationTokenSource(time, call.Time);
            _either = CancellationTokenSource.CreateLinkedTokenSource(_over.Token, call.Stop);
        }

        public CancellationToken Token => _either.Token;

        public void Dispose()
        {
            _either.Dispose();
            _over.Dispose();
        }
    }
}
