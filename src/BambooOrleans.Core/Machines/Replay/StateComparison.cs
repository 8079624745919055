using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Core.Machines.Replay;

/// <summary>How the stored state of one machine compares with the one that its journal gives.</summary>
/// <param name="Machine">The node, or the root pipeline.</param>
/// <param name="Difference">The first difference; null where they are equal.</param>
public sealed record MachineComparison(string Machine, StateDifference? Difference);

/// <summary>Where a stored state and a replayed one differ.</summary>
/// <param name="Path">The place, such as <c>state.outputs.message</c> or <c>tokens.t</c>.</param>
/// <param name="Stored">What is stored there; null for nothing.</param>
/// <param name="Replayed">What the journal gives; null for nothing.</param>
public sealed record StateDifference(string Path, Value? Stored, Value? Replayed);

/// <summary>Compares stored states of machines with those that a <see cref="Replayer"/> made.</summary>
public static class StateComparison
{
    /// <summary>Compares every machine that has a state on either side: the root pipeline's first, then the nodes by id.</summary>
    /// <param name="replayed">What the journal gives.</param>
    /// <param name="pipeline">The stored state of the pipeline machine.</param>
    /// <param name="nodes">The stored states of nodes.</param>
    /// <param name="histories">The stored history entries; in order for each node and sub-process.</param>
    public static IReadOnlyList<MachineComparison> Compare(
        Replayer replayed,
        PipelineState pipeline,
        IReadOnlyDictionary<string, NodeState> nodes,
        IEnumerable<NodeHistory> histories)
    {
        ILookup<string, NodeHistory> storedHistories = histories.ToLookup(entry => entry.NodeId, StringComparer.Ordinal);
        ILookup<string, NodeHistory> replayedHistories = replayed.Histories.ToLookup(entry => entry.NodeId, StringComparer.Ordinal);
        PipelineDefinition definition = replayed.Definition;
        List<MachineComparison> comparisons =
        [
            new(definition.RootId, FirstDifference(
                ValueOf(definition, pipeline, storedHistories), ValueOf(definition, replayed.Pipeline, replayedHistories), "")),
        ];
        IEnumerable<string> ids = nodes.Keys
            .Concat(replayed.Nodes.Keys)
            .Concat(storedHistories.Concat(replayedHistories).Select(entries => entries.Key)
                .Where(id => !definition.Scopes.ContainsKey(id)))
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
        comparisons.AddRange(ids.Select(id => new MachineComparison(id, FirstDifference(
            ValueOf(nodes.GetValueOrDefault(id), storedHistories[id]),
            ValueOf(replayed.Nodes.GetValueOrDefault(id), replayedHistories[id]),
            ""))));
        return comparisons;
    }

    private static MapValue ValueOf(PipelineDefinition definition, PipelineState state, ILookup<string, NodeHistory> histories) => Value.Map(
        ("scopes", Value.Map(state.Scopes.Select(scope => (scope.Key, Of(MachineJson.Write(scope.Value)))))),
        ("tokens", Value.Map(state.Tokens.Select(token => (token.Key, Of(MachineJson.Write(token.Value)))))),
        ("contexts", Value.Map(definition.Scopes.Keys.Select(scopeId => (scopeId, (Value)Value.Map(
            state.ContextOf(scopeId).Values.Select(entry => (entry.Key, Of(MachineJson.Write(scopeId, entry))))))))),
        ("raw_inputs", Value.Map(state.RawInputs.Select(inputs => (inputs.Key, Of(MachineJson.Write(inputs.Value)))))),
        ("histories", Value.Map(definition.Scopes.Keys
            .Where(histories.Contains)
            .Select(scopeId => (scopeId, (Value)ValueOf(histories[scopeId]))))));

    private static MapValue ValueOf(NodeState? state, IEnumerable<NodeHistory> histories) => Value.Map(
        ("state", state is null ? Value.Null : Of(MachineJson.Write(state))), ("histories", ValueOf(histories)));

    private static ListValue ValueOf(IEnumerable<NodeHistory> histories) =>
        Value.List(histories.Select(entry => Of(MachineJson.Write(entry))));

    private static Value Of(byte[] json) => ValueJson.Parse(json);

    // As deep as values may be nested, which reading them limits.
    private static StateDifference? FirstDifference(Value? stored, Value? replayed, string path)
    {
        switch (stored, replayed)
        {
            case (MapValue left, MapValue right):
                foreach (string key in left.Keys.Concat(right.Keys.Where(key => !left.ContainsKey(key))))
                {
                    left.TryGetValue(key, out Value? before);
                    right.TryGetValue(key, out Value? after);
                    if (FirstDifference(before, after, Join(path, key)) is { } inside)
                    {
                        return inside;
                    }
                }

                return null;
            case (ListValue left, ListValue right):
                for (int index = 0; index < Math.Max(left.Count, right.Count); index++)
                {
                    if (FirstDifference(
                        index < left.Count ? left[index] : null,
                        index < right.Count ? right[index] : null,
                        $"{path}[{index}]") is { } inside)
                    {
                        return inside;
                    }
                }

                return null;
            default:
                return Equals(stored, replayed) && stored?.Kind == replayed?.Kind ? null : new StateDifference(path, stored, replayed);
        }
    }

    private static string Join(string path, string key) =>
        key.Length == 0 || key.AsSpan().ContainsAny(".[]") ? $"{path}[{((Value)key).ToJson()}]"
        : path.Length == 0 ? key
        : $"{path}.{key}";
}
