using System.Numerics;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>The methods of <c>str</c> that look for text within text.</summary>
internal static class TextSearch
{
    public static void AddTo(MethodTable table)
    {
        table.Add("find", "sub, start?, end?, /", (run, self, arguments) => (BigInteger)Find(run, (string)self, arguments, last: false));
        table.Add("rfind", "sub, start?, end?, /", (run, self, arguments) => (BigInteger)Find(run, (string)self, arguments, last: true));
        table.Add("index", "sub, start?, end?, /", (run, self, arguments) => Found(Find(run, (string)self, arguments, last: false)));
        table.Add("rindex", "sub, start?, end?, /", (run, self, arguments) => Found(Find(run, (string)self, arguments, last: true)));
        table.Add("count", "sub, start?, end?, /", (run, self, arguments) => (BigInteger)Count(run, (string)self, arguments));
        table.Add("startswith", "prefix, start?, end?, /", (run, self, arguments) => Edge(run, (string)self, arguments, "startswith"));
        table.Add("endswith", "suffix, start?, end?, /", (run, self, arguments) => Edge(run, (string)self, arguments, "endswith"));
        table.Add("removeprefix", "prefix, /", (run, self, arguments) =>
        {
            string prefix = TextMethods.Text(arguments[0], "removeprefix() argument");
            return ((string)self).StartsWith(prefix, StringComparison.Ordinal) ? run.Taken(((string)self)[prefix.Length..]) : self;
        });
        table.Add("removesuffix", "suffix, /", (run, self, arguments) =>
        {
            string suffix = TextMethods.Text(arguments[0], "removesuffix() argument");
            return suffix.Length > 0 && ((string)self).EndsWith(suffix, StringComparison.Ordinal) ? run.Taken(((string)self)[..^suffix.Length]) : self;
        });
        table.Add("replace", "old, new, count?, /", (run, self, arguments) => Replace(
            run,
            (string)self,
            TextMethods.Text(arguments[0], "replace() argument 1"),
            TextMethods.Text(arguments[1], "replace() argument 2"),
            TextMethods.Int(arguments[2], -1)));
    }

    private static object Found(int place) => place < 0 ? throw PythonError.Value("substring not found") : (BigInteger)place;

    // The part of the text between two places, as slices have it; null where the first lies behind the end.
    private static (string Text, int Start)? Part(string text, object? start, object? end)
    {
        if (start is null or PyNone && end is null or PyNone)
        {
            return (text, 0);
        }

        int length = CodePoints.Length(text);
        (int from, _, _) = Subscripts.Resolve(new PySlice(start ?? PyNone.Instance, PyNone.Instance, PyNone.Instance), length);
        (_, int to, _) = Subscripts.Resolve(new PySlice(PyNone.Instance, end ?? PyNone.Instance, PyNone.Instance), length);
        bool behind = start is not (null or PyNone) && Numbers.ToInt(start) > length;
        return behind || to < from ? null : (CodePoints.Range(text, from, to), from);
    }

    private static int Find(Run run, string text, object?[] arguments, bool last)
    {
        string sought = TextMethods.Text(arguments[0], "find() argument");
        run.Step(1 + (text.Length >> 6));
        if (Part(text, arguments[1], arguments[2]) is not { } part)
        {
            return -1;
        }

        int unit = last
            ? part.Text.LastIndexOf(sought, StringComparison.Ordinal)
            : part.Text.IndexOf(sought, StringComparison.Ordinal);
        return unit < 0 ? -1 : part.Start + CodePoints.FromUnits(part.Text, unit);
    }

    private static int Count(Run run, string text, object?[] arguments)
    {
        string sought = TextMethods.Text(arguments[0], "count() argument");
        run.Step(1 + (text.Length >> 6));
        if (Part(text, arguments[1], arguments[2]) is not { } part)
        {
            return 0;
        }

        if (sought.Length == 0)
        {
            return CodePoints.Length(part.Text) + 1;
        }

        int count = 0;
        for (int at = 0; (at = part.Text.IndexOf(sought, at, StringComparison.Ordinal)) >= 0; at += sought.Length)
        {
            count++;
        }

        return count;
    }

    private static object Edge(Run run, string text, object?[] arguments, string method)
    {
        object[] candidates = arguments[0] switch
        {
            string one => [one],
            PyTuple tuple => tuple.Items,
            _ => throw PythonError.Type($"{method} first arg must be str or a tuple of str, not {TypeNames.Of(arguments[0]!)}"),
        };
        (string Text, int Start)? part = Part(text, arguments[1], arguments[2]);
        foreach (object candidate in candidates)
        {
            run.Step();
            string edge = candidate as string
                ?? throw PythonError.Type($"tuple for {method} must only contain str, not {TypeNames.Of(candidate)}");
            if (part is { } inside && (method == "startswith"
                ? inside.Text.StartsWith(edge, StringComparison.Ordinal)
                : inside.Text.EndsWith(edge, StringComparison.Ordinal)))
            {
                return true;
            }
        }

        return false;
    }

    private static string Replace(Run run, string text, string old, string replacement, int count)
    {
        run.Step(1 + (text.Length >> 6));
        int left = count < 0 ? int.MaxValue : count;
        if (left == 0)
        {
            return text;
        }

        var target = new System.Text.StringBuilder();
        int done = 0;
        if (old.Length == 0)
        {
            foreach (string character in CodePoints.Each(text))
            {
                if (left-- <= 0)
                {
                    break;
                }

                run.Take(2L * (replacement.Length + 1));
                target.Append(replacement).Append(character);
                done += character.Length;
            }

            return target.Append(left > 0 ? replacement : string.Empty).Append(text, done, text.Length - done).ToString();
        }

        for (int at; left > 0 && (at = text.IndexOf(old, done, StringComparison.Ordinal)) >= 0; left--)
        {
            run.Take(2L * (at - done + replacement.Length));
            target.Append(text, done, at - done).Append(replacement);
            done = at + old.Length;
        }

        run.Take(2L * (text.Length - done));
        return done == 0 && target.Length == 0 ? text : target.Append(text, done, text.Length - done).ToString();
    }
}
