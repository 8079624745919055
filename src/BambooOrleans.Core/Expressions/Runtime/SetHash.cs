using System.Numerics;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>
/// The hashes that place items in a <see cref="PySet"/>: CPython's own for numbers and tuples of them, and for text, where
/// CPython's change from process to process, ones that never change.
/// </summary>
internal static class SetHash
{
    private const int Bits = 61;
    private const ulong Modulus = (1UL << Bits) - 1;

    public static long Of(object key) => key switch
    {
        bool flag => flag ? 1 : 0,
        BigInteger number => OfInt(number),
        double number => OfFloat(number),
        string text => OfText(text),
        PyTuple tuple => OfTuple(tuple),
        PyBytes bytes => OfText(Convert.ToHexString(bytes.Data)),
        PyNone => 0xfca86420,
        PyList or PyDict or PySet or PySlice => throw PythonError.Type($"unhashable type: '{TypeNames.Of(key)}'"),
        PyRange range => OfInt(range.Length),
        _ => OfText(TypeNames.Of(key)),
    };

    private static long OfInt(BigInteger number)
    {
        long hash = (long)(BigInteger.Abs(number) % Modulus);
        hash = number.Sign < 0 ? -hash : hash;
        return hash == -1 ? -2 : hash;
    }

    private static long OfFloat(double number)
    {
        if (double.IsInfinity(number))
        {
            return number > 0 ? 314159 : -314159;
        }

        if (double.IsNaN(number))
        {
            return 0;
        }

        // The number is mantissa × 2^exponent with a whole mantissa; 2^61 counts as 1 modulo 2^61 − 1.
        (BigInteger mantissa, int exponent) = FloatDigits.Split(Math.Abs(number));
        ulong hash = (ulong)(mantissa % Modulus);
        int turn = ((exponent % Bits) + Bits) % Bits;
        hash = turn == 0 ? hash : ((hash << turn) & Modulus) | (hash >> (Bits - turn));
        long signed = number < 0 ? -(long)hash : (long)hash;
        return signed == -1 ? -2 : signed;
    }

    private static long OfText(string text)
    {
        ulong hash = 14695981039346656037;
        foreach (char unit in text)
        {
            hash = unchecked((hash ^ unit) * 1099511628211);
        }

        return (long)hash;
    }

    private static long OfTuple(PyTuple tuple)
    {
        const ulong prime1 = 11400714785074694791;
        const ulong prime2 = 14029467366897019727;
        const ulong prime5 = 2870177450012600261;
        unchecked
        {
            ulong hash = prime5;
            foreach (object item in tuple.Items)
            {
                hash += (ulong)Of(item) * prime2;
                hash = BitOperations.RotateLeft(hash, 31);
                hash *= prime1;
            }

            hash += (ulong)tuple.Items.Length ^ (prime5 ^ 3527539);
            return hash == ulong.MaxValue ? 1546275796 : (long)hash;
        }
    }
}
