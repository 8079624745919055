using System.Numerics;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>The methods of <c>list</c>.</summary>
internal static class ListMethods
{
    public static MethodTable Table { get; } = new MethodTable("list")
        .AddChange("append", "object, /", (run, self, arguments) =>
        {
            run.Take(8);
            ((PyList)self).Items.Add(arguments[0]!);
            return PyNone.Instance;
        })
        .AddChange("extend", "iterable, /", (run, self, arguments) =>
        {
            ((PyList)self).Items.AddRange(Iteration.ToList(run, arguments[0]!));
            return PyNone.Instance;
        })
        .AddChange("insert", "index, object, /", (run, self, arguments) =>
        {
            List<object> items = ((PyList)self).Items;
            run.Take(8);
            run.Step(1 + (items.Count >> 6));
            BigInteger at = Numbers.ToInt(arguments[0]!);
            at = at.Sign < 0 ? BigInteger.Max(at + items.Count, 0) : BigInteger.Min(at, items.Count);
            items.Insert((int)at, arguments[1]!);
            return PyNone.Instance;
        })
        .AddChange("pop", "index?, /", (run, self, arguments) =>
        {
            List<object> items = ((PyList)self).Items;
            BigInteger at = arguments[0] is null ? BigInteger.MinusOne : Numbers.ToInt(arguments[0]!);
            if (items.Count == 0)
            {
                throw PythonError.Index("pop from empty list");
            }

            at = at.Sign < 0 ? at + items.Count : at;
            if (at.Sign < 0 || at >= items.Count)
            {
                throw PythonError.Index("pop index out of range");
            }

            run.Step(1 + (items.Count >> 6));
            object item = items[(int)at];
            items.RemoveAt((int)at);
            return item;
        })
        .AddChange("remove", "value, /", (run, self, arguments) =>
        {
            List<object> items = ((PyList)self).Items;
            int at = IndexOf(run, items, arguments[0]!, 0, items.Count);
            if (at < 0)
            {
                throw PythonError.Value("list.remove(x): x not in list");
            }

            items.RemoveAt(at);
            return PyNone.Instance;
        })
        .AddChange("clear", string.Empty, (_, self, _) =>
        {
            ((PyList)self).Items.Clear();
            return PyNone.Instance;
        })
        .AddChange("reverse", string.Empty, (run, self, _) =>
        {
            run.Step(((PyList)self).Items.Count >> 6);
            ((PyList)self).Items.Reverse();
            return PyNone.Instance;
        })
        .AddChange("sort", "*, key?, reverse?", (run, self, arguments) =>
        {
            List<object> items = ((PyList)self).Items;
            List<object> sorted = Sorting.Sort(run, [.. items], arguments[0], arguments[1]);
            items.Clear();
            items.AddRange(sorted);
            return PyNone.Instance;
        })
        .Add("copy", string.Empty, (run, self, _) =>
        {
            run.Take(8L * ((PyList)self).Items.Count);
            return new PyList([.. ((PyList)self).Items]);
        })
        .Add("index", "value, start?, stop?, /", (run, self, arguments) => Index(run, ((PyList)self).Items, arguments, "list"))
        .Add("count", "value, /", (run, self, arguments) => Count(run, ((PyList)self).Items, arguments[0]!));

    public static object Index(Run run, IReadOnlyList<object> items, object?[] arguments, string type)
    {
        (int start, _, _) = Subscripts.Resolve(new PySlice(arguments[1] ?? PyNone.Instance, PyNone.Instance, PyNone.Instance), items.Count);
        (_, int stop, _) = Subscripts.Resolve(new PySlice(PyNone.Instance, arguments[2] ?? PyNone.Instance, PyNone.Instance), items.Count);
        int at = IndexOf(run, items, arguments[0]!, start, stop);
        return at >= 0
            ? (BigInteger)at
            : throw PythonError.Value(type == "list" ? $"{PythonRepr.Repr(run, arguments[0]!)} is not in list" : "tuple.index(x): x not in tuple");
    }

    public static object Count(Run run, IReadOnlyList<object> items, object sought)
    {
        run.Step(items.Count);
        return (BigInteger)items.Count(item => Comparison.AreSameOrEqual(run, item, sought));
    }

    private static int IndexOf(Run run, IReadOnlyList<object> items, object sought, int start, int stop)
    {
        for (int i = start; i < stop; i++)
        {
            run.Step();
            if (Comparison.AreSameOrEqual(run, items[i], sought))
            {
                return i;
            }
        }

        return -1;
    }
}
