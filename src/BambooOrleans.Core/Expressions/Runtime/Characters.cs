using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>What Python says of single characters.</summary>
internal static class Characters
{
    // Ideographs that stand for numbers, which the platform does not know as such.
    private static readonly FrozenSet<int> Ideographs = string.Concat(
        "\u3405\u3483\u382a\u3b4d\u4e00\u4e03\u4e07\u4e09\u4e5d\u4e8c\u4e94\u4e96\u4ebf\u4ec0\u4edf\u4ee8",
        "\u4f0d\u4f70\u5104\u5146\u5169\u516b\u516d\u5341\u5343\u5344\u5345\u534c\u53c1\u53c2\u53c3\u53c4",
        "\u56db\u58f1\u58f9\u5e7a\u5efe\u5eff\u5f0c\u5f0d\u5f0e\u5f10\u62fe\u634c\u67d2\u6f06\u7396\u767e",
        "\u8086\u842c\u8cae\u8cb3\u8d30\u9621\u9646\u964c\u9678\u96f6\uf96b\uf973\uf978\uf9b2\uf9d1\uf9d3",
        "\uf9fd\U00020001\U00020064\U000200e2\U00020121\U0002092a\U00020983\U0002098c\U0002099c\U00020aea",
        "\U00020afd\U00020b19\U00022390\U00022998\U00023b1b\U0002626d\U0002f890").EnumerateRunes().Select(rune => rune.Value).ToFrozenSet();

    public static bool IsSpace(char unit) => char.IsWhiteSpace(unit) || unit is >= '\u001c' and <= '\u001f';

    public static bool IsLineEnd(char unit) =>
        unit is '\n' or '\r' or '\v' or '\f' or '\u001c' or '\u001d' or '\u001e' or '\u0085' or '\u2028' or '\u2029';

    public static string Strip(string text, bool left = true, bool right = true)
    {
        int start = 0;
        int end = text.Length;
        while (left && start < end && IsSpace(text[start]))
        {
            start++;
        }

        while (right && end > start && IsSpace(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    public static int DecimalDigit(Rune rune) =>
        Rune.GetUnicodeCategory(rune) == UnicodeCategory.DecimalDigitNumber ? (int)Rune.GetNumericValue(rune) : -1;

    public static bool IsDigit(Rune rune)
    {
        string text = rune.ToString();
        return CharUnicodeInfo.GetDigitValue(text, 0) >= 0;
    }

    public static bool IsNumeric(Rune rune) => Rune.GetNumericValue(rune) != -1 || Ideographs.Contains(rune.Value);

    public static bool IsAlpha(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter
        or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter;

    public static bool IsUpper(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.UppercaseLetter
        || rune.Value is (>= 0x2160 and <= 0x216F) or (>= 0x24B6 and <= 0x24CF);

    public static bool IsTitle(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.TitlecaseLetter;

    public static bool IsLower(Rune rune) => Rune.GetUnicodeCategory(rune) == UnicodeCategory.LowercaseLetter
        || rune.Value is 0xAA or 0xBA or (>= 0x2170 and <= 0x217F) or (>= 0x24D0 and <= 0x24E9)
        or (>= 0x2B0 and <= 0x2B8) or 0x2C0 or 0x2C1 or (>= 0x2E0 and <= 0x2E4) or (>= 0x1D2C and <= 0x1D6A);

    public static bool IsCased(Rune rune) => IsUpper(rune) || IsLower(rune) || IsTitle(rune);

    public static bool IsNameStart(char unit) => unit == '_' || char.IsLetter(unit) || char.GetUnicodeCategory(unit) == UnicodeCategory.LetterNumber;

    public static bool IsNamePart(char unit) => IsNameStart(unit) || char.GetUnicodeCategory(unit) is
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.ConnectorPunctuation
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
