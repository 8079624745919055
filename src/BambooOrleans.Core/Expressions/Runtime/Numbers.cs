using System.Numerics;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>Ints of any size and floats: conversion, comparison and arithmetic as Python has them. A bool is an int.</summary>
internal static class Numbers
{
    // Ints beyond this are of no use in a template, whose decimal text ends far below, and slow to calculate with.
    private const long BitsMax = 1 << 20;

    private static readonly BigInteger ExactMax = BigInteger.One << 53;

    public static bool IsNumber(object item) => item is BigInteger or double or bool;

    public static bool IsInt(object item) => item is BigInteger or bool;

    /// <summary>The int that a bool or an int is.</summary>
    public static BigInteger ToInt(object item) => item switch
    {
        BigInteger number => number,
        bool flag => flag ? BigInteger.One : BigInteger.Zero,
        _ => throw PythonError.Type($"'{TypeNames.Of(item)}' object cannot be interpreted as an integer"),
    };

    /// <summary>An int small enough to count or to index with.</summary>
    public static int ToIndex(object item)
    {
        BigInteger number = ToInt(item);
        return number < int.MinValue || number > int.MaxValue
            ? throw PythonError.Overflow("Python int too large to convert to C ssize_t")
            : (int)number;
    }

    public static double ToFloat(object item) => item switch
    {
        double number => number,
        bool flag => flag ? 1 : 0,
        BigInteger number => ToFloat(number),
        _ => throw PythonError.Type($"must be real number, not {TypeNames.Of(item)}"),
    };

    public static double ToFloat(BigInteger number)
    {
        if (BigInteger.Abs(number) <= ExactMax)
        {
            return (double)(long)number;
        }

        double result = Ratio(number, BigInteger.One);
        return double.IsInfinity(result) ? throw PythonError.Overflow("int too large to convert to float") : result;
    }

    public static BigInteger Truncate(double number) => double.IsNaN(number)
        ? throw PythonError.Value("cannot convert float NaN to integer")
        : double.IsInfinity(number)
            ? throw PythonError.Overflow("cannot convert float infinity to integer")
            : new BigInteger(Math.Truncate(number));

    public static bool AreEqual(object left, object right) => Compare(left, right) == 0;

    /// <summary>The exact order of two numbers; null where one is not a number at all (nan).</summary>
    public static int? Compare(object left, object right)
    {
        if (left is double a)
        {
            return double.IsNaN(a) || right is double.NaN
                ? null
                : right is double b ? a.CompareTo(b) : -CompareInt(ToInt(right), a);
        }

        return right switch
        {
            double.NaN => null,
            double other => CompareInt(ToInt(left), other),
            _ => ToInt(left).CompareTo(ToInt(right)),
        };
    }

    public static BigInteger Add(Run run, BigInteger left, BigInteger right) => Checked(run, left + right);

    public static BigInteger Subtract(Run run, BigInteger left, BigInteger right) => Checked(run, left - right);

    public static BigInteger Multiply(Run run, BigInteger left, BigInteger right)
    {
        Work(run, left, right);
        return Checked(run, left * right);
    }

    public static object Divide(Run run, BigInteger left, BigInteger right)
    {
        if (right.IsZero)
        {
            throw PythonError.ZeroDivision("division by zero");
        }

        Work(run, left, right);
        if (BigInteger.Abs(left) <= ExactMax && BigInteger.Abs(right) <= ExactMax)
        {
            return (double)(long)left / (double)(long)right;
        }

        double result = Ratio(left, right);
        return double.IsInfinity(result) ? throw PythonError.Overflow("integer division result too large for a float") : result;
    }

    public static BigInteger FloorDivide(Run run, BigInteger left, BigInteger right) => DivMod(run, left, right).Quotient;

    public static BigInteger Modulo(Run run, BigInteger left, BigInteger right) => DivMod(run, left, right).Remainder;

    public static (BigInteger Quotient, BigInteger Remainder) DivMod(Run run, BigInteger left, BigInteger right)
    {
        if (right.IsZero)
        {
            throw PythonError.ZeroDivision("integer division or modulo by zero");
        }

        Work(run, left, right);
        var quotient = BigInteger.DivRem(left, right, out BigInteger rest);
        return !rest.IsZero && rest.Sign != right.Sign ? (quotient - 1, rest + right) : (quotient, rest);
    }

    public static (double Quotient, double Remainder) DivMod(double left, double right)
    {
        if (right == 0)
        {
            throw PythonError.ZeroDivision("float floor division by zero");
        }

        double rest = left % right;
        double quotient = (left - rest) / right;
        if (rest != 0)
        {
            if (right < 0 != rest < 0)
            {
                rest += right;
                quotient -= 1;
            }
        }
        else
        {
            rest = Math.CopySign(0, right);
        }

        if (quotient == 0)
        {
            return (Math.CopySign(0, left / right), rest);
        }

        double floor = Math.Floor(quotient);
        return (quotient - floor > 0.5 ? floor + 1 : floor, rest);
    }

    public static object Power(Run run, BigInteger left, BigInteger right)
    {
        if (right.Sign < 0)
        {
            return Power(ToFloat(left), ToFloat(right));
        }

        if (left.IsZero || left.IsOne || right.IsZero)
        {
            return right.IsZero ? BigInteger.One : left;
        }

        if (left == BigInteger.MinusOne)
        {
            return right.IsEven ? BigInteger.One : left;
        }

        if (right > BitsMax)
        {
            throw TooLarge();
        }

        CheckBits(run, (long)(left.GetBitLength() - 1) * (long)right);
        long limbs = ((long)left.GetBitLength() * (long)right) >> 5;
        run.Step((limbs * limbs) >> 12);
        return BigInteger.Pow(left, (int)right);
    }

