using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>
/// <c>retry_node</c>: a failed node goes READY under a new version, and its pipeline has the token come to it once more.
/// Inputs that are given replace all of the node's (observed), once every check has passed.
/// </summary>
internal static class RetryNodeVerb
{
    public static void Apply(NodeMachine machine, RetryNode input, Turn turn) => machine.Decide(
        input.Call,
        () => CheckAllowed(machine.Definition, input.IsLoopRetry) ?? FailedNode.Check(machine),
        () =>
        {
            machine.AddHistory(turn);
            var wakes = new WakeUp(input.Inputs?.Inputs, input.IsLoopRetry ? RetryKind.Round : RetryKind.Whole, machine.Running.Report);
            machine.Raise(
                new NodeRetried { Time = turn.Now, Version = turn.NewVersion(), Wakes = wakes, TraceParent = input.Call.TraceParent }, turn);
            machine.SendReady(wakes, turn);
            machine.RunHooks(VerbHook.Retry, turn);
        },
        turn);

    private static InvalidOperationVerbException? CheckAllowed(NodeDefinition node, bool isLoopRetry) => isLoopRetry switch
    {
        true when node.Loop is not { Retryable: true, LoopTimes: > 0 } =>
            new("retry.not-loop-retryable", $"node({node.Id}) is not loop retryable"),
        false when !node.CanRetry => new("retry.not-retryable", $"can not retry node({node.Id}) with can_retry(False)"),
        _ => null,
    };
}
