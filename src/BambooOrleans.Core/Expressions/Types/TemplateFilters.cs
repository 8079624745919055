using System.Globalization;
using System.Text;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>The filters behind a bar: <c>${name | h}</c>.</summary>
internal static class TemplateFilters
{
    /// <summary>Whether a filter may be used at all.</summary>
    public static bool IsKnown(string name) =>
        name is "n" or "h" or "x" or "u" or "trim" or "entity" or "unicode" or "str" || IsDecode(name);

    /// <summary>Applies filters, the first first. Without <c>n</c> the value is made text before any of them.</summary>
    /// <param name="run">The rendering.</param>
    /// <param name="arguments">The code's value, as the arguments of a call.</param>
    /// <param name="filters">The filters.</param>
    /// <param name="str">What <c>str</c> means here.</param>
    public static string Apply(Run run, Arguments arguments, IReadOnlyList<string> filters, object str)
    {
        object value;
        int first = 0;
        if (!filters.Contains("n"))
        {
            value = Calls.Invoke(run, str, arguments);
        }
        else
        {
            // The first filter is called with whatever the code is, and most take one argument.
            first = filters.Count - filters.SkipWhile(filter => filter == "n").Count();
            value = arguments is { Positional: [var only], Named: [] }
                ? only
                : first < filters.Count && filters[first] is "str" or "unicode"
                    ? Calls.Invoke(run, str, arguments)
                    : throw PythonError.Type("a filter takes one argument");
        }

        bool safe = false;
        foreach (string filter in filters.Skip(first).Where(filter => filter != "n"))
        {
            (value, safe) = Apply(run, value, safe, filter, str);
        }

        return value as string ?? throw PythonError.Type($"sequence item 0: expected str instance, {TypeNames.Of(value)} found");
    }

    // Text that went through h is safe: h leaves it alone until something makes plain text of it.
    private static (object Value, bool Safe) Apply(Run run, object value, bool safe, string filter, object str)
    {
        switch (filter)
        {
            case "str" or "unicode":
                return (Calls.Invoke(run, str, value), false);
            case "h":
                return safe ? (value, true) : (run.Taken(Escape(PythonRepr.Str(run, value))), true);
            case "x":
                return (run.Taken(Escape(Text(value))), false);
            case "u":
                return (run.Taken(UrlEscape(Text(value))), false);
            case "trim":
                return (value is PyBytes ? Calls.Invoke(run, MethodTable.Bound(value, "strip")!, Arguments.None) : Characters.Strip(Text(value)), safe);
            case "entity":
                return (run.Taken(Entities.Escape(PythonRepr.Str(run, value))), false);
            default:
                if (filter.IndexOf('.', "decode.".Length) >= 0)
                {
                    throw new PythonError("AttributeError", $"{filter} is no decoder");
                }

                return (value switch
                {
                    string => value,
                    PyBytes bytes => Encodings.Decode(run, bytes.Data, filter["decode.".Length..], "strict"),
                    _ => PythonRepr.Str(run, value),
                }, safe);
        }
    }

    private static bool IsDecode(string name)
    {
        if (!name.StartsWith("decode.", StringComparison.Ordinal) || name.Length == 7 || name.Contains("__", StringComparison.Ordinal))
        {
            return false;
        }

        string[] parts = name[7..].Split('.');
        return char.IsAsciiLetterOrDigit(name[7])
            && Array.TrueForAll(parts, part => !part.StartsWith('_') && part.All(unit => char.IsAsciiLetterOrDigit(unit) || unit is '_' or '-'));
    }

    private static string Text(object value) => value as string
        ?? throw PythonError.Type($"expected string or bytes-like object, got '{TypeNames.Of(value)}'");

    private static string Escape(string text)
    {
        if (text.AsSpan().IndexOfAny("&<>\"'") < 0)
        {
            return text;
        }

        var target = new StringBuilder(text.Length + 16);
        foreach (char unit in text)
        {
            _ = unit switch
            {
                '&' => target.Append("&amp;"),
                '<' => target.Append("&lt;"),
                '>' => target.Append("&gt;"),
                '"' => target.Append("&#34;"),
                '\'' => target.Append("&#39;"),
                _ => target.Append(unit),
            };
        }

        return target.ToString();
    }

    private static string UrlEscape(string text)
    {
        var target = new StringBuilder(text.Length);
        foreach (byte unit in Encoding.UTF8.GetBytes(text))
        {
            char character = (char)unit;
            _ = character == ' '
                ? target.Append('+')
                : char.IsAsciiLetterOrDigit(character) || character is '_' or '.' or '-' or '~'
                    ? target.Append(character)
                    : target.Append(CultureInfo.InvariantCulture, $"%{unit:X2}");
        }

        return target.ToString();
    }
}
