namespace BambooOrleans;

/// <summary>The state of one pipeline, sub-process or node, as <c>get_pipeline_states</c> gives it.</summary>
public sealed record NodeStateInfo
{
    /// <summary>The id.</summary>
    public required string Id { get; init; }

    /// <summary>The state.</summary>
    public required NodeStateName State { get; init; }

    /// <summary>The id of the root pipeline; null for a node that was paused by appointment and never reached.</summary>
    public required string? RootId { get; init; }

    /// <summary>The id of the pipeline or sub-process around it; a root pipeline's own id (observed).</summary>
    public required string? ParentId { get; init; }

    /// <summary>The version of the current attempt.</summary>
    public required string Version { get; init; }

    /// <summary>How many times it has been entered, from 1.</summary>
    public required int Loop { get; init; }

    /// <summary>How many times it has been entered since its sub-process was. Not part of the API's JSON.</summary>
    public required int InnerLoop { get; init; }

    /// <summary>How many times it has been retried since it was entered.</summary>
    public required int Retry { get; init; }

    /// <summary>Whether it was skipped.</summary>
    public required bool Skip { get; init; }

    /// <summary>Whether a failure was passed over. The API gives it as <c>error_ignorable</c> too.</summary>
    public required bool ErrorIgnored { get; init; }

    /// <summary>When it first had a state.</summary>
    public required DateTimeOffset CreatedTime { get; init; }

    /// <summary>When the attempt started; null where it has not.</summary>
    public required DateTimeOffset? StartedTime { get; init; }

    /// <summary>When the attempt ended, well or not; null where it has not.</summary>
    public required DateTimeOffset? ArchivedTime { get; init; }

    /// <summary>The states below, by id.</summary>
    public IReadOnlyDictionary<string, NodeStateInfo> Children { get; init; } = new Dictionary<string, NodeStateInfo>();

    /// <summary>
    /// The JSON that the Engine API documents show; the key of the root's id is literally <c>root_id:</c>, and a node that was
    /// appointed and never reached has empty texts for its root and its parent (observed).
    /// </summary>
    public MapValue ToValue() => Value.Map(
        ("id", Id),
        ("state", State.ToApiName()),
        ("root_id:", RootId ?? ""),
        ("parent_id", ParentId ?? ""),
        ("version", Version),
        ("loop", Loop),
        ("retry", Retry),
        ("skip", Skip),
        ("error_ignorable", ErrorIgnored),
        ("error_ignored", ErrorIgnored),
        ("created_time", ApiTime.Text(CreatedTime)),
        ("started_time", ApiTime.Text(StartedTime)),
        ("archived_time", ApiTime.Text(ArchivedTime)),
        ("children", Value.Map(Children.Select(child => (child.Key, (Value)child.Value.ToValue())))));
}

/// <summary>Times as the Engine API writes them: ISO 8601 in UTC with microseconds.</summary>
public static class ApiTime
{
    /// <summary>The time as text; null for none.</summary>
    public static string? Text(DateTimeOffset? time) =>
        time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>What a node was executed with and gave.</summary>
/// <param name="Inputs">The rendered inputs.</param>
/// <param name="Outputs">The outputs.</param>
public sealed record ExecutionData(MapValue Inputs, MapValue Outputs);

/// <summary>One raw input of a node.</summary>
/// <param name="NeedRender">Whether templates in it are rendered.</param>
/// <param name="Value">The input as it is written.</param>
public sealed record DataInput(bool NeedRender, Value Value);

/// <summary>The raw inputs of a node, and which of its outputs fill which context keys.</summary>
/// <param name="Inputs">The inputs by name.</param>
/// <param name="Outputs">Context keys by output name.</param>
public sealed record NodeData(IReadOnlyDictionary<string, DataInput> Inputs, IReadOnlyDictionary<string, string> Outputs);

/// <summary>A node's history entry: the attempt that a retry, a skip or a re-entry ended.</summary>
public sealed record NodeHistory
{
    /// <summary>The entry's number within the node, from 1.</summary>
    public required long Id { get; init; }

