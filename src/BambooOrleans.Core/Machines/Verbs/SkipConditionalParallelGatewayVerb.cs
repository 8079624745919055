using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>
/// <c>skip_conditional_parallel_gateway</c>: a failed conditional parallel gateway counts as finished, and the token forks along
/// some flows, at least one, which meet at the gateway's own converge gateway.
/// </summary>
internal static class SkipConditionalParallelGatewayVerb
{
    public static void Apply(NodeMachine machine, SkipConditionalParallelGateway input, Turn turn) => machine.Decide(
        input.Call,
        () => Check(machine, input),
        () => Skipping.To(
            [.. input.FlowIds.Select(flow => machine.Definition.Targets[flow]).Distinct(StringComparer.Ordinal)], machine, turn),
        turn);

    private static BambooException? Check(NodeMachine machine, SkipConditionalParallelGateway input)
    {
        NodeDefinition node = machine.Definition;
        if (node.Kind != NodeKind.ConditionalParallelGateway)
        {
            return new InvalidOperationVerbException(
                "skip.wrong-type", $"{node.Id} is not conditional parallel gateway, actual: {node.Kind}");
        }

        if (FailedNode.Check(machine) is { } refusal)
        {
            return refusal;
        }

        if (input.FlowIds.FirstOrDefault(flow => !node.Targets.ContainsKey(flow)) is { } unknown)
        {
            return Skipping.NoSuchFlow(machine, unknown);
        }

        if (input.FlowIds.Count == 0)
        {
            return new InvalidArgumentException($"{node.Id} needs at least one flow to go on along");
        }

        return input.ConvergeGatewayId == node.ConvergeGatewayId
            ? null
            : new InvalidOperationVerbException(
                "skip.wrong-converge-gateway",
                $"the branches of {node.Id} meet at {node.ConvergeGatewayId}, not at {input.ConvergeGatewayId}");
    }
}
