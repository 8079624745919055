using System.Numerics;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>The binary and unary operators.</summary>
internal static class Arithmetic
{
    public static object Binary(Run run, string op, object left, object right)
    {
        object? result = Numbers.IsNumber(left) && Numbers.IsNumber(right)
            ? OfNumbers(run, op, left, right)
            : op switch
            {
                "+" => Add(run, left, right),
                "*" => Repeat(run, left, right) ?? Repeat(run, right, left),
                "%" when left is string format => PercentFormat.Format(run, format, right),
                "-" or "&" or "|" or "^" => Combine(run, op, left, right),
                _ => null,
            };
        result ??= (left as PyObject)?.Binary(run, op, left, right) ?? (right as PyObject)?.Binary(run, op, left, right);
        if (result is not null)
        {
            return result;
        }

        if (op == "+" && left is string or PyList or PyTuple)
        {
            throw PythonError.Type(left is string
                ? $"can only concatenate str (not \"{TypeNames.Of(right)}\") to str"
                : $"can only concatenate {TypeNames.Of(left)} (not \"{TypeNames.Of(right)}\") to {TypeNames.Of(left)}");
        }

        string shown = op == "**" ? "** or pow()" : op;
        throw PythonError.Type($"unsupported operand type(s) for {shown}: '{TypeNames.Of(left)}' and '{TypeNames.Of(right)}'");
    }

    public static object Unary(Run run, string op, object operand)
    {
        switch (op, operand)
        {
            case ("-", double number):
                return -number;
            case ("+", double number):
                return number;
            case ("-", BigInteger or bool):
                return Numbers.Checked(run, -Numbers.ToInt(operand));
            case ("+", BigInteger or bool):
                return Numbers.ToInt(operand);
            case ("~", BigInteger or bool):
                return Numbers.Checked(run, -Numbers.ToInt(operand) - 1);
            case ("-" or "+", PyObject other) when other.Binary(run, "unary" + op, other, other) is { } result:
                return result;
            default:
                throw PythonError.Type($"bad operand type for unary {op}: '{TypeNames.Of(operand)}'");
        }
    }

    private static object? OfNumbers(Run run, string op, object left, object right)
    {
        if (op is "&" or "|" or "^" && left is bool a && right is bool b)
        {
            return op switch
            {
                "&" => a && b,
                "|" => a || b,
                _ => a != b,
            };
        }

        if (left is double || right is double)
        {
            return OfFloats(op, Numbers.ToFloat(left), Numbers.ToFloat(right));
        }

        BigInteger x = Numbers.ToInt(left);
        BigInteger y = Numbers.ToInt(right);
        return op switch
        {
            "+" => Numbers.Add(run, x, y),
            "-" => Numbers.Subtract(run, x, y),
            "*" => Numbers.Multiply(run, x, y),
            "/" => Numbers.Divide(run, x, y),
            "//" => Numbers.FloorDivide(run, x, y),
            "%" => Numbers.Modulo(run, x, y),
            "**" => Numbers.Power(run, x, y),
            "<<" => Numbers.ShiftLeft(run, x, y),
            ">>" => Numbers.Checked(run, Numbers.ShiftRight(x, y)),
            "&" => Numbers.Checked(run, x & y),
            "|" => Numbers.Checked(run, x | y),
            "^" => Numbers.Checked(run, x ^ y),
            _ => null,
        };
    }

    private static object? OfFloats(string op, double left, double right) => op switch
    {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => right == 0 ? throw PythonError.ZeroDivision("float division by zero") : left / right,
        "//" => Numbers.DivMod(left, right).Quotient,
        "%" => Numbers.DivMod(left, right).Remainder,
        "**" => Numbers.Power(left, right),
        _ => null,
    };

    private static object? Add(Run run, object left, object right)
    {
        switch (left, right)
        {
            case (string a, string b):
                run.Take(2L * (a.Length + b.Length));
                return a + b;
            case (PyList a, PyList b):
                run.Take(8L * (a.Items.Count + b.Items.Count));
                return new PyList([.. a.Items, .. b.Items]);
            case (PyTuple a, PyTuple b):
                run.Take(8L * (a.Items.Length + b.Items.Length));
                return new PyTuple([.. a.Items, .. b.Items]);
            case (PyBytes a, PyBytes b):
                run.Take(a.Data.Length + b.Data.Length);
                return new PyBytes([.. a.Data, .. b.Data]);
            default:
                return null;
        }
    }

    private static object? Repeat(Run run, object sequence, object count)
    {
        if (!Numbers.IsInt(count))
        {
            return null;
        }

        BigInteger asked = BigInteger.Max(Numbers.ToInt(count), BigInteger.Zero);
        int times = asked > int.MaxValue ? int.MaxValue : (int)asked;
        switch (sequence)
        {
            case string text:
                run.Take(2L * text.Length * times);
                return text.Length == 0 ? text : string.Concat(Enumerable.Repeat(text, times));
            case PyList list:
                return new PyList([.. Repeated(run, list.Items, times)]);
            case PyTuple tuple:
                return new PyTuple([.. Repeated(run, tuple.Items, times)]);
            case PyBytes bytes:
                run.Take((long)bytes.Data.Length * times);
                return new PyBytes(bytes.Data.Length == 0 ? [] : [.. Enumerable.Repeat(bytes.Data, times).SelectMany(data => data)]);
            default:
                return null;
        }
    }

    private static IEnumerable<object> Repeated(Run run, IReadOnlyList<object> items, int times)
    {
        run.Take(8L * items.Count * times);
        return items.Count == 0 ? [] : Enumerable.Repeat(items, times).SelectMany(part => part);
    }

    private static object? Combine(Run run, string op, object left, object right)
    {
        if (op == "|" && left is PyDict first && right is PyDict second)
        {
            PyDict merged = first.Copy(run);
            foreach ((object key, object value) in second.Pairs())
            {
                run.Step();
                merged.Set(run, key, value);
            }

            return merged;
        }

        if (left is PySet && right is PySet or PyDictView || (left is PyDictView { Kind: not DictViewKind.Values } && Iteration.IsIterable(right)))
        {
            return Sets.Combine(run, op, Sets.ToSet(run, left), right is PySet ? right : Sets.ToSet(run, right));
        }

        return null;
    }
}
