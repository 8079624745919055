using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Nodes;

/// <summary>A start event: renders the keys that are to be rendered once, and goes on.</summary>
internal sealed class EmptyStartEventNode : HydratingNode
{
    public static EmptyStartEventNode Instance { get; } = new();

    protected override void Proceed(NodeMachine machine, Enter input, IReadOnlyDictionary<string, Value> values, Turn turn)
    {
        MapValue? rendered = null;
        if (machine.Definition.PreRenderKeys is { } keys)
        {
            // A key that the context does not have is passed over (observed).
            rendered = Value.Map(keys.Where(input.Slice.ContainsKey).Select(key => (key, values[ContextEntry.Bare(key)])));
        }

        machine.FinishTo([machine.Definition.FirstTarget], turn, rendered);
    }

    protected override void Fail(NodeMachine machine, Enter input, string cause, Turn turn) =>
        machine.FailWith($"context hydrate failed({cause}), check node log for details.", turn);
}
