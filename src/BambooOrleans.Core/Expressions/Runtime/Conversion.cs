using System.Numerics;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>Between the engine's values and Python objects.</summary>
internal static class Conversion
{
    private static readonly object True = true;
    private static readonly object False = false;

    public static object ToObject(Value value) => value switch
    {
        TextValue text => text.Value,
        IntValue number => number.Value,
        FloatValue number => number.Value,
        BoolValue flag => flag.Value ? True : False,
        ListValue list => new PyList(list),
        MapValue map => new PyDict(map),
        _ => PyNone.Instance,
    };

    /// <summary>The value that an object stands for; text of what JSON has no type for.</summary>
    /// <param name="item">The object.</param>
    /// <param name="unchanged">What is answered where it equals the result, so that instances are kept.</param>
    public static Value ToValue(object item, Value unchanged)
    {
        Value value = ToValue(item, 0);
        return value.Equals(unchanged) ? unchanged : value;
    }

    private static Value ToValue(object item, int depth)
    {
        if (depth > ValueJson.MaxDepth)
        {
            throw PythonError.Recursion();
        }

        switch (item)
        {
            case PyNone:
                return Value.Null;
            case bool flag:
                return flag;
            case BigInteger number:
                return number;
            case double number:
                return number;
            case string text:
                return text;
            case PyList list:
                return Value.List(list.Items.Select(entry => ToValue(entry, depth + 1)));
            case PyTuple tuple:
                return Value.List(tuple.Items.Select(entry => ToValue(entry, depth + 1)));
            case PyDict dict:
                return Value.Map(dict.Pairs().Select(pair =>
                    (pair.Key as string ?? PythonRepr.Str(pair.Key), ToValue(pair.Value, depth + 1))));
            default:
                return PythonRepr.Str(item);
        }
    }
}
