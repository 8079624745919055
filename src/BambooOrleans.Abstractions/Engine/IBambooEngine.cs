using BambooOrleans.Pipelines;

namespace BambooOrleans;

/// <summary>
/// The Engine API: submit pipelines, steer them while they run, and read what they did.
/// </summary>
/// <remarks>
/// Every verb answers with an <see cref="EngineApiResult"/> and does not throw for what it was asked. What is acknowledged
/// (<see cref="EngineApiResult.Result"/> is true) is durable and survives the death of the process.
/// </remarks>
public interface IBambooEngine
{
    /// <summary><c>run_pipeline</c>: validates the tree, stores it and starts it. Refused whole where anything is wrong with it.</summary>
    Task<EngineApiResult> RunPipelineAsync(
        PipelineTree pipeline, RunPipelineOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary><c>pause_pipeline</c>: pauses a root pipeline or a sub-process; each token stops before its next node.</summary>
    Task<EngineApiResult<VerbOutcome>> PausePipelineAsync(
        string pipelineId, VerbOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary><c>revoke_pipeline</c>: revokes a root pipeline for good; each token ends before its next node.</summary>
    Task<EngineApiResult<VerbOutcome>> RevokePipelineAsync(
        string pipelineId, VerbOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary><c>resume_pipeline</c>: goes on with a paused pipeline or sub-process.</summary>
    Task<EngineApiResult<VerbOutcome>> ResumePipelineAsync(
        string pipelineId, VerbOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary><c>pause_node_appoint</c>: pauses before a node when it is reached.</summary>
    Task<EngineApiResult<VerbOutcome>> PauseNodeAppointAsync(
        string nodeId, VerbOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary><c>resume_node_appoint</c>: goes on with a node that was paused by appointment.</summary>
    Task<EngineApiResult<VerbOutcome>> ResumeNodeAppointAsync(
        string nodeId, VerbOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary><c>retry_node</c>: runs a failed node again, with new inputs where <paramref name="data"/> is given.</summary>
    Task<EngineApiResult<VerbOutcome>> RetryNodeAsync(
        string nodeId, MapValue? data = null, bool loopRetry = false, VerbOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary><c>retry_subprocess</c>: enters a sub-process again that failed to be entered.</summary>
    Task<EngineApiResult<VerbOutcome>> RetrySubprocessAsync(
        string nodeId, VerbOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary><c>skip_node</c>: passes over a failed activity or start event.</summary>
    Task<EngineApiResult<VerbOutcome>> SkipNodeAsync(
        string nodeId, bool loopSkip = false, VerbOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary><c>skip_exclusive_gateway</c>: goes on from a failed exclusive gateway along one flow.</summary>
    Task<EngineApiResult<VerbOutcome>> SkipExclusiveGatewayAsync(
        string nodeId, string flowId, VerbOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary><c>skip_conditional_parallel_gateway</c>: goes on from a failed conditional parallel gateway along some flows.</summary>
    Task<EngineApiResult<VerbOutcome>> SkipConditionalParallelGatewayAsync(
        string nodeId, IReadOnlyList<string> flowIds, string convergeGatewayId, VerbOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary><c>forced_fail_activity</c>: makes a running activity fail.</summary>
    Task<EngineApiResult<VerbOutcome>> ForcedFailActivityAsync(
        string nodeId, string exData, VerbOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary><c>callback</c>: hands data to an activity that waits for it under this version.</summary>
    Task<EngineApiResult<VerbOutcome>> CallbackAsync(
        string nodeId, string version, Value data, VerbOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// <c>update_context_values</c>: replaces values of a pipeline's or sub-process's context. Keys that the context does not have
    /// are passed over (observed).
    /// </summary>
    Task<EngineApiResult<VerbOutcome>> UpdateContextValuesAsync(
        string pipelineId, IReadOnlyList<ContextValue> values, VerbOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary><c>get_pipeline_states</c>: the states of a root pipeline and all in it; empty for an id that is none.</summary>
    /// <param name="rootId">The root pipeline's id.</param>
    /// <param name="flatChildren">Whether all states stand directly below the root's, or below their sub-process's.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<EngineApiResult<IReadOnlyDictionary<string, NodeStateInfo>>> GetPipelineStatesAsync(
        string rootId, bool flatChildren = true, CancellationToken cancellationToken = default);

    /// <summary><c>get_children_states</c>: the state of a node and of those directly in it; empty for one without a state.</summary>
    Task<EngineApiResult<IReadOnlyDictionary<string, NodeStateInfo>>> GetChildrenStatesAsync(
        string nodeId, CancellationToken cancellationToken = default);

    /// <summary><c>get_execution_data_inputs</c>: what a node was executed with; empty where there is none.</summary>
    Task<EngineApiResult<MapValue>> GetExecutionDataInputsAsync(string nodeId, CancellationToken cancellationToken = default);

    /// <summary><c>get_execution_data_outputs</c>: what a node gave; empty where there is none.</summary>
    Task<EngineApiResult<MapValue>> GetExecutionDataOutputsAsync(string nodeId, CancellationToken cancellationToken = default);

    /// <summary><c>get_execution_data</c>: both; <see cref="NotFoundException"/> where there is none.</summary>
    Task<EngineApiResult<ExecutionData>> GetExecutionDataAsync(string nodeId, CancellationToken cancellationToken = default);

    /// <summary><c>get_data</c>: a node's raw inputs and output keys; <see cref="NotFoundException"/> where there are none.</summary>
    Task<EngineApiResult<NodeData>> GetDataAsync(string nodeId, CancellationToken cancellationToken = default);

    /// <summary><c>get_node_histories</c>: the attempts that retries, skips and re-entries ended, by loop.</summary>
    /// <param name="nodeId">The node's id.</param>
    /// <param name="loop">Only entries of this loop; -1 for all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<EngineApiResult<IReadOnlyList<NodeHistory>>> GetNodeHistoriesAsync(
        string nodeId, int loop = -1, CancellationToken cancellationToken = default);

    /// <summary><c>get_node_short_histories</c>: the same without data.</summary>
    /// <param name="nodeId">The node's id.</param>
    /// <param name="loop">Only entries of this loop; -1 for all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<EngineApiResult<IReadOnlyList<NodeShortHistory>>> GetNodeShortHistoriesAsync(
        string nodeId, int loop = -1, CancellationToken cancellationToken = default);

    /// <summary>
    /// <c>preview_node_inputs</c>: what the inputs of an activity would be, from the variables of a tree that need not have been
    /// submitted.
    /// </summary>
    /// <param name="pipeline">The tree.</param>
    /// <param name="nodeId">The activity or sub-process.</param>
    /// <param name="subprocessStack">The ids of the sub-processes around it, from the outermost; null for none.</param>
    /// <param name="rootPipelineData">The root pipeline's data, which lazy variables see.</param>
    /// <param name="parentParams">Context values by key that the tree itself is entered with.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<EngineApiResult<MapValue>> PreviewNodeInputsAsync(
        PipelineTree pipeline,
        string nodeId,
        IReadOnlyList<string>? subprocessStack = null,
        MapValue? rootPipelineData = null,
        MapValue? parentParams = null,
        CancellationToken cancellationToken = default);

    /// <summary>The context of a root pipeline or a sub-process, in no particular order; empty for an id that is none.</summary>
    Task<EngineApiResult<IReadOnlyList<ContextValue>>> GetContextAsync(
        string pipelineId, CancellationToken cancellationToken = default);

    /// <summary>
    /// <c>update_node_outputs</c>: sets outputs of a failed node, beside those it has; a skip then leaves the node with them.
    /// The outputs go to the context keys that the node's outputs fill.
    /// </summary>
    Task<EngineApiResult<VerbOutcome>> UpdateNodeOutputsAsync(
        string nodeId, MapValue outputs, VerbOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Takes back a resume that was appointed for a time (<see cref="VerbOptions.At"/>); the pause stays.</summary>
    Task<EngineApiResult<VerbOutcome>> CancelScheduledResumeAsync(
        string id, VerbOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>For each token of a root pipeline, what it waits for. Empty for a pipeline in which none is left.</summary>
    Task<EngineApiResult<IReadOnlyList<WaitInfo>>> GetWaitsAsync(string rootId, CancellationToken cancellationToken = default);

    /// <summary><c>get_pipeline_debug_info</c>: the context of a pipeline or sub-process, and the tokens of its root.</summary>
    Task<EngineApiResult<PipelineDebugInfo>> GetPipelineDebugInfoAsync(
        string pipelineId, CancellationToken cancellationToken = default);

    /// <summary><c>get_node_debug_info</c>: a node with its data and state.</summary>
    Task<EngineApiResult<NodeDebugInfo>> GetNodeDebugInfoAsync(string nodeId, CancellationToken cancellationToken = default);

    /// <summary>
    /// <c>get_pipeline_execution_time</c> and <c>get_node_execution_time</c>: how long a pipeline, sub-process or node has run.
    /// </summary>
    Task<EngineApiResult<ExecutionTime>> GetExecutionTimeAsync(string id, CancellationToken cancellationToken = default);

    /// <summary><c>get_allowed_start_node_ids</c>: the nodes that a tree may be started from.</summary>
    Task<EngineApiResult<IReadOnlySet<string>>> GetAllowedStartNodesAsync(
        PipelineTree pipeline, CancellationToken cancellationToken = default);

    /// <summary><c>get_skipped_execute_node_ids</c>: the nodes that a start at <paramref name="startNodeId"/> passes over.</summary>
    Task<EngineApiResult<IReadOnlySet<string>>> GetSkippedNodesAsync(
        PipelineTree pipeline, string startNodeId, CancellationToken cancellationToken = default);

    /// <summary>The turns of machines in the order of their positions: everything that happened.</summary>
    /// <param name="from">The first position that is wanted, from 1.</param>
    /// <param name="rootId">Only this root pipeline's; null for all.</param>
    /// <param name="follow">Whether to go on with what happens from now on, until cancelled; otherwise it ends at what is there.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="EngineUnavailableException">The engine is closed or its store cannot be read.</exception>
    IAsyncEnumerable<JournalTurn> ReadJournalAsync(
        long from = 1, string? rootId = null, bool follow = false, CancellationToken cancellationToken = default);

    /// <summary>The position that the next turn of the journal will have: what happens from now on is at or after it.</summary>
    Task<EngineApiResult<long>> GetJournalEndAsync(CancellationToken cancellationToken = default);

    /// <summary>The root pipelines, the newest first. A far page costs what the first one costs.</summary>
    /// <param name="filter">Which are wanted; null for all.</param>
    /// <param name="after">Only those after this place, the last of the page before; null for the first page.</param>
    /// <param name="limit">How many at the most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<EngineApiResult<IReadOnlyList<PipelineSummary>>> ListPipelinesAsync(
        PipelineFilter? filter = null, PipelinePosition? after = null, int limit = 100, CancellationToken cancellationToken = default);

    /// <summary>How many root pipelines there are in each state; a state that none is in is left out.</summary>
    /// <param name="filter">Which are counted; null for all.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<EngineApiResult<IReadOnlyDictionary<NodeStateName, long>>> CountPipelinesAsync(
        PipelineFilter? filter = null, CancellationToken cancellationToken = default);

    /// <summary>A root pipeline as it was submitted; <see cref="NotFoundException"/> for an id that is none.</summary>
    Task<EngineApiResult<SubmittedPipeline>> GetPipelineDefinitionAsync(string rootId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Everything that can be said of a tree before it runs: what <c>run_pipeline</c> would refuse it for, and what is likely a
    /// mistake. Nothing is stored; a tree without errors may still be refused where an id of it is taken.
    /// </summary>
    /// <param name="pipeline">The tree as JSON; anything else is an answer with an error, too.</param>
    /// <param name="options">What it would be submitted with.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    Task<EngineApiResult<IReadOnlyList<ValidationProblem>>> ValidatePipelineAsync(
        Value pipeline, RunPipelineOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Waits until a root pipeline has settled: it is finished or revoked, or nothing in it can go on without a call from
    /// outside (a callback, an operator).
    /// </summary>
    Task<EngineApiResult> WaitUntilSettledAsync(string rootId, CancellationToken cancellationToken = default);
}
