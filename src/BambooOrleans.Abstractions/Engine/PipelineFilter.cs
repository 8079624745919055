namespace BambooOrleans;

/// <summary>Which root pipelines are wanted: those that every given member takes.</summary>
public sealed record PipelineFilter
{
    /// <summary>Every pipeline.</summary>
    public static PipelineFilter All { get; } = new();

    /// <summary>In one of these states; null for any, none for an empty set.</summary>
    public IReadOnlySet<NodeStateName>? States { get; init; }

    /// <summary>With this in the id or in the name, whatever the case; null for any.</summary>
    public string? Text { get; init; }

    /// <summary>With this in the name, whatever the case; null for any.</summary>
    public string? Name { get; init; }

    /// <summary>Submitted then or later; null for any time.</summary>
    public DateTimeOffset? CreatedFrom { get; init; }

    /// <summary>Submitted before then; null for any time.</summary>
    public DateTimeOffset? CreatedBefore { get; init; }
}

/// <summary>
/// A place in the list of pipelines, which is ordered by time of submission and id, the newest first. What comes after it
/// does not depend on what is submitted or removed before it.
/// </summary>
/// <param name="CreatedTime">When the pipeline at this place was submitted.</param>
/// <param name="RootId">Its id.</param>
public readonly record struct PipelinePosition(DateTimeOffset CreatedTime, string RootId)
{
    /// <summary>The place of a pipeline.</summary>
    public static PipelinePosition Of(PipelineSummary pipeline)
    {
        ArgumentNullException.ThrowIfNull(pipeline);
        return new PipelinePosition(pipeline.CreatedTime, pipeline.RootId);
    }
}