    /// <summary>The node's id.</summary>
    public required string NodeId { get; init; }

    /// <summary>When the attempt started.</summary>
    public required DateTimeOffset? StartedTime { get; init; }

    /// <summary>When the attempt ended.</summary>
    public required DateTimeOffset? ArchivedTime { get; init; }

    /// <summary>How many times the node had been entered.</summary>
    public required int Loop { get; init; }

    /// <summary>How many times it had been retried.</summary>
    public required int Retry { get; init; }

    /// <summary>Whether it had been skipped.</summary>
    public required bool Skip { get; init; }

    /// <summary>The attempt's version.</summary>
    public required string Version { get; init; }

    /// <summary>The attempt's inputs.</summary>
    public required MapValue Inputs { get; init; }

    /// <summary>The attempt's outputs.</summary>
    public required MapValue Outputs { get; init; }
}

/// <summary>A node's history entry without its data.</summary>
public sealed record NodeShortHistory
{
    /// <summary>The entry's number within the node, from 1.</summary>
    public required long Id { get; init; }

    /// <summary>The node's id.</summary>
    public required string NodeId { get; init; }

    /// <summary>When the attempt started.</summary>
    public required DateTimeOffset? StartedTime { get; init; }

    /// <summary>When the attempt ended.</summary>
    public required DateTimeOffset? ArchivedTime { get; init; }

    /// <summary>How many times the node had been entered.</summary>
    public required int Loop { get; init; }

    /// <summary>Whether it had been skipped.</summary>
    public required bool Skip { get; init; }

    /// <summary>The attempt's version.</summary>
    public required string Version { get; init; }
}

/// <summary>How a context key's value is to be taken.</summary>
public enum ContextValueType
{
    /// <summary>As it is.</summary>
    Plain = 1,

    /// <summary>Its templates are rendered.</summary>
    Splice = 2,

    /// <summary>Its templates are rendered, and registered code computes the value from it.</summary>
    Compute = 3,
}

/// <summary>One key of a pipeline's context.</summary>
/// <param name="Key">The key, <c>${name}</c>.</param>
/// <param name="Type">How the value is to be taken.</param>
/// <param name="Value">The value.</param>
/// <param name="Code">Of a computed one, the code of the lazy variable.</param>
public sealed record ContextValue(string Key, ContextValueType Type, Value Value, string? Code);

/// <summary>A pipeline in a list.</summary>
/// <param name="RootId">The root pipeline's id.</param>
/// <param name="Name">The name of its tree, at most 500 characters of it; null where it has none.</param>
/// <param name="State">Its state.</param>
/// <param name="CreatedTime">When it was submitted.</param>
/// <param name="ArchivedTime">When it finished or was revoked; null before.</param>
public sealed record PipelineSummary(
    string RootId, string? Name, NodeStateName State, DateTimeOffset CreatedTime, DateTimeOffset? ArchivedTime);

/// <summary>A root pipeline as it was submitted.</summary>
/// <param name="RootId">Its id.</param>
/// <param name="Pipeline">The tree exactly as it was given.</param>
/// <param name="CreatedTime">When it was submitted.</param>
/// <param name="Options">The options it was submitted with, and by whom and why.</param>
public sealed record SubmittedPipeline(string RootId, MapValue Pipeline, DateTimeOffset CreatedTime, RunPipelineOptions Options);

/// <summary>One thing that validation has to say of a tree.</summary>
/// <param name="Code">The stable code, such as <c>tree.stream</c>.</param>
/// <param name="Path">Where in the JSON it is, such as <c>pipeline.activities.a1</c>; the name of an option where that is wrong.</param>
/// <param name="Message">What is wrong there.</param>
/// <param name="IsError">Whether the engine refuses the tree for it; otherwise it is likely a mistake.</param>
public sealed record ValidationProblem(string Code, string Path, string Message, bool IsError);
