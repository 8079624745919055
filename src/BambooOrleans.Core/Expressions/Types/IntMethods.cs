using System.Numerics;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>The methods of <c>int</c>, which <c>bool</c> shares.</summary>
internal static class IntMethods
{
    public static MethodTable Table { get; } = new MethodTable("int")
        .Add("bit_length", string.Empty, (_, self, _) => (BigInteger)BitLength(Numbers.ToInt(self)))
        .Add("bit_count", string.Empty, (_, self, _) =>
        {
            byte[] bytes = BigInteger.Abs(Numbers.ToInt(self)).ToByteArray();
            return (BigInteger)bytes.Sum(unit => BitOperations.PopCount(unit));
        })
        .Add("conjugate", string.Empty, (_, self, _) => Numbers.ToInt(self))
        .Add("as_integer_ratio", string.Empty, (_, self, _) => PyTuple.Of(Numbers.ToInt(self), BigInteger.One))
        .Add("to_bytes", "length?, byteorder?, *, signed?", (run, self, arguments) => ToBytes(
            run,
            Numbers.ToInt(self),
            TextMethods.Int(arguments[0], 1),
            IsBig(arguments[1]),
            arguments[2] is not null && Truth.Of(arguments[2]!)));

    /// <summary><c>int.from_bytes</c></summary>
    public static object FromBytes(Run run, object?[] arguments)
    {
        byte[] bytes = arguments[0] is PyBytes given
            ? given.Data
            : [.. Iteration.Over(run, arguments[0]!).Select(BytesMethods.Byte)];
        return new BigInteger(bytes, isUnsigned: arguments[2] is null || !Truth.Of(arguments[2]!), isBigEndian: IsBig(arguments[1]));
    }

    private static long BitLength(BigInteger number) => number.IsZero ? 0 : (long)BigInteger.Abs(number).GetBitLength();

    private static bool IsBig(object? order) => order switch
    {
        null or "big" => true,
        "little" => false,
        _ => throw PythonError.Value("byteorder must be either 'little' or 'big'"),
    };

    private static PyBytes ToBytes(Run run, BigInteger number, int length, bool big, bool signed)
    {
        if (length < 0)
        {
            throw PythonError.Value("length argument must be non-negative");
        }

        if (number.Sign < 0 && !signed)
        {
            throw PythonError.Overflow("can't convert negative int to unsigned");
        }

        run.Take(length);
        byte[] bytes = number.IsZero ? [] : number.ToByteArray(isUnsigned: !signed, isBigEndian: false);
        if (bytes.Length > length)
        {
            throw PythonError.Overflow("int too big to convert");
        }

        byte[] padded = new byte[length];
        Array.Fill(padded, number.Sign < 0 ? (byte)0xFF : (byte)0);
        bytes.CopyTo(padded, 0);
        if (big)
        {
            Array.Reverse(padded);
        }

        return new PyBytes(padded);
    }
}
