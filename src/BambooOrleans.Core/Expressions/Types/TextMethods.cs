using System.Numerics;
using System.Text;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>The methods of <c>str</c>.</summary>
internal static class TextMethods
{
    public static MethodTable Table { get; } = Build();

    public static string Text(object? value, string what) =>
        value as string ?? throw PythonError.Type($"{what} must be str, not {TypeNames.Of(value ?? PyNone.Instance)}");

    /// <summary>An int argument, or what stands for it when it is left out.</summary>
    public static int Int(object? value, int none) => value is null ? none : Numbers.ToIndex(value);

    private static MethodTable Build()
    {
        var table = new MethodTable("str");
        AddCase(table);
        AddPadding(table);
        AddQuestions(table);
        TextSearch.AddTo(table);
        TextSplit.AddTo(table);
        table.Add("join", "iterable, /", (run, self, arguments) => Join(run, (string)self, arguments[0]!));
        table.Add("encode", "encoding?, errors?", (run, self, arguments) => Encodings.Encode(
            run, (string)self, arguments[0] as string ?? "utf-8", arguments[1] as string ?? "strict"));
        table.Add("translate", "table, /", (run, self, arguments) => TextTranslation.Translate(run, (string)self, arguments[0]!));
        return table;
    }

    private static void AddCase(MethodTable table)
    {
        table.Add("upper", string.Empty, (run, self, _) => run.Taken(LetterCase.Upper((string)self)));
        table.Add("lower", string.Empty, (run, self, _) => run.Taken(LetterCase.Lower((string)self)));
        table.Add("casefold", string.Empty, (run, self, _) => run.Taken(LetterCase.Fold((string)self)));
        table.Add("swapcase", string.Empty, (run, self, _) => run.Taken(LetterCase.Swap((string)self)));
        table.Add("title", string.Empty, (run, self, _) => run.Taken(LetterCase.Title((string)self)));
        table.Add("capitalize", string.Empty, (run, self, _) => run.Taken(LetterCase.Capitalize((string)self)));
    }

    private static void AddPadding(MethodTable table)
    {
        table.Add("ljust", "width, fillchar?, /", (run, self, arguments) => Pad(run, (string)self, arguments, (_, _) => 0));
        table.Add("rjust", "width, fillchar?, /", (run, self, arguments) => Pad(run, (string)self, arguments, (missing, _) => missing));

        // An odd one goes left where the width is odd, as CPython has it.
        table.Add("center", "width, fillchar?, /", (run, self, arguments) => Pad(
            run, (string)self, arguments, (missing, width) => (missing / 2) + (missing & width & 1)));
        table.Add("zfill", "width, /", (run, self, arguments) =>
        {
            string text = (string)self;
            int missing = Numbers.ToIndex(arguments[0]!) - CodePoints.Length(text);
            if (missing <= 0)
            {
                return text;
            }

            run.Take(2L * missing);
            int sign = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
            return run.Taken(text[..sign] + new string('0', missing) + text[sign..]);
        });
        table.Add("expandtabs", "tabsize?", (run, self, arguments) => ExpandTabs(run, (string)self, Int(arguments[0], 8)));
        table.Add("strip", "chars?, /", (run, self, arguments) => Strip(run, (string)self, arguments[0], left: true, right: true));
        table.Add("lstrip", "chars?, /", (run, self, arguments) => Strip(run, (string)self, arguments[0], left: true, right: false));
        table.Add("rstrip", "chars?, /", (run, self, arguments) => Strip(run, (string)self, arguments[0], left: false, right: true));
    }

