using System.Globalization;
using System.Numerics;
using System.Text;

namespace BambooOrleans.Conformance.Components;

/// <summary>
/// Values as the reference's language names and prints them. The corpus's components were recorded in that language, and
/// must not lean on the engine under test for it.
/// </summary>
internal static class PythonText
{
    /// <summary>The name of the value's type.</summary>
    public static string TypeName(Value value) => value.Kind switch
    {
        ValueKind.Null => "NoneType",
        ValueKind.Bool => "bool",
        ValueKind.Int => "int",
        ValueKind.Float => "float",
        ValueKind.Text => "str",
        ValueKind.List => "list",
        _ => "dict",
    };

    /// <summary>The value as text: <c>str(value)</c>.</summary>
    public static string Str(Value value) => value is TextValue text ? text.Value : Repr(value);

    /// <summary>The value as a whole number: <c>int(value or 0)</c>.</summary>
    public static BigInteger Int(Value? value) => value switch
    {
        null or NullValue => BigInteger.Zero,
        IntValue number => number.Value,
        FloatValue number => new BigInteger(number.Value),
        BoolValue flag => flag.Value ? 1 : 0,
        TextValue text when BigInteger.TryParse(text.Value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out BigInteger number) => number,
        _ => throw new CorpusException($"invalid literal for int() with base 10: {Repr(value)}"),
    };

    private static string Repr(Value value) => value switch
    {
        NullValue => "None",
        BoolValue flag => flag.Value ? "True" : "False",
        IntValue number => number.Value.ToString(CultureInfo.InvariantCulture),
        FloatValue number => Repr(number.Value),
        TextValue text => Repr(text.Value),
        ListValue list => $"[{string.Join(", ", list.Select(Repr))}]",
        MapValue map => "{" + string.Join(", ", map.Select(entry => $"{Repr(entry.Key)}: {Repr(entry.Value)}")) + "}",
        _ => throw new ArgumentOutOfRangeException(nameof(value)),
    };

    private static string Repr(string text)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        var repr = new StringBuilder().Append(quote);
        foreach (char letter in text)
        {
            _ = letter switch
            {
                '\\' => repr.Append("\\\\"),
                '\n' => repr.Append("\\n"),
                '\r' => repr.Append("\\r"),
                '\t' => repr.Append("\\t"),
                _ when letter == quote => repr.Append('\\').Append(letter),
                _ when char.IsControl(letter) => repr.Append(CultureInfo.InvariantCulture, $"\\x{(int)letter:x2}"),
                _ => repr.Append(letter),
            };
        }

        return repr.Append(quote).ToString();
    }

    // Shortest digits that read back the same; an exponent below 1e-4 and from 1e16 on.
    private static string Repr(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }

        string scientific = number.ToString("E16", CultureInfo.InvariantCulture);
        int exponent = int.Parse(scientific.AsSpan(scientific.IndexOf('E') + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string shortest = number.ToString("R", CultureInfo.InvariantCulture);
        if (number == 0 || (exponent >= -4 && exponent < 16))
        {
            string plain = shortest.Contains('E')
                ? ((decimal)number).ToString(CultureInfo.InvariantCulture)
                : shortest;
            return plain.Contains('.') ? plain : plain + ".0";
        }

        string digits = shortest.Contains('E') ? shortest[..shortest.IndexOf('E')] : scientific[..scientific.IndexOf('E')].TrimEnd('0').TrimEnd('.');
        return $"{digits}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }
}
