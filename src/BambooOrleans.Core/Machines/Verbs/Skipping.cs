using BambooOrleans.Core.Machines.Events;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>What the skip verbs do in common once every check has passed.</summary>
internal static class Skipping
{
    public static void To(IReadOnlyList<string> next, NodeMachine machine, Turn turn)
    {
        machine.AddHistory(turn);
        machine.Raise(new NodeSkipped { Time = turn.Now, Version = turn.NewVersion(), Next = next }, turn);
        machine.SendReport(turn);
    }

    /// <summary>The refusal where a gateway has no such flow.</summary>
    public static InvalidArgumentException NoSuchFlow(NodeMachine machine, string flowId) =>
        new($"{machine.Definition.Id} has no outgoing flow {flowId}");
}