    public static double Power(double left, double right)
    {
        if (left == 0 && right < 0)
        {
            throw PythonError.ZeroDivision("0.0 cannot be raised to a negative power");
        }

        if (left < 0 && double.IsFinite(left) && double.IsFinite(right) && Math.Floor(right) != right)
        {
            throw PythonError.Unsupported("a complex number");
        }

        double result = Math.Pow(left, right);
        return double.IsInfinity(result) && double.IsFinite(left) && double.IsFinite(right)
            ? throw PythonError.Overflow("(34, 'Numerical result out of range')")
            : result;
    }

    /// <summary><c>pow(base, exponent, modulus)</c></summary>
    public static BigInteger Power(Run run, BigInteger left, BigInteger right, BigInteger modulus)
    {
        if (modulus.IsZero)
        {
            throw PythonError.Value("pow() 3rd argument cannot be 0");
        }

        long limbs = 1 + ((long)modulus.GetBitLength() >> 5);
        run.Step(1 + ((limbs * limbs * (long)right.GetBitLength()) >> 10));
        if (right.Sign < 0)
        {
            left = Inverse(run, left, BigInteger.Abs(modulus));
            right = -right;
        }

        return Modulo(run, BigInteger.ModPow(left, right, modulus), modulus);
    }

    public static BigInteger ShiftLeft(Run run, BigInteger left, BigInteger right)
    {
        if (right.Sign < 0)
        {
            throw PythonError.Value("negative shift count");
        }

        if (left.IsZero)
        {
            return left;
        }

        if (right > BitsMax)
        {
            throw TooLarge();
        }

        CheckBits(run, left.GetBitLength() + (long)right);
        return left << (int)right;
    }

    public static BigInteger ShiftRight(BigInteger left, BigInteger right) => right.Sign < 0
        ? throw PythonError.Value("negative shift count")
        : right > int.MaxValue
            ? left.Sign < 0 ? BigInteger.MinusOne : BigInteger.Zero
            : left >> (int)right;

    /// <summary>The float nearest to a quotient, ties to even; infinity where there is none.</summary>
    public static double Ratio(BigInteger above, BigInteger below)
    {
        if (above.IsZero)
        {
            return below.Sign < 0 ? -0.0 : 0.0;
        }

        bool negative = above.Sign != below.Sign;
        above = BigInteger.Abs(above);
        below = BigInteger.Abs(below);

        // A quotient of 55 to 56 bits with its lowest bit set where more follows rounds right in one step; for results
        // below the normal range fewer bits are kept, as the float has fewer.
        long shift = (long)below.GetBitLength() - (long)above.GetBitLength() + 55;
        shift = Math.Min(shift, 1074 + 2);
        above = shift > 0 ? above << (int)shift : above;
        below = shift < 0 ? below << (int)-shift : below;
        var quotient = BigInteger.DivRem(above, below, out BigInteger rest);
        if (!rest.IsZero)
        {
            quotient |= BigInteger.One;
        }

        int extra = Math.Max((int)quotient.GetBitLength() - 53, (int)Math.Min(shift - 1074, 64));
        if (extra > 0)
        {
            var kept = quotient >> extra;
            BigInteger lost = quotient - (kept << extra);
            int half = lost.CompareTo(BigInteger.One << (extra - 1));
            quotient = half > 0 || (half == 0 && !kept.IsEven) ? kept + 1 : kept;
            shift -= extra;
        }

        double result = Math.ScaleB((double)(long)quotient, (int)Math.Clamp(-shift, -5000, 5000));
        return negative ? -result : result;
    }

    /// <summary>An int's decimal text, which CPython limits in length.</summary>
    public static string ToText(BigInteger number)
    {
        const int digitsMax = 4300;
        if (number.GetBitLength() <= 64)
        {
            return number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        string? text = number.GetBitLength() > digitsMax * 4 ? null : number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return text is null || text.Length - (number.Sign < 0 ? 1 : 0) > digitsMax
            ? throw PythonError.Value("Exceeds the limit (4300 digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit")
            : text;
    }

    private static int CompareInt(BigInteger left, double right)
    {
        if (double.IsInfinity(right))
        {
            return right > 0 ? -1 : 1;
        }

        double floor = Math.Floor(right);
        int order = left.CompareTo(new BigInteger(floor));
        return order == 0 && floor != right ? -1 : order;
    }

    private static BigInteger Inverse(Run run, BigInteger number, BigInteger modulus)
    {
        BigInteger a = Modulo(run, number, modulus);
        (BigInteger m, BigInteger x, BigInteger y) = (modulus, BigInteger.One, BigInteger.Zero);
        while (!a.IsZero && !m.IsZero && !a.IsOne)
        {
            run.Step(1 + ((long)modulus.GetBitLength() >> 6));
            BigInteger quotient = m / a;
            (m, a) = (a, m % a);
            (x, y) = (y - (quotient * x), x);
        }

        return a.IsOne ? x : throw PythonError.Value("base is not invertible for the given modulus");
    }

    /// <summary>Takes the bytes of a result and hands it on.</summary>
    public static BigInteger Checked(Run run, BigInteger number)
    {
        CheckBits(run, (long)number.GetBitLength());
        return number;
    }

    private static void CheckBits(Run run, long bits)
    {
        if (bits > BitsMax)
        {
            throw TooLarge();
        }

        run.Take(16 + (bits >> 3));
    }

    // The work of multiplying and dividing grows with both lengths.
    private static void Work(Run run, BigInteger left, BigInteger right) =>
        run.Step((((long)left.GetBitLength() >> 5) * ((long)right.GetBitLength() >> 5)) >> 10);

    private static ExpressionBudgetException TooLarge() => new("An expression makes an int of more than a million bits.");
}
