using System.Numerics;
using System.Runtime.CompilerServices;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>Equality, order, identity and membership of Python objects.</summary>
internal static class Comparison
{
    // The ints of which CPython keeps one object each.
    private static readonly BigInteger SmallMin = -5;
    private static readonly BigInteger SmallMax = 256;

    /// <summary><c>==</c></summary>
    public static bool AreEqual(Run run, object left, object right)
    {
        if (left is string text)
        {
            run.Scan(text);
            return right is string other && string.Equals(text, other, StringComparison.Ordinal);
        }

        if (Numbers.IsNumber(left))
        {
            return Numbers.IsNumber(right) && Numbers.AreEqual(left, right);
        }

        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw PythonError.Recursion();
        }

        return (left, right) switch
        {
            (PyList a, PyList b) => ItemsEqual(run, a.Items, b.Items),
            (PyTuple a, PyTuple b) => ItemsEqual(run, a.Items, b.Items),
            (PyDict a, PyDict b) => DictsEqual(run, a, b),
            (PySet a, PySet b) => a.Count == b.Count && IsSubset(run, a, b),
            (PyDictView a, _) when a.Kind != DictViewKind.Values => SetLike(right) && ViewEquals(run, a, right),
            (_, PyDictView b) when b.Kind != DictViewKind.Values => SetLike(left) && ViewEquals(run, b, left),
            (PyBytes a, PyBytes b) => a.Data.AsSpan().SequenceEqual(b.Data),
            (PyRange a, PyRange b) => a.Length == b.Length
                && (a.Length.IsZero || (a.Start == b.Start && (a.Length.IsOne || a.Step == b.Step))),
            (PySlice a, PySlice b) => AreEqual(run, a.Start, b.Start) && AreEqual(run, a.Stop, b.Stop) && AreEqual(run, a.Step, b.Step),
            (PyObject a, _) => ReferenceEquals(left, right) || a.CompareTo(right) == 0,
            _ => ReferenceEquals(left, right),
        };
    }

    /// <summary>What containers ask of their items: the same object is found there even where it does not equal itself.</summary>
    public static bool AreSameOrEqual(Run run, object left, object right) => ReferenceEquals(left, right) || AreEqual(run, left, right);

    /// <summary><c>is</c></summary>
    public static bool AreSame(object left, object right) => (left, right) switch
    {
        (bool a, bool b) => a == b,
        (BigInteger a, BigInteger b) => ReferenceEquals(left, right) || (a == b && a >= SmallMin && a <= SmallMax),
        (string a, string b) => ReferenceEquals(a, b) || (a.Length <= 1 && a == b),
        (PyTuple { Items.Length: 0 }, PyTuple { Items.Length: 0 }) => true,
        _ => ReferenceEquals(left, right),
    };

    /// <summary><c>&lt;</c>, <c>&lt;=</c>, <c>&gt;</c> or <c>&gt;=</c>.</summary>
    public static bool Order(Run run, string op, object left, object right)
    {
        if (Numbers.IsNumber(left) && Numbers.IsNumber(right))
        {
            return Numbers.Compare(left, right) is { } order && Holds(op, order);
        }

        switch (left, right)
        {
            case (string a, string b):
                run.Step(1 + (Math.Min(a.Length, b.Length) >> 6));
                return Holds(op, CodePoints.Compare(a, b));
            case (PyList a, PyList b):
                return OrderItems(run, op, a.Items, b.Items);
            case (PyTuple a, PyTuple b):
                return OrderItems(run, op, a.Items, b.Items);
            case (PyBytes a, PyBytes b):
                return Holds(op, a.Data.AsSpan().SequenceCompareTo(b.Data));
            case (PySet or PyDictView { Kind: not DictViewKind.Values }, PySet or PyDictView { Kind: not DictViewKind.Values }):
                return OrderSets(run, op, Sets.ToSet(run, left), Sets.ToSet(run, right));
            case (PyObject a, _) when a.CompareTo(right) is { } order:
                return Holds(op, order);
            default:
                throw PythonError.Type($"'{op}' not supported between instances of '{TypeNames.Of(left)}' and '{TypeNames.Of(right)}'");
        }
    }

    /// <summary><c>in</c></summary>
    public static bool Contains(Run run, object container, object item)
    {
        switch (container)
        {
            case string text:
                run.Step(1 + (text.Length >> 6));
                return item is string part
                    ? text.Contains(part, StringComparison.Ordinal)
                    : throw PythonError.Type($"'in <string>' requires string as left operand, not {TypeNames.Of(item)}");
            case PyDict dict:
                return dict.ContainsKey(run, item);
            case PyDictView { Kind: DictViewKind.Keys } view:
                return view.Dict.ContainsKey(run, item);
            case PySet set:
                return set.Contains(run, item);
            case PyRange range when item is BigInteger or bool:
                return range.Contains(Numbers.ToInt(item));
            case PyBytes bytes:
                return item switch
                {
                    PyBytes inner => bytes.Data.AsSpan().IndexOf(inner.Data) >= 0,
                    BigInteger number when number >= 0 && number < 256 => bytes.Data.Contains((byte)number),
                    BigInteger => throw PythonError.Value("byte must be in range(0, 256)"),
                    _ => throw PythonError.Type($"a bytes-like object is required, not '{TypeNames.Of(item)}'"),
                };
            case PyUndefined:
                throw PythonError.Type("argument of type 'Undefined' is not iterable");
            default:
                if (!Iteration.IsIterable(container))
                {
                    throw PythonError.Type($"argument of type '{TypeNames.Of(container)}' is not iterable");
                }

                foreach (object entry in Iteration.Over(run, container))
                {
                    if (AreSameOrEqual(run, entry, item))
                    {
                        return true;
                    }
                }

                return false;
        }
    }

    private static bool Holds(string op, int order) => op switch
    {
        "<" => order < 0,
        "<=" => order <= 0,
        ">" => order > 0,
        _ => order >= 0,
    };

    // As in Python, the first items that differ decide, and only they need an order.
    private static bool OrderItems(Run run, string op, IReadOnlyList<object> left, IReadOnlyList<object> right)
    {
        run.Enter();
        try
        {
            int shared = Math.Min(left.Count, right.Count);
            for (int i = 0; i < shared; i++)
            {
                run.Step();
                if (!AreSameOrEqual(run, left[i], right[i]))
                {
                    return Order(run, op, left[i], right[i]);
                }
            }

            return Holds(op, left.Count.CompareTo(right.Count));
        }
        finally
        {
            run.Leave();
        }
    }

    private static bool OrderSets(Run run, string op, PySet left, PySet right) => op switch
    {
        "<" => left.Count < right.Count && IsSubset(run, left, right),
        "<=" => left.Count <= right.Count && IsSubset(run, left, right),
        ">" => right.Count < left.Count && IsSubset(run, right, left),
        _ => right.Count <= left.Count && IsSubset(run, right, left),
    };

    private static bool ItemsEqual(Run run, IReadOnlyList<object> left, IReadOnlyList<object> right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        for (int i = 0; i < left.Count; i++)
        {
            run.Step();
            if (!AreSameOrEqual(run, left[i], right[i]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool DictsEqual(Run run, PyDict left, PyDict right)
    {
        if (left.Count != right.Count)
        {
            return false;
        }

        foreach ((object key, object value) in left.Pairs())
        {
            run.Step();
            if (!right.TryGet(run, key, out object? other) || !AreSameOrEqual(run, value, other))
            {
                return false;
            }
        }

        return true;
    }

    private static bool SetLike(object item) => item is PySet or PyDictView { Kind: not DictViewKind.Values };

    private static bool ViewEquals(Run run, PyDictView view, object other)
    {
        PySet left = Sets.ToSet(run, view);
        PySet right = Sets.ToSet(run, other);
        return left.Count == right.Count && IsSubset(run, left, right);
    }

    private static bool IsSubset(Run run, PySet small, PySet large)
    {
        return small.Items().All(item => large.Contains(run, item));
    }
}
