using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>
/// <c>pause_pipeline</c>: a root pipeline or sub-process goes SUSPENDED at once. What runs in it still completes; each token
/// stops before its next node (observed).
/// </summary>
internal static class PausePipelineVerb
{
    public static void Apply(PipelineMachine machine, PausePipeline input, Turn turn) => machine.Decide(
        input.Call,
        input.ScopeId,
        scope => Transitions.Check(input.ScopeId, scope.State, NodeStateName.Suspended),
        _ => machine.Raise(new ScopePaused { ScopeId = input.ScopeId }, turn),
        turn);
}
