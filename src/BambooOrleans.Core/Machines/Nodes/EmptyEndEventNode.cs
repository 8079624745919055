using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Core.Machines.Nodes;

/// <summary>An end event: works out the outputs of the pipeline that it ends.</summary>
internal sealed class EmptyEndEventNode : HydratingNode
{
    public static EmptyEndEventNode Instance { get; } = new();

    protected override void Proceed(NodeMachine machine, Enter input, IReadOnlyDictionary<string, Value> values, Turn turn) =>
        machine.FinishTo([], turn, OutputsOf(machine, input, values));

    // The node's data stays without a text (observed); the cause is kept beside it.
    protected override void Fail(NodeMachine machine, Enter input, string cause, Turn turn) => machine.End(
        new NodeFailed { Time = turn.Now, Report = new NodeReport { Outcome = NodeOutcome.Failed, Cause = cause } }, turn);

    // An output key that the context does not have maps to itself (observed).
    private static MapValue OutputsOf(NodeMachine machine, Enter input, IReadOnlyDictionary<string, Value> values) =>
        Value.Map(machine.Definition.PipelineOutputs.Select(key =>
            (key, input.Slice.ContainsKey(key) ? values[ContextEntry.Bare(key)] : (Value)key)));
}
