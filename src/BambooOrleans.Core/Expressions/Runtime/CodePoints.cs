using System.Text;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>
/// Text as Python sees it, a sequence of code points. The platform's strings are UTF-16, so that positions differ after
/// any character outside the basic plane; text without such characters takes the short ways.
/// </summary>
internal static class CodePoints
{
    public static bool IsFlat(string text) => text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') < 0;

    public static int Length(string text)
    {
        if (IsFlat(text))
        {
            return text.Length;
        }

        int count = 0;
        foreach (Rune _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }

    /// <summary>The characters, each a string of its own.</summary>
    public static IEnumerable<string> Each(string text)
    {
        for (int i = 0; i < text.Length;)
        {
            int width = Width(text, i);
            yield return width == 1 ? One(text[i]) : text.Substring(i, width);
            i += width;
        }
    }

    public static string At(string text, int index)
    {
        if (IsFlat(text))
        {
            return One(text[index]);
        }

        int unit = ToUnits(text, index);
        return text.Substring(unit, Width(text, unit));
    }

    /// <summary>The place in UTF-16 of the code point with this number.</summary>
    public static int ToUnits(string text, int codePoints)
    {
        if (IsFlat(text))
        {
            return Math.Min(codePoints, text.Length);
        }

        int unit = 0;
        while (codePoints-- > 0 && unit < text.Length)
        {
            unit += Width(text, unit);
        }

        return unit;
    }

    /// <summary>The number of the code point at this place in UTF-16.</summary>
    public static int FromUnits(string text, int units) =>
        units < 0 || IsFlat(text) ? units : Length(text[..units]);

    /// <summary>The code points from one number to before another, which must not be less.</summary>
    public static string Range(string text, int from, int to)
    {
        int start = ToUnits(text, from);
        return text[start..ToUnits(text, to)];
    }

    public static int Compare(string left, string right)
    {
        int shared = left.AsSpan().CommonPrefixLength(right);
        if (shared == left.Length || shared == right.Length)
        {
            return left.Length.CompareTo(right.Length);
        }

        // Surrogates stand for code points above all others, yet sort below U+E000.
        char a = left[shared];
        char b = right[shared];
        bool highA = char.IsSurrogate(a);
        bool highB = char.IsSurrogate(b);
        return highA == highB ? a.CompareTo(b) : highA ? 1 : -1;
    }

    private static int Width(string text, int unit) =>
        char.IsHighSurrogate(text[unit]) && unit + 1 < text.Length && char.IsLowSurrogate(text[unit + 1]) ? 2 : 1;

    private static string One(char unit) => unit < Single.Length ? Single[unit] : unit.ToString();

    private static readonly string[] Single = [.. Enumerable.Range(0, 128).Select(unit => ((char)unit).ToString())];
}
