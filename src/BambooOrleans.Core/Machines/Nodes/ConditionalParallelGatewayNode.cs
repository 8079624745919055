using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Core.Machines.Nodes;

/// <summary>A conditional parallel gateway: takes, at once, every branch whose condition is met, or the default one where none is.</summary>
internal sealed class ConditionalParallelGatewayNode : ConditionGateway
{
    public static ConditionalParallelGatewayNode Instance { get; } = new();

    protected override bool StopsAtFirst(NodeMachine machine) => false;

    protected override (IReadOnlyList<string>? Next, string? Error) Choose(
        NodeMachine machine, IReadOnlyList<ConditionDefinition> met) => met.Count == 0
        ? ([machine.Definition.DefaultTarget!], null)
        : ([.. met.Select(condition => condition.Target).Distinct(StringComparer.Ordinal)], null);

    protected override string ShownInError(ConditionDefinition condition, string rendered) => condition.Evaluate;
}
