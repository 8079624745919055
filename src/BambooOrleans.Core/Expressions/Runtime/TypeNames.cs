using System.Numerics;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>What Python calls the type of an object.</summary>
internal static class TypeNames
{
    public static string Of(object item) => item switch
    {
        string => "str",
        BigInteger => "int",
        bool => "bool",
        double => "float",
        PyNone => "NoneType",
        PyList => "list",
        PyTuple => "tuple",
        PyDict => "dict",
        PySet => "set",
        PyBytes => "bytes",
        PyRange => "range",
        PySlice => "slice",
        PyEllipsis => "ellipsis",
        PyUndefined => "Undefined",
        PyIterator iterator => iterator.TypeName,
        PyDictView view => view.Kind switch
        {
            DictViewKind.Keys => "dict_keys",
            DictViewKind.Values => "dict_values",
            _ => "dict_items",
        },
        PyFunction { Name: "<lambda>" } => "function",
        PyFunction => "builtin_function_or_method",
        PyType => "type",
        PyModule => "module",
        PyObject other => other.TypeName,
        _ => "object",
    };
}
