using System.Globalization;
using System.Numerics;
using System.Text;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>Ints and floats read from text and written in other bases.</summary>
internal static class IntText
{
    private const int DigitsMax = 4300;

    /// <summary>The digits of a number that is not negative in base 2, 8 or 16.</summary>
    public static string InBase(BigInteger number, int numberBase)
    {
        int bits = numberBase == 16 ? 4 : numberBase == 8 ? 3 : 1;
        if (number.IsZero)
        {
            return "0";
        }

        int count = (int)(((long)number.GetBitLength() + bits - 1) / bits);
        byte[] bytes = number.ToByteArray();
        return string.Create(count, (bytes, bits), static (span, from) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                int digit = 0;
                for (int bit = 0; bit < from.bits; bit++)
                {
                    int place = ((span.Length - 1 - i) * from.bits) + bit;
                    int unit = place >> 3 < from.bytes.Length ? from.bytes[place >> 3] : 0;
                    digit |= ((unit >> (place & 7)) & 1) << bit;
                }

                span[i] = "0123456789abcdef"[digit];
            }
        });
    }

    /// <summary>What <c>int(text, base)</c> reads, or null where it is an error.</summary>
    public static BigInteger? ReadInt(string text, int numberBase)
    {
        string digits = Normalized(text);
        int i = 0;
        bool negative = digits.StartsWith('-');
        if (digits.Length > 0 && digits[0] is '+' or '-')
        {
            i++;
        }

        if (i + 1 < digits.Length && digits[i] == '0')
        {
            int marked = char.ToLowerInvariant(digits[i + 1]) switch
            {
                'x' => 16,
                'o' => 8,
                'b' => 2,
                _ => 0,
            };
            if (marked != 0 && (numberBase == 0 || numberBase == marked))
            {
                numberBase = marked;
                i += 2;
                i += i < digits.Length && digits[i] == '_' ? 1 : 0;
            }
            else if (numberBase == 0 && digits[i..].Trim('0', '_').Length > 0)
            {
                return null;
            }
        }

        numberBase = numberBase == 0 ? 10 : numberBase;
        ReadOnlySpan<char> rest = digits.AsSpan(i);
        if (rest.IsEmpty || rest[0] == '_' || rest[^1] == '_' || rest.Contains("__", StringComparison.Ordinal))
        {
            return null;
        }

        string plain = rest.ToString().Replace("_", string.Empty, StringComparison.Ordinal);
        foreach (char unit in plain)
        {
            int digit = DigitOf(unit);
            if (digit < 0 || digit >= numberBase)
            {
                return null;
            }
        }

        if (plain.Length > DigitsMax && !BitOperations.IsPow2(numberBase))
        {
            throw PythonError.Value($"Exceeds the limit (4300 digits) for integer string conversion: value has {plain.Length} digits; use sys.set_int_max_str_digits() to increase the limit");
        }

        BigInteger number = Parse(plain, numberBase);
        return negative ? -number : number;
    }

    /// <summary>What <c>float(text)</c> reads, or null where it is an error.</summary>
    public static double? ReadFloat(string text)
    {
        string digits = Normalized(text);
        string bare = digits.TrimStart('+', '-');
        if (digits.Length - bare.Length > 1 || bare.Length == 0)
        {
            return null;
        }

        double sign = digits[0] == '-' ? -1 : 1;
        switch (bare.ToLowerInvariant())
        {
            case "inf" or "infinity":
                return sign * double.PositiveInfinity;
            case "nan":
                return double.NaN;
        }

        for (int i = 0; i < bare.Length; i++)
        {
            if (bare[i] == '_' && (i == 0 || i == bare.Length - 1 || !char.IsAsciiDigit(bare[i - 1]) || !char.IsAsciiDigit(bare[i + 1])))
            {
                return null;
            }

            if (!char.IsAsciiDigit(bare[i]) && bare[i] is not ('.' or 'e' or 'E' or '+' or '-' or '_'))
            {
                return null;
            }
        }

        const NumberStyles styles = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(bare.Replace("_", string.Empty, StringComparison.Ordinal), styles, CultureInfo.InvariantCulture, out double number)
            ? sign * number
            : null;
    }

    private static BigInteger Parse(string digits, int numberBase)
    {
        if (numberBase == 10)
        {
            return BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        }

        if (numberBase == 16)
        {
            return BigInteger.Parse("0" + digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        }

        // Halves keep the work below that of one long sum.
        if (digits.Length > 64)
        {
            int low = digits.Length / 2;
            return (Parse(digits[..^low], numberBase) * BigInteger.Pow(numberBase, low)) + Parse(digits[^low..], numberBase);
        }

        BigInteger number = BigInteger.Zero;
        foreach (char unit in digits)
        {
            number = (number * numberBase) + DigitOf(unit);
        }

        return number;
    }

    private static int DigitOf(char unit) => unit switch
    {
        >= '0' and <= '9' => unit - '0',
        >= 'a' and <= 'z' => unit - 'a' + 10,
        >= 'A' and <= 'Z' => unit - 'A' + 10,
        _ => -1,
    };

    // Python reads the digits of every script, and ignores white space around.
    private static string Normalized(string text)
    {
        string trimmed = Characters.Strip(text);
        if (System.Text.Ascii.IsValid(trimmed))
        {
            return trimmed;
        }

        var target = new StringBuilder(trimmed.Length);
        foreach (Rune rune in trimmed.EnumerateRunes())
        {
            int digit = Characters.DecimalDigit(rune);
            _ = digit >= 0 ? target.Append((char)('0' + digit)) : target.Append(rune);
        }

        return target.ToString();
    }
}
