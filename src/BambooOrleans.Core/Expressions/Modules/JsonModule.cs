using System.Globalization;
using System.Numerics;
using System.Text;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Modules;

/// <summary><c>json</c>: <c>dumps</c> and <c>loads</c>.</summary>
internal static class JsonModule
{
    public static PyModule Module { get; } = ModuleTable.Module(
        "json",
        ("dumps", "obj, *, skipkeys?, ensure_ascii?, check_circular?, allow_nan?, cls?, indent?, separators?, default?, sort_keys?", Dump),
        ("loads", "s, *, cls?, object_hook?, parse_float?, parse_int?, parse_constant?, object_pairs_hook?", Load));

    private static object Dump(Run run, object?[] arguments)
    {
        string? indent = arguments[6] switch
        {
            null or PyNone => null,
            string text => text,
            object count => Spaces(run, Numbers.ToIndex(count)),
        };
        (string between, string colon) = (indent is null ? ", " : ",", ": ");
        if (arguments[7] is not (null or PyNone))
        {
            List<object> pair = Iteration.ToList(run, arguments[7]!);
            (between, colon) = pair.Count == 2
                ? (ModuleTable.Text(pair[0]), ModuleTable.Text(pair[1]))
                : throw PythonError.Value("separators takes two texts");
        }

        var writer = new JsonText(run, new StringBuilder())
        {
            Ascii = arguments[2] is null || Truth.Of(arguments[2]!),
            AllowNan = arguments[4] is null || Truth.Of(arguments[4]!),
            SkipKeys = arguments[1] is not null && Truth.Of(arguments[1]!),
            SortKeys = arguments[9] is not null && Truth.Of(arguments[9]!),
            Default = arguments[8] is null or PyNone ? null : arguments[8],
            Indent = indent,
            Between = between,
            Colon = colon,
        };
        writer.Write(arguments[0]!, 0);
        return writer.Target.ToString();
    }

    private static string Spaces(Run run, int count)
    {
        run.Take(2L * Math.Max(count, 0));
        return new string(' ', Math.Max(count, 0));
    }

    private static object Load(Run run, object?[] arguments)
    {
        if (arguments.Skip(1).Any(argument => argument is not (null or PyNone)))
        {
            throw PythonError.Unsupported("a hook of json.loads");
        }

        string text = arguments[0] switch
        {
            string given => given,
            PyBytes bytes => Types.Encodings.Decode(run, bytes.Data, "utf-8", "strict"),
            object other => throw PythonError.Type($"the JSON object must be str, bytes or bytearray, not {TypeNames.Of(other)}"),
            null => string.Empty,
        };
        run.Take(16L * text.Length);
        run.Step(1 + (text.Length >> 3));
        try
        {
            return Special(text.Trim(' ', '\t', '\n', '\r')) ?? Conversion.ToObject(Value.ParseJson(text));
        }
        catch (Exception error) when (error is System.Text.Json.JsonException or FormatException)
        {
            throw new PythonError("JSONDecodeError", "the text is not JSON");
        }
    }

