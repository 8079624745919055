using System.Numerics;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>The methods of <c>range</c> and <c>slice</c>.</summary>
internal static class RangeMethods
{
    public static MethodTable Table { get; } = new MethodTable("range")
        .Add("index", "value, /", (_, self, arguments) =>
        {
            var range = (PyRange)self;
            return Numbers.IsInt(arguments[0]!) && range.Contains(Numbers.ToInt(arguments[0]!))
                ? (Numbers.ToInt(arguments[0]!) - range.Start) / range.Step
                : throw PythonError.Value($"{PythonRepr.Repr(arguments[0]!)} is not in range");
        })
        .Add("count", "value, /", (_, self, arguments) =>
            Numbers.IsInt(arguments[0]!) && ((PyRange)self).Contains(Numbers.ToInt(arguments[0]!)) ? BigInteger.One : BigInteger.Zero);

    public static MethodTable SliceTable { get; } = new MethodTable("slice")
        .Add("indices", "length, /", (run, self, arguments) =>
        {
            (int start, _, int step) = Subscripts.Resolve((PySlice)self, Numbers.ToIndex(arguments[0]!));
            var range = (PyRange)Subscripts.Get(run, new PyRange(0, Numbers.ToIndex(arguments[0]!), 1), self);
            return PyTuple.Of((BigInteger)start, range.Stop, (BigInteger)step);
        });
}
