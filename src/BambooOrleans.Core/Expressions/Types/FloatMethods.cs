using System.Globalization;
using System.Numerics;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>The methods of <c>float</c>.</summary>
internal static class FloatMethods
{
    public static MethodTable Table { get; } = new MethodTable("float")
        .Add("is_integer", string.Empty, (_, self, _) => double.IsFinite((double)self) && Math.Floor((double)self) == (double)self)
        .Add("conjugate", string.Empty, (_, self, _) => self)
        .Add("hex", string.Empty, (_, self, _) => Hex((double)self))
        .Add("as_integer_ratio", string.Empty, (_, self, _) => Ratio((double)self));

    /// <summary><c>round(number, digits)</c>, exact and half to even.</summary>
    public static object Round(double number, object? digits)
    {
        if (digits is null or PyNone)
        {
            return Numbers.Truncate(Math.Round(number, MidpointRounding.ToEven));
        }

        int places = (int)BigInteger.Max(-400, BigInteger.Min(400, Numbers.ToInt(digits)));
        if (!double.IsFinite(number) || number == 0 || places > 323)
        {
            return number;
        }

        if (places < -308)
        {
            return Math.CopySign(0.0, number);
        }

        string text = FloatDigits.Scaled(Math.Abs(number), places).ToString(CultureInfo.InvariantCulture);
        double rounded = double.Parse($"{text}e{-places}", NumberStyles.Float, CultureInfo.InvariantCulture);
        return double.IsInfinity(rounded)
            ? throw PythonError.Overflow("rounded value too large to represent")
            : Math.CopySign(rounded, number);
    }

    private static string Hex(double number)
    {
        if (!double.IsFinite(number))
        {
            return FloatDigits.Special(number);
        }

        string sign = double.IsNegative(number) ? "-" : string.Empty;
        long bits = BitConverter.DoubleToInt64Bits(number);
        int exponent = (int)((bits >> 52) & 0x7FF);
        long fraction = bits & 0xFFFFFFFFFFFFFL;
        if (exponent == 0 && fraction == 0)
        {
            return sign + "0x0.0p+0";
        }

        int power = exponent == 0 ? -1022 : exponent - 1023;
        string digits = fraction.ToString("x13", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{sign}0x{(exponent == 0 ? 0 : 1)}.{digits}p{(power < 0 ? "-" : "+")}{Math.Abs(power)}");
    }

    private static PyTuple Ratio(double number)
    {
        if (!double.IsFinite(number))
        {
            throw double.IsNaN(number)
                ? PythonError.Value("cannot convert NaN to integer ratio")
                : PythonError.Overflow("cannot convert Infinity to integer ratio");
        }

        (BigInteger above, int exponent) = FloatDigits.Split(Math.Abs(number));
        BigInteger below = BigInteger.One;
        above = exponent > 0 ? above << exponent : above;
        below = exponent < 0 ? below << -exponent : below;
        var common = BigInteger.GreatestCommonDivisor(above, below);
        return PyTuple.Of((number < 0 ? -above : above) / common, below / common);
    }
}
