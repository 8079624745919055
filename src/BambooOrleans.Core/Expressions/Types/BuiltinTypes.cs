using System.Numerics;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>The types that can be called by name.</summary>
internal static class BuiltinTypes
{
    public static IReadOnlyList<PyType> All { get; } = Build();

    private static List<PyType> Build()
    {
        PyType str = Make("str", "object?, encoding?, errors?", Str);
        str.Members.Add("maketrans", Static("maketrans", "x, y?, z?, /", TextTranslation.MakeTable));
        PyType number = Make("int", "x?, /, base?", Int);
        number.Members.Add("from_bytes", Static("from_bytes", "bytes, byteorder?, *, signed?", IntMethods.FromBytes));
        PyType dict = new("dict", (run, arguments) =>
        {
            var made = new PyDict();
            DictMethods.Update(run, made, arguments, "dict");
            return made;
        });
        dict.Members.Add("fromkeys", Static("fromkeys", "iterable, value?, /", (run, arguments) =>
        {
            var made = new PyDict();
            foreach (object key in Iteration.Over(run, arguments[0]!))
            {
                made.Set(run, key, arguments[1] ?? PyNone.Instance);
            }

            return made;
        }));
        return
        [
            str,
            number,
            dict,
            Make("bool", "x?, /", (_, arguments) => arguments[0] is not null && Truth.Of(arguments[0]!)),
            Make("float", "x?, /", Float),
            Make("list", "iterable?, /", (run, arguments) => new PyList(arguments[0] is null ? [] : Iteration.ToList(run, arguments[0]!))),
            Make("tuple", "iterable?, /", (run, arguments) => arguments[0] is PyTuple tuple
                ? tuple
                : new PyTuple(arguments[0] is null ? [] : [.. Iteration.ToList(run, arguments[0]!)])),
            Make("set", "iterable?, /", (run, arguments) =>
            {
                var set = new PySet();
                if (arguments[0] is not null)
                {
                    Sets.Update(run, set, arguments[0]!);
                }

                return set;
            }),
            Make("range", "start, stop?, step?, /", Range),
            Make("slice", "start, stop?, step?, /", (_, arguments) => arguments[1] is null
                ? new PySlice(PyNone.Instance, arguments[0]!, PyNone.Instance)
                : new PySlice(arguments[0]!, arguments[1]!, arguments[2] ?? PyNone.Instance)),
            Make("enumerate", "iterable, start?", (run, arguments) => new PyIterator("enumerate", Enumerate(
                Walk(run, arguments[0]!), arguments[1] is null ? BigInteger.Zero : Numbers.ToInt(arguments[1]!)).GetEnumerator())),
            Make("reversed", "sequence, /", (run, arguments) => Reversed(run, arguments[0]!)),
            new("zip", Zip),
        ];
    }

    private static PyType Make(string name, string parameters, Func<Run, object?[], object> body)
    {
        var signature = new Signature(name, parameters);
        return new PyType(name, (run, arguments) => body(run, signature.Bind(arguments)));
    }

    private static PyFunction Static(string name, string parameters, Func<Run, object?[], object> body)
    {
        var signature = new Signature(name, parameters);
        return new PyFunction(name, $"<built-in method {name} of type object>", (run, arguments) => body(run, signature.Bind(arguments)));
    }

    private static object Str(Run run, object?[] arguments)
    {
        if (arguments[1] is null && arguments[2] is null)
        {
            return arguments[0] is null ? string.Empty : PythonRepr.Str(run, arguments[0]!);
        }

        return arguments[0] switch
        {
            null => string.Empty,
            PyBytes bytes => Encodings.Decode(
                run, bytes.Data, arguments[1] is null ? "utf-8" : TextMethods.Text(arguments[1], "str() argument 'encoding'"), arguments[2] as string ?? "strict"),
            string => throw PythonError.Type("decoding str is not supported"),
            { } other => throw PythonError.Type($"decoding to str: need a bytes-like object, {TypeNames.Of(other)} found"),
        };
    }

    private static object Int(Run run, object?[] arguments)
    {
        object? source = arguments[0];
        if (arguments[1] is null)
        {
            return source switch
            {
                null => BigInteger.Zero,
                BigInteger or bool => Numbers.ToInt(source),
                double number => Numbers.Truncate(number),
                string text => Read(run, text, 10, source),
                PyBytes bytes => Read(run, System.Text.Encoding.Latin1.GetString(bytes.Data), 10, source),
                _ => throw PythonError.Type($"int() argument must be a string, a bytes-like object or a real number, not '{TypeNames.Of(source)}'"),
            };
        }

        BigInteger numberBase = Numbers.ToInt(arguments[1]!);
        if (numberBase != 0 && (numberBase < 2 || numberBase > 36))
        {
            throw PythonError.Value("int() base must be >= 2 and <= 36, or 0");
        }