    private static object? Special(string text) => text switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => null,
    };

    private sealed class JsonText(Run run, StringBuilder target)
    {
        private readonly List<object> _open = [];

        public StringBuilder Target { get; } = target;

        public bool Ascii { get; init; }

        public bool AllowNan { get; init; }

        public bool SkipKeys { get; init; }

        public bool SortKeys { get; init; }

        public object? Default { get; init; }

        public string? Indent { get; init; }

        public string Between { get; init; } = ", ";

        public string Colon { get; init; } = ": ";

        public void Write(object item, int level)
        {
            run.Step();
            int before = Target.Length;
            switch (item)
            {
                case string text:
                    WriteText(text);
                    break;
                case PyDict dict:
                    WriteDict(dict, level);
                    break;
                case PyList list:
                    WriteItems(item, list.Items, level);
                    break;
                case PyTuple tuple:
                    WriteItems(item, tuple.Items, level);
                    break;
                default:
                    if (Scalar(item) is { } plain)
                    {
                        Target.Append(plain);
                    }
                    else if (Default is not null)
                    {
                        Open(item);
                        Write(Calls.Invoke(run, Default, item), level);
                        _open.RemoveAt(_open.Count - 1);
                    }
                    else
                    {
                        throw PythonError.Type($"Object of type {TypeNames.Of(item)} is not JSON serializable");
                    }

                    break;
            }

            run.Take(2L * Math.Max(0, Target.Length - before));
        }

        private string? Scalar(object item) => item switch
        {
            PyNone => "null",
            bool flag => flag ? "true" : "false",
            BigInteger number => Numbers.ToText(number),
            double number when double.IsFinite(number) => FloatDigits.Shortest(number),
            double number => AllowNan
                ? double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity"
                : throw PythonError.Value("Out of range float values are not JSON compliant"),
            _ => null,
        };

        private void WriteItems(object owner, IReadOnlyList<object> items, int level)
        {
            if (items.Count == 0)
            {
                Target.Append("[]");
                return;
            }

            Open(owner);
            Target.Append('[');
            for (int i = 0; i < items.Count; i++)
            {
                Target.Append(i == 0 ? string.Empty : Between);
                NewLine(level + 1);
                Write(items[i], level + 1);
            }

            NewLine(level);
            Target.Append(']');
            _open.RemoveAt(_open.Count - 1);
        }

        private void WriteDict(PyDict dict, int level)
        {
            if (dict.Count == 0)
            {
                Target.Append("{}");
                return;
            }

            Open(dict);
            Target.Append('{');
            bool first = true;
            foreach ((object key, object value) in SortKeys ? Sorted(dict) : dict.Pairs())
            {
                string? name = key as string ?? Scalar(key);
                if (name is null)
                {
                    if (SkipKeys)
                    {
                        continue;
                    }

                    throw PythonError.Type($"keys must be str, int, float, bool or None, not {TypeNames.Of(key)}");
                }

                Target.Append(first ? string.Empty : Between);
                NewLine(level + 1);
                WriteText(name);
                Target.Append(Colon);
                Write(value, level + 1);
                first = false;
            }

            NewLine(level);
            Target.Append('}');
            _open.RemoveAt(_open.Count - 1);
        }

        private IEnumerable<KeyValuePair<object, object>> Sorted(PyDict dict)
        {
            foreach (object key in Types.Sorting.Sort(run, [.. dict.Keys()], null, null))
            {
                yield return new(key, dict.TryGet(run, key, out object? value) ? value : PyNone.Instance);
            }
        }

        private void NewLine(int level)
        {
            if (Indent is null)
            {
                return;
            }

            run.Take(2L * (1 + ((long)Indent.Length * level)));
            Target.Append('\n');
            for (int i = 0; i < level; i++)
            {
                Target.Append(Indent);
            }
        }

        private void Open(object owner)
        {
            if (_open.Exists(other => ReferenceEquals(other, owner)))
            {
                throw PythonError.Value("Circular reference detected");
            }

            if (_open.Count >= ValueJson.MaxDepth || !System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
            {
                throw PythonError.Recursion();
            }

            _open.Add(owner);
        }

        private void WriteText(string text)
        {
            run.Take(2L * text.Length);
            Target.Append('"');
            foreach (char unit in text)
            {
                _ = unit switch
                {
                    '"' => Target.Append("\\\""),
                    '\\' => Target.Append("\\\\"),
                    '\n' => Target.Append("\\n"),
                    '\r' => Target.Append("\\r"),
                    '\t' => Target.Append("\\t"),
                    '\f' => Target.Append("\\f"),
                    '\b' => Target.Append("\\b"),
                    < ' ' => Target.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
                    > '~' when Ascii => Target.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}"),
                    _ => Target.Append(unit),
                };
            }

            Target.Append('"');
        }
    }
}
