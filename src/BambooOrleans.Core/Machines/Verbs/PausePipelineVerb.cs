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
    public static void Apply(PipelineMachine machine, PausePipeline input, Turn turn)
    {
        BambooException? refusal = machine.State.Scopes.TryGetValue(input.ScopeId, out ScopeState? scope)
            ? Transitions.Check(input.ScopeId, scope.State, NodeStateName.Suspended)
            : ScopeTarget.NotStarted(input.ScopeId);
        if (refusal is null)
        {
            machine.Raise(new ScopePaused { ScopeId = input.ScopeId }, turn);
        }

        turn.Effects.Add(new Reply(input.Request, refusal));
    }
}
