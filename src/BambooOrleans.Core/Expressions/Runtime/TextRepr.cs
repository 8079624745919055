using System.Globalization;
using System.Text;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>Text and bytes as Python writes them in quotes.</summary>
internal static class TextRepr
{
    public static void Write(StringBuilder target, string text)
    {
        char quote = text.Contains('\'', StringComparison.Ordinal) && !text.Contains('"', StringComparison.Ordinal) ? '"' : '\'';
        target.Append(quote);
        for (int i = 0; i < text.Length; i++)
        {
            char unit = text[i];
            if (unit == quote || unit == '\\')
            {
                target.Append('\\').Append(unit);
            }
            else if (unit is >= ' ' and < '\u007f')
            {
                target.Append(unit);
            }
            else if (char.IsHighSurrogate(unit) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                var rune = new Rune(unit, text[++i]);
                if (IsPrintable(rune))
                {
                    target.Append(rune);
                }
                else
                {
                    target.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}");
                }
            }
            else
            {
                WriteUnit(target, unit);
            }
        }

        target.Append(quote);
    }

    public static void Write(StringBuilder target, byte[] bytes)
    {
        char quote = bytes.Contains((byte)'\'') && !bytes.Contains((byte)'"') ? '"' : '\'';
        target.Append('b').Append(quote);
        foreach (byte unit in bytes)
        {
            _ = unit switch
            {
                (byte)'\t' => target.Append("\\t"),
                (byte)'\n' => target.Append("\\n"),
                (byte)'\r' => target.Append("\\r"),
                (byte)'\\' => target.Append("\\\\"),
                < 32 or >= 127 => target.Append(CultureInfo.InvariantCulture, $"\\x{unit:x2}"),
                _ when unit == quote => target.Append('\\').Append(quote),
                _ => target.Append((char)unit),
            };
        }

        target.Append(quote);
    }

    public static bool IsPrintable(Rune rune) => rune.Value == ' ' || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.SpaceSeparator);

    private static void WriteUnit(StringBuilder target, char unit)
    {
        switch (unit)
        {
            case '\n':
                target.Append("\\n");
                break;
            case '\r':
                target.Append("\\r");
                break;
            case '\t':
                target.Append("\\t");
                break;
            default:
                if (Rune.TryCreate(unit, out Rune rune) && IsPrintable(rune))
                {
                    target.Append(unit);
                }
                else if (unit < 256)
                {
                    target.Append(CultureInfo.InvariantCulture, $"\\x{(int)unit:x2}");
                }
                else
                {
                    target.Append(CultureInfo.InvariantCulture, $"\\u{(int)unit:x4}");
                }

                break;
        }
    }
}
