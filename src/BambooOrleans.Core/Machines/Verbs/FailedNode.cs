namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>What the verbs that act on a failed node check in common.</summary>
internal static class FailedNode
{
    /// <summary>The refusal where the node has no state or is not FAILED; null where it is.</summary>
    public static BambooException? Check(NodeMachine machine) => machine.State switch
    {
        null => NoState(machine),
        { State: NodeStateName.Failed } => null,
        { } state => new InvalidOperationVerbException(
            "verb.not-failed", $"{machine.Definition.Id} state is not FAILED, actual {state.State.ToApiName()}"),
    };

    public static NotFoundException NoState(NodeMachine machine) => new($"{machine.Definition.Id} has no state: it has not been reached");
}
