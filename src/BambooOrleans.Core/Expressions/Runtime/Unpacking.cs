using BambooOrleans.Core.Expressions.Syntax;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>Binds what a loop hands out to its targets.</summary>
internal static class Unpacking
{
    public static void Bind(Run run, Node target, object value, Scope scope)
    {
        switch (target)
        {
            case BindNode bind:
                scope.Bind(bind.Name, value);
                break;
            case TupleNode tuple:
                if (!Iteration.IsIterable(value))
                {
                    throw PythonError.Type($"cannot unpack non-iterable {TypeNames.Of(value)} object");
                }

                BindAll(run, tuple.Items, Iteration.ToList(run, value), scope);
                break;
            default:
                throw PythonError.Unsupported("this target");
        }
    }

    private static void BindAll(Run run, IReadOnlyList<Node> targets, List<object> values, Scope scope)
    {
        int star = targets.ToList().FindIndex(target => target is StarredNode);
        if (star < 0 ? values.Count != targets.Count : values.Count < targets.Count - 1)
        {
            throw PythonError.Value(values.Count > targets.Count
                ? $"too many values to unpack (expected {targets.Count})"
                : $"not enough values to unpack (expected {targets.Count}, got {values.Count})");
        }

        int rest = values.Count - targets.Count + 1;
        for (int i = 0; i < targets.Count; i++)
        {
            if (targets[i] is StarredNode starred)
            {
                Bind(run, starred.Items, new PyList(values.GetRange(i, rest)), scope);
            }
            else
            {
                Bind(run, targets[i], values[star >= 0 && i > star ? i + rest - 1 : i], scope);
            }
        }
    }
}
