using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>The methods of <c>str</c> that cut text into parts.</summary>
internal static class TextSplit
{
    public static void AddTo(MethodTable table)
    {
        table.Add("split", "sep?, maxsplit?", (run, self, arguments) => Split(run, (string)self, arguments, fromRight: false));
        table.Add("rsplit", "sep?, maxsplit?", (run, self, arguments) => Split(run, (string)self, arguments, fromRight: true));
        table.Add("splitlines", "keepends?", (run, self, arguments) => Lines(run, (string)self, TextMethods.Int(arguments[0], 0) != 0));
        table.Add("partition", "sep, /", (run, self, arguments) => Partition(run, (string)self, arguments[0], last: false));
        table.Add("rpartition", "sep, /", (run, self, arguments) => Partition(run, (string)self, arguments[0], last: true));
    }

    private static PyList Split(Run run, string text, object?[] arguments, bool fromRight)
    {
        int left = TextMethods.Int(arguments[1], -1);
        left = left < 0 ? int.MaxValue : left;
        run.Step(1 + (text.Length >> 6));
        run.Take(2L * text.Length);
        List<object> parts = arguments[0] switch
        {
            null or PyNone => fromRight ? BlanksFromRight(run, text, left) : Blanks(run, text, left),
            string { Length: 0 } => throw PythonError.Value("empty separator"),
            string separator => fromRight ? SeparatedFromRight(run, text, separator, left) : Separated(run, text, separator, left),
            { } other => throw PythonError.Type($"must be str or None, not {TypeNames.Of(other)}"),
        };
        return new PyList(parts);
    }

    private static List<object> Separated(Run run, string text, string separator, int left)
    {
        var parts = new List<object>();
        int done = 0;
        for (int at; left > 0 && (at = text.IndexOf(separator, done, StringComparison.Ordinal)) >= 0; left--)
        {
            run.Step();
            run.Take(32);
            parts.Add(text[done..at]);
            done = at + separator.Length;
        }

        parts.Add(text[done..]);
        return parts;
    }

    private static List<object> SeparatedFromRight(Run run, string text, string separator, int left)
    {
        var parts = new List<object>();
        int end = text.Length;
        for (int at; left > 0 && (at = text.AsSpan(0, end).LastIndexOf(separator)) >= 0; left--)
        {
            run.Step();
            run.Take(32);
            parts.Add(text[(at + separator.Length)..end]);
            end = at;
        }

        parts.Add(text[..end]);
        parts.Reverse();
        return parts;
    }

    private static List<object> Blanks(Run run, string text, int left)
    {
        var parts = new List<object>();
        int at = 0;
        while (true)
        {
            while (at < text.Length && Characters.IsSpace(text[at]))
            {
                at++;
            }

            if (at >= text.Length)
            {
                return parts;
            }

            run.Step();
            run.Take(32);
            if (left-- <= 0)
            {
                parts.Add(Characters.Strip(text[at..], left: true, right: false));
                return parts;
            }

            int start = at;
            while (at < text.Length && !Characters.IsSpace(text[at]))
            {
                at++;
            }

            parts.Add(text[start..at]);
        }
    }

    private static List<object> BlanksFromRight(Run run, string text, int left)
    {
        var parts = new List<object>();
        int end = text.Length;
        while (true)
        {
            while (end > 0 && Characters.IsSpace(text[end - 1]))
            {
                end--;
            }

            if (end == 0)
            {
                break;
            }

            run.Step();
            run.Take(32);
            if (left-- <= 0)
            {
                parts.Add(text[..end]);
                break;
            }

            int start = end;
            while (start > 0 && !Characters.IsSpace(text[start - 1]))
            {
                start--;
            }

            parts.Add(text[start..end]);
            end = start;
        }

        parts.Reverse();
        return parts;
    }

    private static PyList Lines(Run run, string text, bool keepEnds)
    {
        var lines = new List<object>();
        run.Take(2L * text.Length);
        for (int at = 0; at < text.Length;)
        {
            int start = at;
            while (at < text.Length && !Characters.IsLineEnd(text[at]))
            {
                at++;
            }

            int end = at;
            if (at < text.Length)
            {
                at += text[at] == '\r' && at + 1 < text.Length && text[at + 1] == '\n' ? 2 : 1;
            }

            run.Step();
            run.Take(32);
            lines.Add(text[start..(keepEnds ? at : end)]);
        }

        return new PyList(lines);
    }

    private static PyTuple Partition(Run run, string text, object? separator, bool last)
    {
        string sought = TextMethods.Text(separator, "separator");
        if (sought.Length == 0)
        {
            throw PythonError.Value("empty separator");
        }

        run.Take(2L * text.Length);
        int at = last ? text.LastIndexOf(sought, StringComparison.Ordinal) : text.IndexOf(sought, StringComparison.Ordinal);
        if (at < 0)
        {
            return last ? PyTuple.Of(string.Empty, string.Empty, text) : PyTuple.Of(text, string.Empty, string.Empty);
        }

        return PyTuple.Of(text[..at], sought, text[(at + sought.Length)..]);
    }
}
