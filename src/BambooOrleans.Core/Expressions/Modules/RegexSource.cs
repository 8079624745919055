using System.Text;
using System.Text.RegularExpressions;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Modules;

/// <summary>Python's patterns in the platform's notation.</summary>
internal static class RegexSource
{
    private const int LengthMax = 10_000;

    // For patterns that need backtracking. It bounds a runaway pattern; what ends within it ends the same everywhere.
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(250);

    /// <summary>A pattern to run, without backtracking where it allows.</summary>
    public static Regex Make(string pattern, RegexOptions options, bool ascii)
    {
        if (pattern.Length > LengthMax)
        {
            throw new PythonError("error", "the pattern is too long");
        }

        string translated = Translate(pattern, ascii);
        try
        {
            try
            {
                return new Regex(translated, options | RegexOptions.NonBacktracking, Timeout);
            }
            catch (NotSupportedException)
            {
                return new Regex(translated, options, Timeout);
            }
        }
        catch (ArgumentException error)
        {
            throw new PythonError("error", error.Message);
        }
    }

    private static string Translate(string pattern, bool ascii)
    {
        var target = new StringBuilder(pattern.Length + 8);
        bool inSet = false;
        for (int i = 0; i < pattern.Length; i++)
        {
            char unit = pattern[i];
            if (unit == '\\' && i + 1 < pattern.Length)
            {
                char escaped = pattern[++i];
                _ = escaped switch
                {
                    'Z' when !inSet => target.Append("\\z"),
                    'd' when ascii => target.Append(inSet ? "0-9" : "[0-9]"),
                    'w' when ascii => target.Append(inSet ? "a-zA-Z0-9_" : "[a-zA-Z0-9_]"),
                    's' when ascii => target.Append(inSet ? " \\t\\n\\r\\f\\v" : "[ \\t\\n\\r\\f\\v]"),
                    'z' or 'G' or 'A' when inSet => throw new PythonError("error", $"bad escape \\{escaped}"),
                    'z' or 'G' or 'p' or 'P' or 'k' or 'K' or 'R' or 'X' or 'Q' or 'E' => throw new PythonError("error", $"bad escape \\{escaped}"),
                    _ => target.Append('\\').Append(escaped),
                };
            }
            else if (inSet)
            {
                inSet = unit != ']' || (i > 0 && (pattern[i - 1] == '[' || (pattern[i - 1] == '^' && i > 1 && pattern[i - 2] == '[')) && IsSetStart(pattern, i));
                _ = unit == '[' ? target.Append("\\[") : target.Append(unit);
            }
            else if (unit == '[')
            {
                inSet = true;
                target.Append(unit);
            }
            else if (unit == '(' && string.CompareOrdinal(pattern, i, "(?P<", 0, 4) == 0)
            {
                target.Append("(?<");
                i += 3;
            }
            else if (unit == '(' && string.CompareOrdinal(pattern, i, "(?P=", 0, 4) == 0)
            {
                int end = pattern.IndexOf(')', i);
                end = end < 0 ? throw new PythonError("error", "missing )") : end;
                target.Append("\\k<").Append(pattern, i + 4, end - i - 4).Append('>');
                i = end;
            }
            else if (unit == '(' && (string.CompareOrdinal(pattern, i, "(?<", 0, 3) == 0 && !(i + 3 < pattern.Length && pattern[i + 3] is '=' or '!')
                || string.CompareOrdinal(pattern, i, "(?'", 0, 3) == 0))
            {
                throw new PythonError("error", "unknown extension");
            }
            else
            {
                target.Append(unit);
            }
        }

        return target.ToString();
    }

    // A closing bracket right behind the opening one (and a caret) is an ordinary character.
    private static bool IsSetStart(string pattern, int at)
    {
        int open = pattern[at - 1] == '^' ? at - 2 : at - 1;
        int slashes = 0;
        while (open - 1 - slashes >= 0 && pattern[open - 1 - slashes] == '\\')
        {
            slashes++;
        }

        return slashes % 2 == 0;
    }
}
