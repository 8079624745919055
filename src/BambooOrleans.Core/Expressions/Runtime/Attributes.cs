using System.Numerics;
using BambooOrleans.Core.Expressions.Types;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary><c>object.name</c></summary>
internal static class Attributes
{
    public static object Get(Run run, object target, string name)
    {
        object? value = target switch
        {
            PyObject other => other.Attribute(name),
            PyModule module => module.Members.GetValueOrDefault(name),
            PyType type => type.Members.GetValueOrDefault(name) ?? MethodTable.Unbound(type, name),
            _ => Data(target, name) ?? MethodTable.Bound(target, name),
        };
        return value ?? throw PythonError.Attribute(target, name);
    }

    /// <summary>Whether an object has an attribute.</summary>
    public static bool Has(object target, string name) => (target switch
    {
        PyObject other => other.Attribute(name),
        PyModule module => module.Members.GetValueOrDefault(name),
        PyType type => type.Members.GetValueOrDefault(name) ?? MethodTable.Unbound(type, name),
        _ => Data(target, name) ?? MethodTable.Bound(target, name),
    }) is not null;

    private static object? Data(object target, string name)
    {
        switch (target)
        {
            case BigInteger or bool:
                return name switch
                {
                    "real" or "numerator" => Numbers.ToInt(target),
                    "imag" => BigInteger.Zero,
                    "denominator" => BigInteger.One,
                    _ => null,
                };
            case double number:
                return name switch
                {
                    "real" => number,
                    "imag" => 0.0,
                    _ => null,
                };
            case PyRange range:
                return name switch
                {
                    "start" => range.Start,
                    "stop" => range.Stop,
                    "step" => range.Step,
                    _ => null,
                };
            case PySlice slice:
                return name switch
                {
                    "start" => slice.Start,
                    "stop" => slice.Stop,
                    "step" => slice.Step,
                    _ => null,
                };
            case PyFunction:
                return null;
            default:
                return null;
        }
    }
}
