using System.Globalization;
using System.Numerics;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>Decimal digits of floats, exact and rounded as Python rounds: half to even.</summary>
internal static class FloatDigits
{
    /// <summary>The most digits after the point that a float can have; beyond are only zeros.</summary>
    public const int FractionMax = 1080;

    /// <summary>A finite number that is not negative as a whole mantissa and a power of two.</summary>
    public static (BigInteger Mantissa, int Exponent) Split(double number)
    {
        long bits = BitConverter.DoubleToInt64Bits(number);
        int exponent = (int)((bits >> 52) & 0x7FF);
        long mantissa = bits & 0xFFFFFFFFFFFFFL;
        return exponent == 0 ? (mantissa, -1074) : (mantissa | 0x10000000000000L, exponent - 1075);
    }

    /// <summary>What <c>repr()</c> shows: the shortest digits that read back as the same number.</summary>
    public static string Shortest(double number)
    {
        if (!double.IsFinite(number))
        {
            return Special(number);
        }

        if (number == 0)
        {
            return double.IsNegative(number) ? "-0.0" : "0.0";
        }

        string scientific = Math.Abs(number).ToString("E16", CultureInfo.InvariantCulture);
        string shortest = Math.Abs(number).ToString("R", CultureInfo.InvariantCulture);
        (string digits, int exponent) = DigitsOf(shortest, scientific);
        string sign = number < 0 ? "-" : string.Empty;
        if (exponent is < -4 or >= 16)
        {
            string fraction = digits.Length > 1 ? "." + digits[1..] : string.Empty;
            return $"{sign}{digits[0]}{fraction}e{Exponent(exponent)}";
        }

        if (exponent < 0)
        {
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        }

        return digits.Length <= exponent + 1
            ? $"{sign}{digits}{new string('0', exponent + 1 - digits.Length)}.0"
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    /// <summary><c>inf</c>, <c>-inf</c> or <c>nan</c>.</summary>
    public static string Special(double number) => double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";

    /// <summary>An exponent with its sign and at least two digits.</summary>
    public static string Exponent(int exponent) =>
        (exponent < 0 ? "-" : "+") + Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture);

    /// <summary>A finite number's absolute value with so many digits after the point.</summary>
    public static string Fixed(double number, int digits)
    {
        int exact = Math.Min(digits, FractionMax);
        string text = Scaled(Math.Abs(number), exact).ToString(CultureInfo.InvariantCulture).PadLeft(exact + 1, '0');
        text = exact == 0 ? text : $"{text[..^exact]}.{text[^exact..]}";
        return digits > exact ? text + new string('0', digits - exact) : text;
    }

    /// <summary>The digits of a finite number's absolute value, so many, and the power of ten of the first.</summary>
    public static (string Digits, int Exponent) Significant(double number, int count)
    {
        number = Math.Abs(number);
        if (number == 0)
        {
            return (new string('0', count), 0);
        }

        int exact = Math.Min(count, FractionMax);
        int exponent = (int)Math.Floor(Math.Log10(number));
        while (true)
        {
            string digits = Scaled(number, exact - 1 - exponent).ToString(CultureInfo.InvariantCulture);
            if (digits.Length == exact)
            {
                return (digits + new string('0', count - exact), exponent);
            }

            // The estimate was one off, or rounding made one digit more.
            exponent += digits.Length > exact ? 1 : -1;
        }
    }

    /// <summary><c>number × 10^power</c>, rounded half to even.</summary>
    public static BigInteger Scaled(double number, int power)
    {
        (BigInteger above, int exponent) = Split(number);
        BigInteger below = BigInteger.One;
        if (power >= 0)
        {
            above *= BigInteger.Pow(10, power);
        }
        else
        {
            below *= BigInteger.Pow(10, -power);
        }

        if (exponent >= 0)
        {
            above <<= exponent;
        }
        else
        {
            below <<= -exponent;
        }

        var quotient = BigInteger.DivRem(above, below, out BigInteger rest);
        int half = (rest << 1).CompareTo(below);
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static (string Digits, int Exponent) DigitsOf(string shortest, string scientific)
    {
        int exponent = int.Parse(scientific.AsSpan(scientific.IndexOf('E') + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        int mark = shortest.IndexOf('E');
        string plain = (mark < 0 ? shortest : shortest[..mark]).Replace(".", string.Empty, StringComparison.Ordinal);
        string digits = plain.TrimStart('0').TrimEnd('0');
        if (mark >= 0)
        {
            exponent = int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        }
        else
        {
            // Seventeen digits may round up to the next power of ten where the shortest do not: count from the text itself.
            int point = shortest.IndexOf('.');
            int whole = point < 0 ? shortest.Length : point;
            exponent = shortest[0] != '0' ? whole - 1 : -(shortest.Length - point - 1 - shortest[(point + 1)..].TrimStart('0').Length) - 1;
        }

        return (digits, exponent);
    }
}
