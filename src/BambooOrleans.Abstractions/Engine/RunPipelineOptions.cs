namespace BambooOrleans;

/// <summary>The options of <c>run_pipeline</c>.</summary>
public sealed record RunPipelineOptions
{
    /// <summary>Data of the root pipeline, which components and lazy variables see (<c>root_pipeline_data</c>).</summary>
    public MapValue? RootPipelineData { get; init; }

    /// <summary>Context of the root pipeline, by context key <c>${name}</c> (<c>root_pipeline_context</c>). A key that the tree has too is refused.</summary>
    public MapValue? RootPipelineContext { get; init; }

    /// <summary>Context that every sub-process starts with, by context key (<c>subprocess_context</c>). A key that a sub-process has too is refused.</summary>
    public MapValue? SubprocessContext { get; init; }

    /// <summary>The id of the node to start from; null for the start event (<c>start_node_id</c>).</summary>
    public string? StartNodeId { get; init; }

    /// <summary>Whether cycles are allowed (<c>cycle_tolerate</c>).</summary>
    public bool CycleTolerate { get; init; }

    /// <summary>Who submits the pipeline, for the journal.</summary>
    public string? Operator { get; init; }

    /// <summary>Why, for the journal.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// The span that asks for it, as W3C <c>traceparent</c>: kept with the pipeline, the parent of the spans of its nodes. Null is the
    /// current <see cref="System.Diagnostics.Activity"/>, where there is one. It changes nothing of what the pipeline does.
    /// </summary>
    public string? TraceParent { get; init; }
}
