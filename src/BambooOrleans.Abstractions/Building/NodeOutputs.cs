using BambooOrleans.Pipelines;

namespace BambooOrleans.Building;

/// <summary>A variable that an output of one node fills.</summary>
/// <param name="source">The node.</param>
/// <param name="key">The name of its output.</param>
public sealed class NodeOutput(Element source, string key) : Var(TreeVariableType.Plain, Value.Null)
{
    private protected override void AddMembers(MapValue.Builder members, Func<string, string> newId)
    {
        members["source_act"] = source.IdFrom(newId);
        members["source_key"] = key;
    }
}

/// <summary>A variable that outputs of several nodes fill; each that comes takes the place of the one before.</summary>
/// <param name="sources">The nodes and the names of their outputs.</param>
public sealed class RewritableNodeOutput(params (Element Node, string Key)[] sources) : Var(TreeVariableType.Plain, Value.Null)
{
    internal static ListValue SourcesToValue((Element Node, string Key)[] sources, Func<string, string> newId) =>
        Value.List(sources.Select(source =>
            Value.Map(("source_act", source.Node.IdFrom(newId)), ("source_key", source.Key))));

    private protected override void AddMembers(MapValue.Builder members, Func<string, string> newId) =>
        members["source_act"] = SourcesToValue(sources, newId);
}

/// <summary>A variable that has a value of its own until outputs of nodes fill it.</summary>
/// <param name="value">The value before.</param>
/// <param name="sources">The nodes and the names of their outputs.</param>
public sealed class InitializedRewritableNodeOutput(Value value, params (Element Node, string Key)[] sources)
    : Var(TreeVariableType.Plain, value)
{
    private protected override void AddMembers(MapValue.Builder members, Func<string, string> newId)
    {
        members["source_act"] = RewritableNodeOutput.SourcesToValue(sources, newId);
        members["need_initialization"] = true;
    }
}
