using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>
/// <c>retry_subprocess</c>, and <c>retry_node</c> of a sub-process: one whose params could not be rendered is entered again. One
/// that is RUNNING because a node in it failed is not retried: that node is (observed).
/// </summary>
internal static class RetrySubProcessVerb
{
    public static void Apply(PipelineMachine machine, RetrySubProcess input, Turn turn)
    {
        Token? token = machine.State.Tokens.Values.FirstOrDefault(
            token => token.Node == input.ScopeId && token.Phase == TokenPhase.Asleep);
        machine.Decide(
            input.Call,
            input.ScopeId,
            scope => scope.State == NodeStateName.Failed && token is not null
                ? null
                : new InvalidOperationVerbException(
                    "verb.not-failed", $"{input.ScopeId} state is not FAILED, actual {scope.State.ToApiName()}"),
            scope =>
            {
                if (input.Inputs is not null)
                {
                    machine.Raise(new RawInputsReplaced { NodeId = input.ScopeId, Inputs = input.Inputs.Inputs }, turn);
                }

                machine.Raise(PipelineMachine.HistoryOf(input.ScopeId, scope), turn);
                machine.Raise(new ScopeRetried { ScopeId = input.ScopeId, Version = turn.NewVersion() }, turn);
                machine.Reenter(token!, token!.Attempt + 1, turn);
            },
            turn);
    }
}
