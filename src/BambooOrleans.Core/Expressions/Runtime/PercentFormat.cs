using System.Globalization;
using System.Numerics;
using System.Text;
using BambooOrleans.Core.Expressions.Modules;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>The <c>%</c> operator of text.</summary>
internal static class PercentFormat
{
    public static string Format(Run run, string format, object arguments)
    {
        var target = new StringBuilder();
        object[] items = arguments is PyTuple tuple ? tuple.Items : [arguments];
        int next = 0;
        bool named = false;
        object Take() => next < items.Length ? items[next++] : throw PythonError.Type("not enough arguments for format string");

        for (int i = 0; i < format.Length;)
        {
            if (format[i] != '%')
            {
                int end = format.IndexOf('%', i);
                end = end < 0 ? format.Length : end;
                target.Append(format, i, end - i);
                i = end;
                continue;
            }

            i++;
            if (i < format.Length && format[i] == '%')
            {
                target.Append('%');
                i++;
                continue;
            }

            string? key = ReadKey(format, ref i);
            if (key is not null)
            {
                // The whole right side is the mapping, and is thereby used up.
                object mapping = arguments is PyDict ? arguments : throw PythonError.Type("format requires a mapping");
                items = [Subscripts.Get(run, mapping, key)];
                next = 0;
                named = true;
            }

            Spec spec = ReadSpec(format, ref i, Take);
            run.Step();
            run.Take(2L * (Math.Max(spec.Width, 0) + Math.Max(spec.Precision, 0)));
            string text = Convert(run, spec, Take());
            run.Take(2L * text.Length);
            target.Append(text);
        }

        if (!named && next < items.Length && arguments is not (PyDict or PyList or PyBytes or PyRange or PythonMatch))
        {
            throw PythonError.Type("not all arguments converted during string formatting");
        }

        return run.Taken(target.ToString());
    }

    private static string? ReadKey(string format, ref int i)
    {
        if (i >= format.Length || format[i] != '(')
        {
            return null;
        }

        int start = ++i;
        for (int depth = 1; i < format.Length; i++)
        {
            depth += format[i] == '(' ? 1 : format[i] == ')' ? -1 : 0;
            if (depth == 0)
            {
                return format[start..i++];
            }
        }

        throw PythonError.Value("incomplete format key");
    }

    private static Spec ReadSpec(string format, ref int i, Func<object> take)
    {
        var spec = new Spec { Width = -1, Precision = -1 };
        while (i < format.Length && format[i] is '-' or '+' or ' ' or '#' or '0')
        {
            _ = format[i++] switch
            {
                '-' => spec.Left = true,
                '+' => spec.Plus = true,
                ' ' => spec.Blank = true,
                '#' => spec.Alternate = true,
                _ => spec.Zero = true,
            };
        }

        spec.Width = ReadNumber(format, ref i, take);
        if (spec.Width < -1)
        {
            spec.Left = true;
            spec.Width = -spec.Width;
        }

        if (i < format.Length && format[i] == '.')
        {
            i++;
            spec.Precision = Math.Max(0, ReadNumber(format, ref i, take));
        }

        if (i < format.Length && format[i] is 'h' or 'l' or 'L')
        {
            i++;
        }

        spec.Kind = i < format.Length ? format[i++] : throw PythonError.Value("incomplete format");
        return spec;
    }

    private static int ReadNumber(string format, ref int i, Func<object> take)
    {
        if (i < format.Length && format[i] == '*')
        {
            i++;
            object number = take();
            return Numbers.IsInt(number) ? Numbers.ToIndex(number) : throw PythonError.Type("* wants int");
        }

        int start = i;
        while (i < format.Length && char.IsAsciiDigit(format[i]))
        {
            i++;
        }

        return i == start
            ? -1
            : int.TryParse(format.AsSpan(start, i - start), NumberStyles.None, CultureInfo.InvariantCulture, out int value)
                ? value
                : throw PythonError.Value("width too big");
    }

    private static string Convert(Run run, Spec spec, object item)
    {
        switch (spec.Kind)
        {
            case 's' or 'r' or 'a':
                string text = spec.Kind == 's' ? PythonRepr.Str(run, item) : PythonRepr.Repr(run, item);
                text = spec.Kind == 'a' ? Ascii(text) : text;
                text = spec.Precision >= 0 && spec.Precision < text.Length ? CodePoints.Range(text, 0, spec.Precision) : text;
                return Pad(spec, string.Empty, text, zero: false);
            case 'c':
                return Pad(spec, string.Empty, Character(item), zero: false);
            case 'd' or 'i' or 'u' or 'x' or 'X' or 'o':
                return OfInt(spec, item);
            case 'e' or 'E' or 'f' or 'F' or 'g' or 'G':
                return OfFloat(spec, Numbers.IsNumber(item) ? Numbers.ToFloat(item) : throw PythonError.Type($"must be real number, not {TypeNames.Of(item)}"));
            default:
                throw PythonError.Value($"unsupported format character '{spec.Kind}' (0x{(int)spec.Kind:x})");
        }
    }

