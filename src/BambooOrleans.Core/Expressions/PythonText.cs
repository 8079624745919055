using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions;

/// <summary>Values as Python would write them.</summary>
public static class PythonText
{
    /// <summary>What <c>str()</c> gives: text itself, and anything else as <see cref="Repr"/> does.</summary>
    /// <exception cref="ExpressionException">Python cannot write it: too deep, or an int of more than 4300 digits.</exception>
    public static string Str(Value value) => value is TextValue text ? text.Value : Repr(value);

    /// <summary>What <c>repr()</c> gives, such as <c>'a'</c>, <c>1.0</c>, <c>None</c> or <c>{'k': [1, True]}</c>.</summary>
    /// <exception cref="ExpressionException">Python cannot write it: too deep, or an int of more than 4300 digits.</exception>
    public static string Repr(Value value)
    {
        ArgumentNullException.ThrowIfNull(value);
        try
        {
            return PythonRepr.Repr(Conversion.ToObject(value));
        }
        catch (PythonError error)
        {
            throw new ExpressionException(string.Empty, error.ToString());
        }
    }

    /// <summary>The name of the type that Python has for it: <c>str</c>, <c>int</c>, <c>float</c>, <c>bool</c>, <c>list</c>, <c>dict</c> or <c>NoneType</c>.</summary>
    public static string TypeName(Value value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return TypeNames.Of(Conversion.ToObject(value));
    }

    /// <summary>
    /// The value with the line ends and tabs of a text written as <c>\n</c>, <c>\r</c> and <c>\t</c>, as gateways do with
    /// context values; a text that holds any of these escapes already is left alone, and so is whatever is no text.
    /// </summary>
    public static Value EscapeControl(Value value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value is not TextValue { Value: var text }
            || text.AsSpan().IndexOfAny('\n', '\r', '\t') < 0
            || text.Contains("\\n", StringComparison.Ordinal)
            || text.Contains("\\r", StringComparison.Ordinal)
            || text.Contains("\\t", StringComparison.Ordinal))
        {
            return value;
        }

        return text.Replace("\n", "\\n", StringComparison.Ordinal)
            .Replace("\r", "\\r", StringComparison.Ordinal)
            .Replace("\t", "\\t", StringComparison.Ordinal);
    }
}
