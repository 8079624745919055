using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Core.Machines.Events;

/// <summary>A root pipeline or sub-process went SUSPENDED.</summary>
public sealed record ScopePaused : PipelineEvent
{
    /// <summary>The root pipeline or sub-process.</summary>
    public required string ScopeId { get; init; }

    internal override void Apply(PipelineState state) => state.ChangeScope(ScopeId).State = NodeStateName.Suspended;
}

/// <summary>A root pipeline or sub-process went from SUSPENDED to RUNNING, or to READY where a retry has not entered it yet.</summary>
public sealed record ScopeResumed : PipelineEvent
{
    /// <summary>The root pipeline or sub-process.</summary>
    public required string ScopeId { get; init; }

    internal override void Apply(PipelineState state)
    {
        ScopeState scope = state.ChangeScope(ScopeId);
        scope.State = scope.StartedTime is null ? NodeStateName.Ready : NodeStateName.Running;
        scope.ResumeAt = null;
    }
}

/// <summary>A root pipeline went REVOKED, for good.</summary>
public sealed record PipelineRevoked : PipelineEvent
{
    /// <summary>The root pipeline.</summary>
    public required string RootId { get; init; }

    internal override void Apply(PipelineState state)
    {
        ScopeState root = state.ChangeScope(RootId);
        root.State = NodeStateName.Revoked;
        root.ResumeAt = null;
    }
}

/// <summary>A sub-process that could not be entered went READY, to be entered again.</summary>
public sealed record ScopeRetried : PipelineEvent
{
    /// <summary>The sub-process.</summary>
    public required string ScopeId { get; init; }

    /// <summary>The version of the attempt that is to come.</summary>
    public required string Version { get; init; }

    internal override void Apply(PipelineState state)
    {
        ScopeState scope = state.ChangeScope(ScopeId);
        scope.State = NodeStateName.Ready;
        scope.Version = Version;
        scope.Retry++;
        scope.StartedTime = null;
        scope.ArchivedTime = null;
    }
}

/// <summary>A retry replaced the raw inputs of a node, or the params of a sub-process.</summary>
public sealed record RawInputsReplaced : PipelineEvent
{
    /// <summary>The node or sub-process.</summary>
    public required string NodeId { get; init; }

    /// <summary>The inputs by name.</summary>
    public required IReadOnlyDictionary<string, DataInput> Inputs { get; init; }

    internal override void Apply(PipelineState state)
    {
        state.RawInputs[NodeId] = RawInputs.Parse(Inputs, state.Expressions);
        state.Changed.Add(new PipelineRecord(PipelineRecordKind.RawInputs, NodeId));
    }
}

/// <summary>Values of a context were replaced by an operator, with the references of the others found anew.</summary>
public sealed record ContextReplaced : PipelineEvent
{
    /// <summary>The root pipeline or sub-process.</summary>
    public required string ScopeId { get; init; }

    /// <summary>The entries as they are now.</summary>
    public required IReadOnlyList<ContextEntry> Entries { get; init; }

    internal override void Apply(PipelineState state)
    {
        foreach (ContextEntry entry in Entries)
        {
            state.SetContext(ScopeId, entry);
            state.Changed.Add(new PipelineRecord(PipelineRecordKind.Context, ScopeId, entry.Key));
        }
    }
}

/// <summary>A verb on a pipeline was not refused. The facts after it are what it caused.</summary>
public sealed record PipelineVerbTaken : PipelineEvent
{
    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The root pipeline or sub-process.</summary>
    public required string ScopeId { get; init; }

    /// <summary>The verb's name in the Engine API.</summary>
    public required string Verb { get; init; }

    /// <summary>Who asked; null where nobody said.</summary>
    public string? Operator { get; init; }

    /// <summary>Why; null where nobody said.</summary>
    public string? Reason { get; init; }

    internal override void Apply(PipelineState state)
    {
        // A note for the audit; the facts after it are what changes.
    }
}

/// <summary>The resume of a paused pipeline was appointed for a time, or taken back.</summary>
public sealed record ScopeResumeScheduled : PipelineEvent
{
    /// <summary>The root pipeline or sub-process.</summary>
    public required string ScopeId { get; init; }

    /// <summary>When; null where it was taken back.</summary>
    public DateTimeOffset? At { get; init; }

    internal override void Apply(PipelineState state) => state.ChangeScope(ScopeId).ResumeAt = At;
}
