using System.Globalization;
using System.Text;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Syntax;

/// <summary>Reads text and bytes in quotes.</summary>
internal static class LiteralText
{
    /// <summary>The string or <see cref="PyBytes"/> whose first quote is at <paramref name="at"/>, which is moved behind it.</summary>
    public static object Read(string text, ref int at, string prefix)
    {
        bool raw = prefix.Contains('r', StringComparison.OrdinalIgnoreCase);
        bool bytes = prefix.Contains('b', StringComparison.OrdinalIgnoreCase);
        char quote = text[at];
        bool triple = at + 2 < text.Length && text[at + 1] == quote && text[at + 2] == quote;
        at += triple ? 3 : 1;
        var content = new StringBuilder();
        while (true)
        {
            if (at >= text.Length || (!triple && text[at] == '\n'))
            {
                throw new SyntaxError("unterminated string literal");
            }

            char unit = text[at];
            if (unit == quote && (!triple || (at + 2 < text.Length && text[at + 1] == quote && text[at + 2] == quote)))
            {
                at += triple ? 3 : 1;
                break;
            }

            if (bytes && unit > 127)
            {
                throw new SyntaxError("bytes can only contain ASCII literal characters");
            }

            at++;
            if (unit != '\\')
            {
                content.Append(unit);
                continue;
            }

            if (at >= text.Length)
            {
                throw new SyntaxError("unterminated string literal");
            }

            if (raw)
            {
                content.Append('\\').Append(text[at++]);
            }
            else
            {
                ReadEscape(text, ref at, content, bytes);
            }
        }

        string value = content.ToString();
        if (bytes)
        {
            return new PyBytes(Encoding.Latin1.GetBytes(value));
        }

        return CodePoints.IsFlat(value) || IsPaired(value) ? value : throw new SyntaxError("lone surrogates are not supported");
    }

    private static bool IsPaired(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && (!char.IsHighSurrogate(text[i]) || ++i >= text.Length || !char.IsLowSurrogate(text[i])))
            {
                return false;
            }
        }

        return true;
    }

    private static void ReadEscape(string text, ref int at, StringBuilder content, bool bytes)
    {
        char unit = text[at++];
        switch (unit)
        {
            case '\n':
                break;
            case '\\' or '\'' or '"':
                content.Append(unit);
                break;
            case 'a':
                content.Append('\a');
                break;
            case 'b':
                content.Append('\b');
                break;
            case 'f':
                content.Append('\f');
                break;
            case 'n':
                content.Append('\n');
                break;
            case 'r':
                content.Append('\r');
                break;
            case 't':
                content.Append('\t');
                break;
            case 'v':
                content.Append('\v');
                break;
            case >= '0' and <= '7':
                int number = unit - '0';
                for (int i = 0; i < 2 && at < text.Length && text[at] is >= '0' and <= '7'; i++)
                {
                    number = (number * 8) + text[at++] - '0';
                }

                content.Append((char)(bytes ? number & 0xFF : number));
                break;
            case 'x':
                content.Append((char)ReadHex(text, ref at, 2));
                break;
            case 'u' when !bytes:
                content.Append((char)ReadHex(text, ref at, 4));
                break;
            case 'U' when !bytes:
                content.Append(Rune.TryCreate(ReadHex(text, ref at, 8), out Rune rune)
                    ? rune.ToString()
                    : throw new SyntaxError("illegal Unicode character"));
                break;
            case 'N' when !bytes:
                throw new SyntaxError("malformed \\N character escape");
            default:
                // An escape that means nothing stays as it is.
                content.Append('\\').Append(unit);
                break;
        }
    }

    private static int ReadHex(string text, ref int at, int digits)
    {
        if (at + digits > text.Length
            || !int.TryParse(text.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int number))
        {
            throw new SyntaxError("truncated escape");
        }

        at += digits;
        return number;
    }
}
