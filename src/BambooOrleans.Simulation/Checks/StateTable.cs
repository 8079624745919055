namespace BambooOrleans.Simulation.Checks;

/// <summary>Which state may follow which. Written down a second time on purpose: the checker does not ask what it checks.</summary>
internal static class StateTable
{
    public static bool IsLegal(NodeStateName from, NodeStateName to) => from switch
    {
        NodeStateName.Ready or NodeStateName.LoopReady => to is NodeStateName.Running or NodeStateName.Suspended,
        NodeStateName.Running => to is NodeStateName.Finished or NodeStateName.Failed or NodeStateName.Revoked or NodeStateName.Suspended,
        NodeStateName.Suspended => to is NodeStateName.Ready or NodeStateName.Running or NodeStateName.Revoked,
        NodeStateName.Finished => to is NodeStateName.Running or NodeStateName.Failed,
        NodeStateName.Failed => to is NodeStateName.Ready or NodeStateName.Finished or NodeStateName.LoopReady,
        _ => false,
    };
}
