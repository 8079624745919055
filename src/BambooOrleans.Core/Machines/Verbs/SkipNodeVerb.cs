using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Verbs;

/// <summary>
/// <c>skip_node</c>: a failed activity or start event counts as finished, and the token goes on. Its outputs are not extracted
/// again: where it failed, and so what they hold, is not known (observed).
/// </summary>
internal static class SkipNodeVerb
{
    public static void Apply(NodeMachine machine, SkipNode input, Turn turn) => machine.Decide(
        input.Call,
        () => CheckAllowed(machine.Definition, input.IsLoopSkip) ?? FailedNode.Check(machine),
        () =>
        {
            NodeDefinition node = machine.Definition;
            bool goesRound = input.IsLoopSkip && node.ContinuesLoop(machine.Running.InnerLoop);
            Skipping.To([goesRound ? node.Id : node.FirstTarget], machine, turn);
            machine.RunHooks(VerbHook.Skip, turn);
        },
        turn);

    private static InvalidOperationVerbException? CheckAllowed(NodeDefinition node, bool isLoopSkip) => isLoopSkip switch
    {
        true when node.Loop is not { Skippable: true, LoopTimes: > 0 } =>
            new("skip.not-loop-skippable", $"node({node.Id}) can not loop skip"),
        false when !node.CanSkip => new("skip.not-skippable", $"can not skip {node.Id}"),
        _ when node.Kind is not (NodeKind.ServiceActivity or NodeKind.EmptyStartEvent) =>
            new("skip.wrong-type", $"can not use skip_node api for {node.Id}, a {node.Kind}"),
        _ => null,
    };
}
