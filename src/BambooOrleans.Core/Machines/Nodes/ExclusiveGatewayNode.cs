using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Core.Machines.Nodes;

/// <summary>
/// An exclusive gateway: takes the one branch whose condition is met, or the default one where none is. By strategy, more
/// than one that is met is a failure, or the first is taken and no other is looked at.
/// </summary>
internal sealed class ExclusiveGatewayNode : ConditionGateway
{
    public static ExclusiveGatewayNode Instance { get; } = new();

    protected override bool StopsAtFirst(NodeMachine machine) =>
        (machine.Definition.Strategy ?? machine.Settings.ExclusiveGatewayStrategy) == ExclusiveGatewayStrategy.First;

    protected override (IReadOnlyList<string>? Next, string? Error) Choose(
        NodeMachine machine, IReadOnlyList<ConditionDefinition> met) => met.Count switch
        {
            0 => ([machine.Definition.DefaultTarget!], null),
            1 => ([met[0].Target], null),
            _ => (null, $"multiple conditions meet: [{string.Join(", ", met.Select(condition => $"'{condition.FlowId}'"))}]"),
        };

    protected override string ShownInError(ConditionDefinition condition, string rendered) => rendered;
}
