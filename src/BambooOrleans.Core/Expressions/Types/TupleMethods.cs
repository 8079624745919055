using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>The methods of <c>tuple</c>.</summary>
internal static class TupleMethods
{
    public static MethodTable Table { get; } = new MethodTable("tuple")
        .Add("index", "value, start?, stop?, /", (run, self, arguments) => ListMethods.Index(run, ((PyTuple)self).Items, arguments, "tuple"))
        .Add("count", "value, /", (run, self, arguments) => ListMethods.Count(run, ((PyTuple)self).Items, arguments[0]!));
}
