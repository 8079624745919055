using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Nodes;

/// <summary>A kind of node that needs its slice of the context as plain values, at once or after user code has computed some.</summary>
internal abstract class HydratingNode : NodeBehavior
{
    public sealed override void Enter(NodeMachine machine, Enter input, Turn turn)
    {
        IReadOnlyDictionary<string, Value>? values;
        try
        {
            values = machine.HydrateOrAsk(input, SliceOf(machine, input), turn);
        }
        catch (HydrationException failure)
        {
            Fail(machine, input, failure.Message, turn);
            return;
        }

        if (values is not null)
        {
            Go(machine, input, values, turn);
        }
    }

    public sealed override void Hydrated(NodeMachine machine, Enter input, Hydrated answer, Turn turn)
    {
        if (answer.Values is null)
        {
            Fail(machine, input, answer.Error ?? "", turn);
        }
        else
        {
            Go(machine, input, answer.Values, turn);
        }
    }

    /// <summary>The slice with what the node itself adds to it.</summary>
    protected virtual IReadOnlyDictionary<string, ContextEntry> SliceOf(NodeMachine machine, Enter input) => input.Slice;

    /// <summary>The slice is hydrated: go on. An error of the expression language, a used-up budget too, fails the node like a failed hydration.</summary>
    protected abstract void Proceed(NodeMachine machine, Enter input, IReadOnlyDictionary<string, Value> values, Turn turn);

    /// <summary>The slice could not be hydrated.</summary>
    protected abstract void Fail(NodeMachine machine, Enter input, string cause, Turn turn);

    private void Go(NodeMachine machine, Enter input, IReadOnlyDictionary<string, Value> values, Turn turn)
    {
        try
        {
            Proceed(machine, input, values, turn);
        }
        catch (BambooException failure)
        {
            Fail(machine, input, failure.Message, turn);
        }
    }
}
