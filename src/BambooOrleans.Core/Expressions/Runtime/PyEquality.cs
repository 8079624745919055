using System.Numerics;

namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>Equality and hashes of dict keys, whose size a run has looked at before. The order of a dict does not depend on the hashes, so the platform's seeded ones serve.</summary>
internal sealed class PyEquality : IEqualityComparer<object>
{
    private PyEquality()
    {
    }

    public static PyEquality Instance { get; } = new();

    public new bool Equals(object? x, object? y) => Comparison.AreSameOrEqual(Run.Detached(), x!, y!);

    public int GetHashCode(object key)
    {
        switch (key)
        {
            case string text:
                return text.GetHashCode(StringComparison.Ordinal);
            case BigInteger number:
                return number.GetHashCode();
            case bool flag:
                return (flag ? BigInteger.One : BigInteger.Zero).GetHashCode();
            case double number:
                return double.IsFinite(number) && Math.Floor(number) == number
                    ? new BigInteger(number).GetHashCode()
                    : number.GetHashCode();
            case PyTuple tuple:
                HashCode hash = default;
                foreach (object item in tuple.Items)
                {
                    hash.Add(GetHashCode(item));
                }

                return hash.ToHashCode();
            case PyBytes bytes:
                HashCode bytesHash = default;
                bytesHash.AddBytes(bytes.Data);
                return bytesHash.ToHashCode();
            case PyRange range:
                return range.Length.GetHashCode();
            case PyObject other:
                return other.Hash();
            case PyList or PyDict or PySet or PySlice:
                throw PythonError.Type($"unhashable type: '{TypeNames.Of(key)}'");
            default:
                return System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(key);
        }
    }
}