    private static void AddQuestions(MethodTable table)
    {
        void Ask(string name, Func<string, bool> answer) => table.Add(name, string.Empty, (run, self, _) =>
        {
            run.Step(1 + (((string)self).Length >> 4));
            return answer((string)self);
        });
        static bool Every(string text, Func<Rune, bool> holds)
        {
            foreach (Rune rune in text.EnumerateRunes())
            {
                if (!holds(rune))
                {
                    return false;
                }
            }

            return text.Length > 0;
        }

        Ask("isdigit", text => Every(text, Characters.IsDigit));
        Ask("isdecimal", text => Every(text, rune => Characters.DecimalDigit(rune) >= 0));
        Ask("isnumeric", text => Every(text, Characters.IsNumeric));
        Ask("isalpha", text => Every(text, Characters.IsAlpha));
        Ask("isalnum", text => Every(text, rune => Characters.IsAlpha(rune) || Characters.IsNumeric(rune) || Characters.IsDigit(rune)));
        Ask("isspace", text => text.Length > 0 && text.All(Characters.IsSpace));
        Ask("isascii", text => Ascii.IsValid(text));
        Ask("isprintable", text => text.Length == 0 || Every(text, TextRepr.IsPrintable));
        Ask("isidentifier", text => text.Length > 0 && Characters.IsNameStart(text[0]) && text.All(Characters.IsNamePart));
        Ask("isupper", text => Cased(text, Characters.IsUpper, rune => Characters.IsLower(rune) || Characters.IsTitle(rune)));
        Ask("islower", text => Cased(text, Characters.IsLower, rune => Characters.IsUpper(rune) || Characters.IsTitle(rune)));
        Ask("istitle", LetterCase.IsTitle);
    }

    private static bool Cased(string text, Func<Rune, bool> wanted, Func<Rune, bool> refused)
    {
        bool any = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (refused(rune))
            {
                return false;
            }

            any |= wanted(rune);
        }

        return any;
    }

    private static string Pad(Run run, string text, object?[] arguments, Func<int, int, int> leftOf)
    {
        int width = Numbers.ToIndex(arguments[0]!);
        string fill = arguments[1] is null ? " " : Text(arguments[1], "The fill character");
        if (CodePoints.Length(fill) != 1)
        {
            throw PythonError.Type("The fill character must be exactly one character long");
        }

        int missing = width - CodePoints.Length(text);
        if (missing <= 0)
        {
            return text;
        }

        run.Take(2L * missing * fill.Length);
        int left = leftOf(missing, width);
        return run.Taken(Fill(fill, left) + text + Fill(fill, missing - left));
    }

    private static string Fill(string fill, int count) =>
        fill.Length == 1 ? new string(fill[0], count) : string.Concat(Enumerable.Repeat(fill, count));

    private static string ExpandTabs(Run run, string text, int size)
    {
        var target = new StringBuilder();
        int column = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '\t':
                    int blanks = size > 0 ? size - (column % size) : 0;
                    run.Take(2L * blanks);
                    target.Append(' ', blanks);
                    column += blanks;
                    break;
                case '\n' or '\r':
                    target.Append((char)rune.Value);
                    column = 0;
                    break;
                default:
                    target.Append(rune);
                    column++;
                    break;
            }
        }

        return run.Taken(target.ToString());
    }

    private static string Strip(Run run, string text, object? characters, bool left, bool right)
    {
        run.Step(1 + (text.Length >> 6));
        if (characters is null or PyNone)
        {
            return run.Taken(Characters.Strip(text, left, right));
        }

        string set = characters as string ?? throw PythonError.Type("strip arg must be None or str");
        if (!CodePoints.IsFlat(set) || !CodePoints.IsFlat(text))
        {
            List<string> parts = [.. CodePoints.Each(text)];
            HashSet<string> stripped = [.. CodePoints.Each(set)];
            int from = left ? parts.TakeWhile(stripped.Contains).Count() : 0;
            int to = right ? parts.FindLastIndex(part => !stripped.Contains(part)) + 1 : parts.Count;
            return run.Taken(string.Concat(parts.Skip(from).Take(Math.Max(0, to - from))));
        }

        ReadOnlySpan<char> span = text;
        span = left ? span.TrimStart(set) : span;
        span = right ? span.TrimEnd(set) : span;
        return set.Length == 0 ? text : run.Taken(span.ToString());
    }

    private static string Join(Run run, string separator, object items)
    {
        if (!Iteration.IsIterable(items))
        {
            throw PythonError.Type("can only join an iterable");
        }

        var target = new StringBuilder();
        int count = 0;
        foreach (object item in Iteration.Over(run, items))
        {
            string part = item as string
                ?? throw PythonError.Type($"sequence item {new BigInteger(count)}: expected str instance, {TypeNames.Of(item)} found");
            run.Take(2L * (part.Length + separator.Length));
            target.Append(count++ == 0 ? string.Empty : separator).Append(part);
        }

        return target.ToString();
    }
}
