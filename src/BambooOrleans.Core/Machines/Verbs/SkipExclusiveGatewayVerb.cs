using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary><c>skip_exclusive_gateway</c>: a failed exclusive gateway counts as finished, and the token goes on along one flow.</summary>
internal static class SkipExclusiveGatewayVerb
{
    public static void Apply(NodeMachine machine, SkipExclusiveGateway input, Turn turn) => machine.Decide(
        input.Call,
        () => Check(machine, input),
        () => Skipping.To([machine.Definition.Targets[input.FlowId]], machine, turn),
        turn);

    private static BambooException? Check(NodeMachine machine, SkipExclusiveGateway input)
    {
        NodeDefinition node = machine.Definition;
        return node.Kind != NodeKind.ExclusiveGateway
            ? new InvalidOperationVerbException("skip.wrong-type", $"{node.Id} is not exclusive gateway, actual: {node.Kind}")
            : !node.Targets.ContainsKey(input.FlowId) ? Skipping.NoSuchFlow(machine, input.FlowId)
            : FailedNode.Check(machine);
    }
}
