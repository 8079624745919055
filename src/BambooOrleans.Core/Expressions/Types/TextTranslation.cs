using System.Numerics;
using System.Text;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary><c>str.maketrans</c> and <c>str.translate</c>.</summary>
internal static class TextTranslation
{
    public static object MakeTable(Run run, object?[] arguments)
    {
        var table = new PyDict();
        if (arguments[1] is null)
        {
            PyDict dict = arguments[0] as PyDict ?? throw PythonError.Type("if you give only one argument to maketrans it must be a dict");
            foreach ((object key, object value) in dict.Pairs())
            {
                run.Step();
                table.Set(run, key is string text ? Ordinal(text) : Numbers.ToInt(key), value);
            }

            return table;
        }

        List<string> from = [.. CodePoints.Each(TextMethods.Text(arguments[0], "first maketrans argument"))];
        List<string> to = [.. CodePoints.Each(TextMethods.Text(arguments[1], "maketrans() argument 2"))];
        if (from.Count != to.Count)
        {
            throw PythonError.Value("the first two maketrans arguments must have equal length");
        }

        run.Step(from.Count);
        for (int i = 0; i < from.Count; i++)
        {
            table.Set(run, Ordinal(from[i]), Ordinal(to[i]));
        }

        if (arguments[2] is not null)
        {
            foreach (string character in CodePoints.Each(TextMethods.Text(arguments[2], "maketrans() argument 3")))
            {
                table.Set(run, Ordinal(character), PyNone.Instance);
            }
        }

        return table;
    }

    public static string Translate(Run run, string text, object table)
    {
        var target = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            run.Step();
            object? replacement = Look(run, table, new BigInteger(rune.Value));
            switch (replacement)
            {
                case null:
                    target.Append(rune);
                    break;
                case PyNone:
                    break;
                case string part:
                    run.Take(2L * part.Length);
                    target.Append(part);
                    break;
                case BigInteger number:
                    target.Append(number >= 0 && number <= 0x10FFFF && Rune.TryCreate((int)number, out Rune other)
                        ? other
                        : throw PythonError.Value("character mapping must be in range(0x110000)"));
                    break;
                default:
                    throw PythonError.Type("character mapping must return integer, None or str");
            }
        }

        return run.Taken(target.ToString());
    }

    private static BigInteger Ordinal(string character)
    {
        Rune.DecodeFromUtf16(character, out Rune rune, out int width);
        return width == character.Length ? rune.Value : throw PythonError.Value("string keys in translate table must be of length 1");
    }

    private static object? Look(Run run, object table, object key)
    {
        try
        {
            return Subscripts.Get(run, table, key);
        }
        catch (PythonError error) when (error.PythonClass is "KeyError" or "IndexError")
        {
            return null;
        }
    }
}
