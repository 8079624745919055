using System.Numerics;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>What counts as true.</summary>
internal static class Truth
{
    public static bool Of(object item) => item switch
    {
        bool flag => flag,
        BigInteger number => !number.IsZero,
        double number => number != 0,
        string text => text.Length > 0,
        PyNone or PyUndefined => false,
        PyList list => list.Items.Count > 0,
        PyTuple tuple => tuple.Items.Length > 0,
        PyDict dict => dict.Count > 0,
        PySet set => set.Count > 0,
        PyBytes bytes => bytes.Data.Length > 0,
        PyRange range => !range.Length.IsZero,
        PyDictView view => view.Dict.Count > 0,
        PyObject other => other.IsTrue,
        _ => true,
    };
}