    private static string OfInt(Spec spec, object item)
    {
        bool isDecimal = spec.Kind is 'd' or 'i' or 'u';
        BigInteger number = item switch
        {
            double real when isDecimal => Numbers.Truncate(real),
            BigInteger or bool => Numbers.ToInt(item),
            _ => throw PythonError.Type(isDecimal
                ? $"%{spec.Kind} format: a real number is required, not {TypeNames.Of(item)}"
                : $"%{spec.Kind} format: an integer is required, not {TypeNames.Of(item)}"),
        };
        string digits = isDecimal ? Numbers.ToText(BigInteger.Abs(number)) : IntText.InBase(BigInteger.Abs(number), spec.Kind == 'o' ? 8 : 16);
        digits = spec.Kind == 'X' ? digits.ToUpperInvariant() : digits;
        digits = spec.Precision > digits.Length ? digits.PadLeft(spec.Precision, '0') : digits;
        string prefix = spec.Alternate && !isDecimal ? $"0{spec.Kind}" : string.Empty;
        return Pad(spec, Sign(spec, number.Sign < 0) + prefix, digits, spec.Zero);
    }

    private static string OfFloat(Spec spec, double number)
    {
        bool upper = char.IsAsciiLetterUpper(spec.Kind);
        string text = double.IsFinite(number)
            ? FloatText(char.ToLowerInvariant(spec.Kind), Math.Abs(number), spec.Precision < 0 ? 6 : spec.Precision, spec.Alternate)
            : FloatDigits.Special(Math.Abs(number));
        return Pad(spec, Sign(spec, double.IsNegative(number) && !double.IsNaN(number)), upper ? text.ToUpperInvariant() : text, spec.Zero);
    }

    private static string FloatText(char kind, double number, int precision, bool alternate)
    {
        string point = alternate && precision == 0 ? "." : string.Empty;
        switch (kind)
        {
            case 'f':
                return FloatDigits.Fixed(number, precision) + point;
            case 'e':
                (string digits, int exponent) = FloatDigits.Significant(number, precision + 1);
                return digits[0] + (precision > 0 ? "." + digits[1..] : point) + "e" + FloatDigits.Exponent(exponent);
            default:
                return General(number, Math.Max(precision, 1), alternate);
        }
    }

    private static string General(double number, int precision, bool alternate)
    {
        (string digits, int exponent) = FloatDigits.Significant(number, precision);
        digits = alternate ? digits : digits.TrimEnd('0');
        digits = digits.Length == 0 ? "0" : digits;
        if (exponent < -4 || exponent >= precision)
        {
            string fraction = digits.Length > 1 || alternate ? "." + digits[1..] : string.Empty;
            return digits[0] + fraction + "e" + FloatDigits.Exponent(exponent);
        }

        if (exponent < 0)
        {
            return "0." + new string('0', -exponent - 1) + digits;
        }

        digits = digits.PadRight(exponent + 1, '0');
        string rest = digits[(exponent + 1)..];
        return digits[..(exponent + 1)] + (rest.Length > 0 || alternate ? "." + rest : string.Empty);
    }

    private static string Character(object item)
    {
        if (item is string text)
        {
            return CodePoints.Length(text) == 1 ? text : throw PythonError.Type("%c requires int or char");
        }

        BigInteger number = Numbers.IsInt(item) ? Numbers.ToInt(item) : throw PythonError.Type("%c requires int or char");
        if (number < 0 || number > 0x10FFFF)
        {
            throw PythonError.Overflow("%c arg not in range(0x110000)");
        }

        return Rune.TryCreate((int)number, out Rune rune) ? rune.ToString() : throw PythonError.Unsupported("a lone surrogate");
    }

    private static string Ascii(string text)
    {
        var target = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                < 128 => target.Append(rune),
                < 256 => target.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"),
                < 65536 => target.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:x4}"),
                _ => target.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:x8}"),
            };
        }

        return target.ToString();
    }

    private static string Sign(Spec spec, bool negative) => negative ? "-" : spec.Plus ? "+" : spec.Blank ? " " : string.Empty;

    private static string Pad(Spec spec, string prefix, string text, bool zero)
    {
        int missing = spec.Width - prefix.Length - CodePoints.Length(text);
        if (missing <= 0)
        {
            return prefix + text;
        }

        return spec.Left
            ? prefix + text + new string(' ', missing)
            : zero
                ? prefix + new string('0', missing) + text
                : new string(' ', missing) + prefix + text;
    }

    private struct Spec
    {
        public bool Left;
        public bool Plus;
        public bool Blank;
        public bool Alternate;
        public bool Zero;
        public int Width;
        public int Precision;
        public char Kind;
    }
}
