using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary><c>skip_exclusive_gateway</c>: a failed exclusive gateway counts as finished, and the token goes on along one flow.</summary>
internal static class SkipExclusiveGatewayVerb
{
    public static void Apply(NodeMachine machine, SkipExclusiveGateway input, Turn turn)
    {
        NodeDefinition node = machine.Definition;
        BambooException? refusal = node.Kind != NodeKind.ExclusiveGateway
            ? new InvalidOperationVerbException("skip.wrong-type", $"{node.Id} is not exclusive gateway, actual: {node.Kind}")
            : !node.Targets.ContainsKey(input.FlowId) ? Skipping.NoSuchFlow(machine, input.FlowId)
            : FailedNode.Check(machine);
        if (refusal is null)
        {
            Skipping.To([node.Targets[input.FlowId]], machine, turn);
        }

        turn.Effects.Add(new Reply(input.Request, refusal));
    }
}
