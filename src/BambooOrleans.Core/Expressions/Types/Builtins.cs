using System.Collections.Frozen;
using System.Numerics;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>The functions and types that every expression knows.</summary>
internal static class Builtins
{
    private static readonly Dictionary<string, object> All = Build();

    /// <summary>The names that the list of allowed names has by itself.</summary>
    public static FrozenSet<string> Allowed { get; } = new[]
    {
        "True", "False", "None", "bool", "int", "float", "str", "list", "tuple", "dict", "set", "abs", "round", "pow", "sum",
        "min", "max", "len", "range", "slice", "enumerate", "zip", "sorted", "reversed", "all", "any",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Names of Python's own that are hidden behind None, whatever is allowed.</summary>
    public static FrozenSet<string> Shielded { get; } = new[]
    {
        "ascii", "breakpoint", "bytearray", "bytes", "callable", "chr", "classmethod", "compile", "delattr", "dir", "divmod",
        "exec", "eval", "filter", "format", "frozenset", "getattr", "globals", "hasattr", "hash", "help", "id", "input",
        "isinstance", "issubclass", "iter", "locals", "map", "memoryview", "next", "object", "open", "print", "property",
        "repr", "setattr", "staticmethod", "super", "type", "vars", "__import__",
    }.ToFrozenSet(StringComparer.Ordinal);

    public static object? Find(string name) => All.GetValueOrDefault(name);

    /// <summary>A function that takes what its signature says.</summary>
    public static PyFunction Function(string name, string parameters, Func<Run, object?[], object> body)
    {
        var signature = new Signature(name, parameters);
        return new PyFunction(name, $"<built-in function {name}>", (run, arguments) => body(run, signature.Bind(arguments)));
    }

    private static Dictionary<string, object> Build()
    {
        var all = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (PyType type in BuiltinTypes.All)
        {
            all.Add(type.Name, type);
        }

        void Add(string name, string parameters, Func<Run, object?[], object> body) => all.Add(name, Function(name, parameters, body));
        Add("len", "obj, /", (run, arguments) => Length(run, arguments[0]!));
        Add("abs", "x, /", (_, arguments) => Absolute(arguments[0]!));
        Add("round", "number, ndigits?", (run, arguments) => Round(run, arguments[0]!, arguments[1]));
        Add("pow", "base, exp, mod?", Power);
        Add("sum", "iterable, /, start?", Sum);
        Add("all", "iterable, /", (run, arguments) => Iteration.Over(run, arguments[0]!).All(Truth.Of));
        Add("any", "iterable, /", (run, arguments) => Iteration.Over(run, arguments[0]!).Any(Truth.Of));
        Add("sorted", "iterable, /, *, key?, reverse?", (run, arguments) =>
            new PyList(Sorting.Sort(run, Iteration.ToList(run, arguments[0]!), arguments[1], arguments[2])));
        Add("ord", "c, /", (_, arguments) => Ordinal(arguments[0]!));
        Add("hex", "number, /", (run, arguments) => InBase(run, arguments[0]!, 16, "0x"));
        Add("oct", "number, /", (run, arguments) => InBase(run, arguments[0]!, 8, "0o"));
        Add("bin", "number, /", (run, arguments) => InBase(run, arguments[0]!, 2, "0b"));
        all.Add("min", new PyFunction("min", "<built-in function min>", (run, arguments) => Extreme(run, arguments, "min", "<")));
        all.Add("max", new PyFunction("max", "<built-in function max>", (run, arguments) => Extreme(run, arguments, "max", ">")));
        all.Add("print", new PyFunction("print", "<built-in function print>", (_, _) => PyNone.Instance));
        all.Add("Ellipsis", PyEllipsis.Instance);
        return all;
    }

    private static object Length(Run run, object item)
    {
        if (item is string text)
        {
            run.Scan(text);
            return (BigInteger)CodePoints.Length(text);
        }

        return item switch
        {
            PyList list => (BigInteger)list.Items.Count,
            PyTuple tuple => (BigInteger)tuple.Items.Length,
            PyDict dict => (BigInteger)dict.Count,
            PyDictView view => (BigInteger)view.Dict.Count,
            PySet set => (BigInteger)set.Count,
            PyBytes bytes => (BigInteger)bytes.Data.Length,
            PyRange range => range.Length,
            _ => throw PythonError.Type($"object of type '{TypeNames.Of(item)}' has no len()"),
        };
    }

    private static object Absolute(object item) => item switch
    {
        double number => Math.Abs(number),
        BigInteger or bool => BigInteger.Abs(Numbers.ToInt(item)),
        PyObject other when other.Binary(Run.Detached(), "abs", other, other) is { } result => result,
        _ => throw PythonError.Type($"bad operand type for abs(): '{TypeNames.Of(item)}'"),
    };

    private static object Round(Run run, object number, object? digits)
    {
        switch (number)
        {
            case double real:
                return FloatMethods.Round(real, digits);
            case BigInteger or bool:
                BigInteger whole = Numbers.ToInt(number);
                if (digits is null or PyNone || Numbers.ToInt(digits).Sign >= 0)
                {
                    return whole;
                }

                BigInteger places = -Numbers.ToInt(digits);
                if (places > 100_000)
                {
                    return BigInteger.Zero;
                }

                var unit = (BigInteger)Numbers.Power(run, new BigInteger(10), places);
                (BigInteger quotient, BigInteger rest) = Numbers.DivMod(run, whole, unit);
                int half = (rest * 2).CompareTo(unit);
                return (half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient) * unit;
            default:
                throw PythonError.Type($"type {TypeNames.Of(number)} doesn't define __round__ method");
        }
    }

    private static object Power(Run run, object?[] arguments)
    {
        if (arguments[2] is null or PyNone)
        {
            return Arithmetic.Binary(run, "**", arguments[0]!, arguments[1]!);
        }

        return arguments.All(argument => Numbers.IsInt(argument!))
            ? Numbers.Power(run, Numbers.ToInt(arguments[0]!), Numbers.ToInt(arguments[1]!), Numbers.ToInt(arguments[2]!))
            : throw PythonError.Type("pow() 3rd argument not allowed unless all arguments are integers");
    }

    private static object Sum(Run run, object?[] arguments)
    {
        object total = arguments[1] ?? BigInteger.Zero;
        if (total is string or PyBytes)
        {
            throw PythonError.Type($"sum() can't sum {(total is string ? "strings [use ''.join(seq) instead]" : "bytes [use b''.join(seq) instead]")}");
        }

        foreach (object item in Iteration.Over(run, arguments[0]!))
        {
            total = Arithmetic.Binary(run, "+", total, item);
        }

        return total;
    }

    private static object Extreme(Run run, Arguments arguments, string name, string op)
    {
        object? key = null;
        object? otherwise = null;
        foreach ((string given, object value) in arguments.Named)
        {
            switch (given)
            {
                case "key":
                    key = value is PyNone ? null : value;
                    break;
                case "default":
                    otherwise = value;
                    break;
                default:
                    throw PythonError.Type($"{name}() got an unexpected keyword argument '{given}'");
            }
        }

        if (arguments.Positional.Length == 0)
        {
            throw PythonError.Type($"{name} expected at least 1 argument, got 0");
        }

        bool several = arguments.Positional.Length > 1;
        if (several && otherwise is not null)
        {
            throw PythonError.Type($"Cannot specify a default for {name}() with multiple positional arguments");
        }

        object? best = null;
        object bestKey = PyNone.Instance;
        foreach (object item in several ? arguments.Positional : Iteration.Over(run, arguments.Positional[0]))
        {
            object itemKey = key is null ? item : Calls.Invoke(run, key, item);
            if (best is null || Comparison.Order(run, op, itemKey, bestKey))
            {
                best = item;
                bestKey = itemKey;
            }
        }

        return best ?? otherwise ?? throw PythonError.Value($"{name}() arg is an empty sequence");
    }

    private static object Ordinal(object item)
    {
        switch (item)
        {
            case string text when CodePoints.Length(text) == 1:
                return (BigInteger)char.ConvertToUtf32(text, 0);
            case PyBytes { Data.Length: 1 } bytes:
                return (BigInteger)bytes.Data[0];
            default:
                throw PythonError.Type(item is string
                    ? "ord() expected a character"
                    : $"ord() expected string of length 1, but {TypeNames.Of(item)} found");
        }
    }

    private static string InBase(Run run, object item, int numberBase, string prefix)
    {
        BigInteger number = Numbers.ToInt(item);
        return run.Taken((number.Sign < 0 ? "-" : string.Empty) + prefix + IntText.InBase(BigInteger.Abs(number), numberBase));
    }
}
