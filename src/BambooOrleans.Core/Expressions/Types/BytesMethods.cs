using System.Numerics;
using System.Text;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>The methods of <c>bytes</c>: those that make sense of what <c>str.encode</c> gives.</summary>
internal static class BytesMethods
{
    public static MethodTable Table { get; } = Build();

    public static byte Byte(object item)
    {
        BigInteger number = Numbers.ToInt(item);
        return number >= 0 && number < 256 ? (byte)number : throw PythonError.Value("bytes must be in range(0, 256)");
    }

    private static MethodTable Build()
    {
        MethodTable table = new MethodTable("bytes")
            .Add("decode", "encoding?, errors?", (run, self, arguments) => Encodings.Decode(
                run, ((PyBytes)self).Data, arguments[0] as string ?? "utf-8", arguments[1] as string ?? "strict"))
            .Add("hex", "sep?, bytes_per_sep?", (run, self, arguments) => Hex(run, ((PyBytes)self).Data, arguments))
            .Add("join", "iterable_of_bytes, /", (run, self, arguments) => Join(run, (PyBytes)self, arguments[0]!));

        // Bytes share most methods with text; as Latin-1 each byte is one character.
        foreach (string name in new[]
        {
            "upper", "lower", "title", "capitalize", "swapcase", "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines",
            "partition", "rpartition", "replace", "find", "rfind", "index", "rindex", "count", "startswith", "endswith",
            "removeprefix", "removesuffix", "center", "ljust", "rjust", "zfill", "expandtabs", "isdigit", "isalpha", "isalnum",
            "isspace", "isupper", "islower", "istitle", "isascii",
        })
        {
            table.AddRaw(name, (run, self, arguments) => AsText(run, (PyBytes)self, name, arguments));
        }

        return table;
    }

    private static object AsText(Run run, PyBytes self, string name, Arguments arguments)
    {
        run.Take(2L * self.Data.Length);
        string text = Encoding.Latin1.GetString(self.Data);
        bool minds = name is "upper" or "lower" or "title" or "capitalize" or "swapcase" || (name.StartsWith("is", StringComparison.Ordinal) && name != "isascii");
        if (minds && !Ascii.IsValid(text))
        {
            throw PythonError.Unsupported("letter case of bytes beyond ASCII");
        }

        var converted = new Arguments(
            [.. arguments.Positional.Select(ToText)],
            [.. arguments.Named.Select(pair => (pair.Name, ToText(pair.Value)))]);
        return FromText(Calls.Invoke(run, MethodTable.Bound(text, name)!, converted));
    }

    private static object ToText(object item) => item switch
    {
        PyBytes bytes => Encoding.Latin1.GetString(bytes.Data),
        PyTuple tuple => new PyTuple([.. tuple.Items.Select(ToText)]),
        string => throw PythonError.Type("a bytes-like object is required, not 'str'"),
        _ => item,
    };

    private static object FromText(object item) => item switch
    {
        string text => new PyBytes(Encoding.Latin1.GetBytes(text)),
        PyList list => new PyList([.. list.Items.Select(FromText)]),
        PyTuple tuple => new PyTuple([.. tuple.Items.Select(FromText)]),
        _ => item,
    };

    private static string Hex(Run run, byte[] data, object?[] arguments)
    {
        run.Take(6L * data.Length);
        string separator = arguments[0] switch
        {
            null => string.Empty,
            string { Length: 1 } text => text,
            _ => throw PythonError.Value("sep must be length 1."),
        };
        int group = TextMethods.Int(arguments[1], 1);
        var target = new StringBuilder();
        for (int i = 0; i < data.Length; i++)
        {
            bool apart = group > 0 ? (data.Length - i) % group == 0 : group < 0 && i % -group == 0;
            target.Append(i > 0 && apart ? separator : string.Empty).Append(Convert.ToHexStringLower(data, i, 1));
        }

        return target.ToString();
    }

    private static PyBytes Join(Run run, PyBytes separator, object items)
    {
        var target = new List<byte>();
        bool first = true;
        foreach (object item in Iteration.Over(run, items))
        {
            PyBytes part = item as PyBytes ?? throw PythonError.Type($"sequence item: expected a bytes-like object, {TypeNames.Of(item)} found");
            run.Take(part.Data.Length + separator.Data.Length);
            target.AddRange(first ? [] : separator.Data);
            target.AddRange(part.Data);
            first = false;
        }

        return new PyBytes([.. target]);
    }
}
