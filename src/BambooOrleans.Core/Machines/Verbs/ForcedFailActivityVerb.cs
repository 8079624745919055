using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>
/// <c>forced_fail_activity</c>: a running activity is FAILED under a new version, whatever its component does; what that still
/// comes to is ignored. Nothing is extracted, and no error is passed over (observed).
/// </summary>
internal static class ForcedFailActivityVerb
{
    public static void Apply(NodeMachine machine, ForceFail input, Turn turn) => machine.Decide(
        input.Call,
        () => Check(machine),
        () =>
        {
            string version = machine.Running.Version;
            bool runsCode = machine.Running.Phase is NodePhase.Hydrating or NodePhase.Executing or NodePhase.Polling;
            machine.Raise(
                new NodeForcedToFail { Time = turn.Now, Version = turn.NewVersion(), ExData = input.ExData }, turn);
            machine.SendReport(turn);
            if (runsCode)
            {
                turn.Effects.Add(new CancelUserCode(machine.Definition.Id, version));
            }

            machine.RunHooks(VerbHook.ForcedFail, turn);
        },
        turn);

    private static BambooException? Check(NodeMachine machine) => machine switch
    {
        { Definition: { Kind: not NodeKind.ServiceActivity } node } => new InvalidOperationVerbException(
            "verb.not-an-activity", $"{node.Id} is not activity, actual: {node.Kind}"),
        { State: null } => FailedNode.NoState(machine),
        { State: { State: not NodeStateName.Running } state } => new InvalidOperationVerbException(
            "verb.not-running", $"{machine.Definition.Id} state is not RUNNING, actual: {state.State.ToApiName()}"),
        _ => null,
    };
}
