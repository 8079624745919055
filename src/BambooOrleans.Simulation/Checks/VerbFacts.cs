using BambooOrleans.Core.Machines.Events;

namespace BambooOrleans.Simulation.Checks;

/// <summary>What a verb that was not refused must have caused in the same turn.</summary>
internal static class VerbFacts
{
    public static bool Follow(string verb, IReadOnlyList<MachineEvent> events, int at)
    {
        for (int index = at + 1; index < events.Count; index++)
        {
            if (IsOf(verb, events[index]))
            {
                return true;
            }
        }

        // Keys that the context does not have are passed over.
        return verb == "update_context_values";
    }

    private static bool IsOf(string verb, MachineEvent item) => verb switch
    {
        "pause_pipeline" => item is ScopePaused,
        "resume_pipeline" => item is ScopeResumed or ScopeResumeScheduled { At: not null },
        "cancel_pipeline_resume" => item is ScopeResumeScheduled { At: null },
        "revoke_pipeline" => item is PipelineRevoked,
        "retry_subprocess" => item is ScopeRetried,
        "update_context_values" => item is ContextReplaced,
        "retry_node" => item is NodeRetried,
        "skip_node" or "skip_exclusive_gateway" or "skip_conditional_parallel_gateway" => item is NodeSkipped,
        "forced_fail_activity" => item is NodeForcedToFail,
        "callback" => item is NodeCallbackAccepted,
        "pause_node_appoint" => item is NodePaused,
        "resume_node_appoint" => item is NodePauseEnded or NodeResumeScheduled { At: not null },
        "cancel_node_resume" => item is NodeResumeScheduled { At: null },
        "update_node_outputs" => item is NodeOutputsUpdated,
        _ => throw new InvalidOperationException($"unknown verb {verb}"),
    };
}
