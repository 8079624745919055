using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>
/// <c>pause_node_appoint</c>: a node goes SUSPENDED. Before it is reached, the token will be held there; while it runs, what its
/// component comes to is kept until it goes on.
/// </summary>
internal static class PauseNodeAppointVerb
{
    public static void Apply(NodeMachine machine, PauseNode input, Turn turn) => machine.Decide(
        input.Call,
        () => machine.State is { } state
            ? Transitions.Check(machine.Definition.Id, state.State, NodeStateName.Suspended)
            : null,
        () =>
        {
            machine.Raise(new NodePaused { Time = turn.Now, Version = machine.State is null ? turn.NewVersion() : null }, turn);
            machine.RunHooks(VerbHook.Pause, turn);
        },
        turn);
}
