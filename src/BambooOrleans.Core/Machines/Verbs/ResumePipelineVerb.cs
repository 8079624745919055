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
    public static void Apply(PipelineMachine machine, ResumePipeline input, Turn turn) => machine.Decide(
        input.Call,
        input.ScopeId,
        scope => scope.State == NodeStateName.Suspended
            ? null
            : new InvalidOperationVerbException(
                "verb.not-suspended", $"pipeline({input.ScopeId}) state is: {scope.State.ToApiName()}"),
        _ =>
        {
            if (input.At is { } at && at > turn.Now)
            {
                machine.Raise(new ScopeResumeScheduled { ScopeId = input.ScopeId, At = at }, turn);
                turn.Effects.Add(new SetScopeTimer(input.ScopeId, at));
            }
            else
            {
                Resume(machine, input.ScopeId, turn);
            }
        },
        turn);

    /// <summary>The time of a resume that was appointed has come.</summary>
    public static void TimerFired(PipelineMachine machine, ScopeTimerFired input, Turn turn)
    {
        if (machine.State.Scopes.TryGetValue(input.ScopeId, out ScopeState? scope)
            && scope is { State: NodeStateName.Suspended, ResumeAt: { } at })
        {
            if (at > turn.Now)
            {
                turn.Effects.Add(new SetScopeTimer(input.ScopeId, at));
            }
            else
            {
                Resume(machine, input.ScopeId, turn);
            }
        }
    }

    /// <summary>Takes back a resume that was appointed for a time.</summary>
    public static void Cancel(PipelineMachine machine, CancelPipelineResume input, Turn turn) => machine.Decide(
        input.Call,
        input.ScopeId,
        scope => scope.ResumeAt is null ? ResumeNodeAppointVerb.NothingAppointed(input.ScopeId) : null,
        _ => machine.Raise(new ScopeResumeScheduled { ScopeId = input.ScopeId }, turn),
        turn);

    private static void Resume(PipelineMachine machine, string scopeId, Turn turn)
    {
        machine.Raise(new ScopeResumed { ScopeId = scopeId }, turn);
        foreach (Token token in machine.State.Tokens.Values.Where(token => token.HeldBy == scopeId).ToList())
        {
            machine.Reenter(token, token.Attempt, turn);
        }
    }
}