        return source switch
        {
            string text => Read(run, text, (int)numberBase, source),
            PyBytes bytes => Read(run, System.Text.Encoding.Latin1.GetString(bytes.Data), (int)numberBase, source),
            _ => throw PythonError.Type("int() can't convert non-string with explicit base"),
        };
    }

    private static object Read(Run run, string text, int numberBase, object source)
    {
        run.Take(2L * text.Length);
        return IntText.ReadInt(text, numberBase)
            ?? throw PythonError.Value($"invalid literal for int() with base {numberBase}: {PythonRepr.Repr(run, source)}");
    }

    private static object Float(Run run, object?[] arguments)
    {
        object? source = arguments[0];
        return source switch
        {
            null => 0.0,
            double or BigInteger or bool => Numbers.ToFloat(source),
            string text => IntText.ReadFloat(run.Taken(text)) ?? throw PythonError.Value($"could not convert string to float: {PythonRepr.Repr(run, source)}"),
            PyBytes bytes => IntText.ReadFloat(System.Text.Encoding.Latin1.GetString(bytes.Data)) ?? throw PythonError.Value("could not convert bytes to float"),
            _ => throw PythonError.Type($"float() argument must be a string or a real number, not '{TypeNames.Of(source)}'"),
        };
    }

    private static object Range(Run run, object?[] arguments)
    {
        BigInteger first = Numbers.ToInt(arguments[0]!);
        if (arguments[1] is null)
        {
            return new PyRange(0, first, 1);
        }

        BigInteger step = arguments[2] is null ? BigInteger.One : Numbers.ToInt(arguments[2]!);
        return step.IsZero
            ? throw PythonError.Value("range() arg 3 must not be zero")
            : new PyRange(first, Numbers.ToInt(arguments[1]!), step);
    }

    private static IEnumerable<object> Walk(Run run, object item) => Iteration.IsIterable(item)
        ? Iteration.Over(run, item)
        : throw PythonError.Type($"'{TypeNames.Of(item)}' object is not iterable");

    private static IEnumerable<object> Enumerate(IEnumerable<object> items, BigInteger number)
    {
        foreach (object item in items)
        {
            yield return PyTuple.Of(number++, item);
        }
    }

    private static PyIterator Reversed(Run run, object sequence)
    {
        IEnumerable<object> items;
        string type = "reversed";
        switch (sequence)
        {
            case PyList list:
                type = "list_reverseiterator";
                items = ListBackwards(list);
                break;
            case PyTuple tuple:
                items = Backwards(tuple.Items.Length, i => tuple.Items[i]);
                break;
            case string text:
                run.Take(8L * text.Length);
                items = CodePoints.Each(text).Reverse();
                break;
            case PyBytes bytes:
                items = Backwards(bytes.Data.Length, i => new BigInteger(bytes.Data[i]));
                break;
            case PyRange range:
                type = "range_iterator";
                items = Iteration.Over(run, Subscripts.Get(run, range, new PySlice(PyNone.Instance, PyNone.Instance, BigInteger.MinusOne)));
                break;
            case PyDict or PyDictView:
                items = Enumerable.Reverse(Iteration.ToList(run, sequence));
                break;
            default:
                throw PythonError.Type($"'{TypeNames.Of(sequence)}' object is not reversible");
        }

        return new PyIterator(type, items.GetEnumerator());
    }

    // The list may have become shorter in between.
    private static IEnumerable<object> ListBackwards(PyList list)
    {
        for (int i = list.Items.Count - 1; i >= 0 && i < list.Items.Count; i--)
        {
            yield return list.Items[i];
        }
    }

    private static IEnumerable<object> Backwards(int count, Func<int, object> at)
    {
        for (int i = count - 1; i >= 0; i--)
        {
            yield return at(i);
        }
    }

    private static object Zip(Run run, Arguments arguments)
    {
        bool strict = false;
        foreach ((string name, object value) in arguments.Named)
        {
            strict = name == "strict" ? Truth.Of(value) : throw PythonError.Type($"zip() got an unexpected keyword argument '{name}'");
        }

        IEnumerator<object>[] sources = [.. arguments.Positional.Select(item => Walk(run, item).GetEnumerator())];
        return new PyIterator("zip", Zipped(sources, strict).GetEnumerator());
    }

    private static IEnumerable<object> Zipped(IEnumerator<object>[] sources, bool strict)
    {
        while (sources.Length > 0)
        {
            object[] items = new object[sources.Length];
            for (int i = 0; i < sources.Length; i++)
            {
                if (!sources[i].MoveNext())
                {
                    if (strict && (i > 0 || sources.Skip(1).Any(source => source.MoveNext())))
                    {
                        throw PythonError.Value($"zip() argument {i + 1} is shorter than argument {(i > 1 ? $"s 1-{i}" : "1")}");
                    }

                    yield break;
                }

                items[i] = sources[i].Current;
            }

            yield return new PyTuple(items);
        }
    }
}
