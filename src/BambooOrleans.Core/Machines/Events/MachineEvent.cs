using System.Text.Json.Serialization;

namespace BambooOrleans.Core.Machines.Events;

/// <summary>
/// A fact: something that a machine decided. Facts are kept in the journal, and applying them in order to an empty state
/// gives the state again.
/// </summary>
/// <remarks>The names below are kept in journals: a case may be added, but none renamed.</remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "event")]
[JsonDerivedType(typeof(NodeStarted), "node-started")]
[JsonDerivedType(typeof(NodeHistoryAdded), "node-history-added")]
[JsonDerivedType(typeof(NodeHydrationBegan), "node-hydration-began")]
[JsonDerivedType(typeof(NodeExecutionBegan), "node-execution-began")]
[JsonDerivedType(typeof(NodeEndEventBegan), "node-end-event-began")]
[JsonDerivedType(typeof(NodeScheduled), "node-scheduled")]
[JsonDerivedType(typeof(NodePollBegan), "node-poll-began")]
[JsonDerivedType(typeof(NodePolled), "node-polled")]
[JsonDerivedType(typeof(NodeCallbackAccepted), "node-callback-accepted")]
[JsonDerivedType(typeof(NodeFinished), "node-finished")]
[JsonDerivedType(typeof(NodeFailed), "node-failed")]
[JsonDerivedType(typeof(NodeNotEntered), "node-not-entered")]
[JsonDerivedType(typeof(NodeVerbTaken), "node-verb-taken")]
[JsonDerivedType(typeof(NodeResumeScheduled), "node-resume-scheduled")]
[JsonDerivedType(typeof(NodeOutputsUpdated), "node-outputs-updated")]
[JsonDerivedType(typeof(NodeRetried), "node-retried")]
[JsonDerivedType(typeof(NodeSkipped), "node-skipped")]
[JsonDerivedType(typeof(NodeForcedToFail), "node-forced-to-fail")]
[JsonDerivedType(typeof(NodePaused), "node-paused")]
[JsonDerivedType(typeof(NodePauseEnded), "node-pause-ended")]
[JsonDerivedType(typeof(NodeHeldToken), "node-held-token")]
[JsonDerivedType(typeof(NodeOutcomeHeld), "node-outcome-held")]
[JsonDerivedType(typeof(PipelineStarted), "pipeline-started")]
[JsonDerivedType(typeof(PipelineFinished), "pipeline-finished")]
[JsonDerivedType(typeof(ScopeEntered), "sub-process-entered")]
[JsonDerivedType(typeof(ScopeHistoryAdded), "sub-process-history-added")]
[JsonDerivedType(typeof(ScopeOpened), "sub-process-opened")]
[JsonDerivedType(typeof(ScopeFailed), "sub-process-failed")]
[JsonDerivedType(typeof(ScopeFinished), "sub-process-finished")]
[JsonDerivedType(typeof(PipelineVerbTaken), "pipeline-verb-taken")]
[JsonDerivedType(typeof(ScopeResumeScheduled), "pipeline-resume-scheduled")]
[JsonDerivedType(typeof(ScopePaused), "pipeline-paused")]
[JsonDerivedType(typeof(ScopeResumed), "pipeline-resumed")]
[JsonDerivedType(typeof(PipelineRevoked), "pipeline-revoked")]
[JsonDerivedType(typeof(ScopeRetried), "sub-process-retried")]
[JsonDerivedType(typeof(RawInputsReplaced), "raw-inputs-replaced")]
[JsonDerivedType(typeof(ContextReplaced), "context-replaced")]
[JsonDerivedType(typeof(ContextChanged), "context-changed")]
[JsonDerivedType(typeof(TokenMoved), "token-moved")]
[JsonDerivedType(typeof(TokenForked), "token-forked")]
[JsonDerivedType(typeof(TokenArrived), "token-arrived")]
[JsonDerivedType(typeof(TokenHeld), "token-held")]
[JsonDerivedType(typeof(TokenSlept), "token-slept")]
[JsonDerivedType(typeof(TokenWoken), "token-woken")]
[JsonDerivedType(typeof(TokenEnded), "token-ended")]
public abstract record MachineEvent
{
    private protected MachineEvent()
    {
    }
}

/// <summary>A fact about one node.</summary>
public abstract record NodeEvent : MachineEvent
{
    /// <summary>When it happened.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Whether it changes the state at all; one that does not makes none where there is none.</summary>
    internal virtual bool ChangesState => true;

    internal abstract void Apply(NodeState state);
}

/// <summary>A fact about a root pipeline.</summary>
public abstract record PipelineEvent : MachineEvent
{
    internal abstract void Apply(PipelineState state);
}
