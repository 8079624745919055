namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>Which state may follow which, where a verb sets one (observed; the table stands in docs/internals/machines.md).</summary>
internal static class Transitions
{
    /// <summary>The refusal of a step that the table does not have; null where it has it.</summary>
    public static IllegalTransitionException? Check(string id, NodeStateName from, NodeStateName to) => IsLegal(from, to)
        ? null
        : new($"can't not transit node({id}) state from {from.ToApiName()} to {to.ToApiName()}");

    private static bool IsLegal(NodeStateName from, NodeStateName to) => from switch
    {
        NodeStateName.Ready or NodeStateName.LoopReady => to is NodeStateName.Running or NodeStateName.Suspended,
        NodeStateName.Running => to is NodeStateName.Finished or NodeStateName.Failed or NodeStateName.Revoked or NodeStateName.Suspended,
        NodeStateName.Suspended => to is NodeStateName.Ready or NodeStateName.Running or NodeStateName.Revoked,
        NodeStateName.Finished => to is NodeStateName.Running or NodeStateName.Failed,
        NodeStateName.Failed => to is NodeStateName.Ready or NodeStateName.Finished or NodeStateName.LoopReady,
        NodeStateName.Revoked => false,
        _ => throw new ArgumentOutOfRangeException(nameof(from), from, null),
    };
}
