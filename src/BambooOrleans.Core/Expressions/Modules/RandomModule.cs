using System.Numerics;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Modules;

/// <summary><c>random</c>, with the chance that the host brings.</summary>
internal static class RandomModule
{
    public static PyModule Module { get; } = ModuleTable.Module(
        "random",
        ("random", string.Empty, (run, _) => Fraction(run)),
        ("randint", "a, b", (run, arguments) => Between(run, Numbers.ToInt(arguments[0]!), Numbers.ToInt(arguments[1]!) + 1)),
        ("randrange", "start, stop?, step?", RandomRange),
        ("uniform", "a, b", (run, arguments) =>
        {
            double low = Numbers.ToFloat(arguments[0]!);
            return low + ((Numbers.ToFloat(arguments[1]!) - low) * Fraction(run));
        }
    ),
        ("choice", "seq", (run, arguments) => Choice(run, arguments[0]!)),
        ("choices", "population, *, k?", (run, arguments) =>
        {
            var chosen = new List<object>();
            for (int left = arguments[1] is null ? 1 : Numbers.ToIndex(arguments[1]!); left > 0; left--)
            {
                run.Take(8);
                chosen.Add(Choice(run, arguments[0]!));
            }

            return new PyList(chosen);
        }
    ),
        ("sample", "population, k", Sample),
        ("getrandbits", "k", (run, arguments) => Bits(run, Numbers.ToIndex(arguments[0]!))),
        ("shuffle", "x", (run, arguments) =>
        {
            run.Mutated = true;
            List<object> items = (arguments[0] as PyList ?? throw PythonError.Type("a list is required")).Items;
            Shuffle(run, items);
            return PyNone.Instance;
        }
    ));

    private static double Fraction(Run run)
    {
        run.Step();
        return (ModuleTable.Environment(run).NextRandom() >> 11) * (1.0 / (1UL << 53));
    }

    private static BigInteger Bits(Run run, int count)
    {
        if (count < 0)
        {
            throw PythonError.Value("number of bits must be non-negative");
        }

        run.Step(1 + (count >> 6));
        run.Take(count >> 3);
        BigInteger number = BigInteger.Zero;
        for (int left = count; left > 0; left -= 64)
        {
            ulong unit = ModuleTable.Environment(run).NextRandom();
            int width = Math.Min(left, 64);
            number = (number << width) | (unit >> (64 - width));
        }

        return number;
    }

    // Numbers beyond the range are drawn again, so that each in it is as likely as any other.
    private static BigInteger Between(Run run, BigInteger low, BigInteger high)
    {
        BigInteger width = high - low;
        if (width.Sign <= 0)
        {
            throw PythonError.Value($"empty range for randrange() ({low}, {high}, {width})");
        }

        int bits = (int)Math.Min(width.GetBitLength(), 1 << 20);
        BigInteger drawn;
        do
        {
            drawn = Bits(run, bits);
        }
        while (drawn >= width);
        return low + drawn;
    }

    private static object RandomRange(Run run, object?[] arguments)
    {
        BigInteger first = Numbers.ToInt(arguments[0]!);
        BigInteger step = arguments[2] is null ? BigInteger.One : Numbers.ToInt(arguments[2]!);
        if (step.IsZero)
        {
            throw PythonError.Value("zero step for randrange()");
        }

        PyRange range = arguments[1] is null ? new PyRange(0, first, 1) : new PyRange(first, Numbers.ToInt(arguments[1]!), step);
        return range.At(Between(run, 0, range.Length));
    }

    private static object Choice(Run run, object sequence)
    {
        BigInteger count = sequence switch
        {
            string text => CodePoints.Length(text),
            PyList list => list.Items.Count,
            PyTuple tuple => tuple.Items.Length,
            PyRange range => range.Length,
            PyBytes bytes => bytes.Data.Length,
            _ => throw PythonError.Type($"object of type '{TypeNames.Of(sequence)}' has no len()"),
        };
        return count.IsZero
            ? throw PythonError.Index("Cannot choose from an empty sequence")
            : Subscripts.Get(run, sequence, Between(run, 0, count));
    }

    private static object Sample(Run run, object?[] arguments)
    {
        List<object> items = Iteration.ToList(run, arguments[0]!);
        int count = Numbers.ToIndex(arguments[1]!);
        if (count < 0 || count > items.Count)
        {
            throw PythonError.Value("Sample larger than population or is negative");
        }

        Shuffle(run, items);
        return new PyList(items[..count]);
    }

    private static void Shuffle(Run run, List<object> items)
    {
        for (int i = items.Count - 1; i > 0; i--)
        {
            int j = (int)Between(run, 0, i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
