using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>
/// <c>revoke_pipeline</c>: a root pipeline goes REVOKED for good. What runs in it still completes; each token ends before its
/// next node (observed). A sub-process cannot be revoked: the reference breaks at its end event.
/// </summary>
internal static class RevokePipelineVerb
{
    public static void Apply(PipelineMachine machine, RevokePipeline input, Turn turn) => machine.Decide(
        input.Call,
        input.ScopeId,
        scope => input.ScopeId != machine.Definition.RootId
            ? new InvalidOperationVerbException("revoke.not-a-root", $"{input.ScopeId} is not a root pipeline")
            : Transitions.Check(input.ScopeId, scope.State, NodeStateName.Revoked),
        _ => machine.Raise(new PipelineRevoked { RootId = input.ScopeId }, turn),
        turn);
}
