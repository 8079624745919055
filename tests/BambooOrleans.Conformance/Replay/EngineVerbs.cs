using BambooOrleans.Conformance.Corpus;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Conformance.Replay;

/// <summary>
/// The verbs of the Engine API by the names that the corpus calls them by. A verb that the engine gains is one more line here.
/// </summary>
internal static class EngineVerbs
{
    private static readonly Dictionary<string, Func<IBambooEngine, MapValue, CancellationToken, Task<Outcome>>> Known = new(StringComparer.Ordinal)
    {
        ["pause_pipeline"] = async (engine, args, stop) =>
            Outcome.Of(await engine.PausePipelineAsync(args.RequiredText("pipeline_id"), cancellationToken: stop)),
        ["resume_pipeline"] = async (engine, args, stop) =>
            Outcome.Of(await engine.ResumePipelineAsync(args.RequiredText("pipeline_id"), cancellationToken: stop)),
        ["revoke_pipeline"] = async (engine, args, stop) =>
            Outcome.Of(await engine.RevokePipelineAsync(args.RequiredText("pipeline_id"), cancellationToken: stop)),
        ["pause_node_appoint"] = async (engine, args, stop) =>
            Outcome.Of(await engine.PauseNodeAppointAsync(args.RequiredText("node_id"), cancellationToken: stop)),
        ["resume_node_appoint"] = async (engine, args, stop) =>
            Outcome.Of(await engine.ResumeNodeAppointAsync(args.RequiredText("node_id"), cancellationToken: stop)),
        ["retry_node"] = async (engine, args, stop) =>
            Outcome.Of(await engine.RetryNodeAsync(args.RequiredText("node_id"), args.Member("data") as MapValue, args.Flag("loop_retry"), cancellationToken: stop)),
        ["retry_subprocess"] = async (engine, args, stop) =>
            Outcome.Of(await engine.RetrySubprocessAsync(args.RequiredText("node_id"), cancellationToken: stop)),
        ["skip_node"] = async (engine, args, stop) =>
            Outcome.Of(await engine.SkipNodeAsync(args.RequiredText("node_id"), args.Flag("loop_skip"), cancellationToken: stop)),
        ["skip_exclusive_gateway"] = async (engine, args, stop) =>
            Outcome.Of(await engine.SkipExclusiveGatewayAsync(args.RequiredText("node_id"), args.RequiredText("flow_id"), cancellationToken: stop)),
        ["skip_conditional_parallel_gateway"] = async (engine, args, stop) =>
            Outcome.Of(await engine.SkipConditionalParallelGatewayAsync(
                args.RequiredText("node_id"),
                [.. args.List("flow_ids").OfType<TextValue>().Select(flow => flow.Value)],
                args.RequiredText("converge_gateway_id"),
                cancellationToken: stop)),

        // The reference's send_post_set_state_signal changes nothing that can be seen, and ours has no such argument.
        ["forced_fail_activity"] = async (engine, args, stop) =>
            Outcome.Of(await engine.ForcedFailActivityAsync(args.RequiredText("node_id"), args.Text("ex_data") ?? "", cancellationToken: stop)),
        ["callback"] = async (engine, args, stop) =>
            Outcome.Of(await engine.CallbackAsync(
                args.RequiredText("node_id"), args.RequiredText("version"), args.Member("data") ?? Value.Null, cancellationToken: stop)),

        ["update_context_values"] = async (engine, args, stop) =>
            Outcome.Of(await engine.UpdateContextValuesAsync(
                args.RequiredText("pipeline_id"),
                [.. args.List("context_values").OfType<MapValue>().Select(ContextValueOf)],
                cancellationToken: stop)),
        ["preview_node_inputs"] = async (engine, args, stop) => Read(
            await engine.PreviewNodeInputsAsync(
                PipelineTreeReader.Read(args["pipeline"]),
                args.RequiredText("node_id"),
                [.. args.List("subprocess_stack").OfType<TextValue>().Select(id => id.Value)],
                args.Member("root_pipeline_data") as MapValue,
                args.Member("parent_params") is MapValue given
                    ? Value.Map(given.Select(entry => (entry.Key, ((MapValue)entry.Value)["value"])))
                    : null,
                stop),
            inputs => inputs),

        ["get_pipeline_states"] = async (engine, args, stop) => Read(
            await engine.GetPipelineStatesAsync(args.RequiredText("root_id"), args.Member("flat_children")?.IsTruthy ?? true, stop),
            StateRecords.ApiData),
        ["get_children_states"] = async (engine, args, stop) => Read(
            await engine.GetChildrenStatesAsync(args.RequiredText("node_id"), stop), StateRecords.ApiData),
        ["get_execution_data_inputs"] = async (engine, args, stop) => Read(
            await engine.GetExecutionDataInputsAsync(args.RequiredText("node_id"), stop), inputs => inputs),
        ["get_execution_data_outputs"] = async (engine, args, stop) => Read(
            await engine.GetExecutionDataOutputsAsync(args.RequiredText("node_id"), stop), outputs => outputs),
        ["get_execution_data"] = async (engine, args, stop) => Read(
            await engine.GetExecutionDataAsync(args.RequiredText("node_id"), stop), DataRecords.ExecutionData),
        ["get_data"] = async (engine, args, stop) => Read(
            await engine.GetDataAsync(args.RequiredText("node_id"), stop), DataRecords.NodeData),
        ["get_node_histories"] = async (engine, args, stop) => Read(
            await engine.GetNodeHistoriesAsync(args.RequiredText("node_id"), args.Number("loop") ?? -1, stop), DataRecords.HistoriesData),
        ["get_node_short_histories"] = async (engine, args, stop) => Read(
            await engine.GetNodeShortHistoriesAsync(args.RequiredText("node_id"), args.Number("loop") ?? -1, stop), DataRecords.ShortHistoriesData),
    };

    /// <summary>Calls a verb with the arguments of a step.</summary>
    /// <exception cref="NoSuchVerbException">The engine does not have it.</exception>
    public static Task<Outcome> CallAsync(IBambooEngine engine, string verb, MapValue args, CancellationToken cancellationToken) =>
        Known.TryGetValue(verb, out Func<IBambooEngine, MapValue, CancellationToken, Task<Outcome>>? call)
            ? call(engine, args, cancellationToken)
            : throw new NoSuchVerbException(verb);

    private static ContextValue ContextValueOf(MapValue value) => new(
        value.RequiredText("key"),
        value.RequiredText("type") switch
        {
            "SPLICE" => ContextValueType.Splice,
            "COMPUTE" => ContextValueType.Compute,
            _ => ContextValueType.Plain,
        },
        value["value"],
        value.Text("code"));

    private static Outcome Read<T>(EngineApiResult<T> result, Func<T, Value> data) =>
        Outcome.Of(result, result.Result && result.Data is not null ? data(result.Data) : Value.Null);
}

/// <summary>A scenario calls a verb that the engine does not have.</summary>
public sealed class NoSuchVerbException(string verb) : Exception($"the engine has no such verb yet: {verb}");
