using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>
/// <c>resume_pipeline</c>: a paused root pipeline or sub-process goes RUNNING, and each token that it held comes to its node;
/// another pause further in may hold it again there.
/// </summary>
internal static class ResumePipelineVerb
{
    public static void Apply(PipelineMachine machine, ResumePipeline input, Turn turn)
    {
        BambooException? refusal = !machine.State.Scopes.TryGetValue(input.ScopeId, out ScopeState? scope)
            ? ScopeTarget.NotStarted(input.ScopeId)
            : scope.State != NodeStateName.Suspended
                ? new InvalidOperationVerbException(
                    "verb.not-suspended", $"pipeline({input.ScopeId}) state is: {scope.State.ToApiName()}")
                : null;
        if (refusal is null)
        {
            machine.Raise(new ScopeResumed { ScopeId = input.ScopeId }, turn);
            foreach (Token token in machine.State.Tokens.Values.Where(token => token.HeldBy == input.ScopeId).ToList())
            {
                machine.Reenter(token, token.Attempt, turn);
            }
        }

        turn.Effects.Add(new Reply(input.Request, refusal));
    }
}
