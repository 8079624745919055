using System.Collections;

namespace BambooOrleans.Hosting;

/// <summary>Fields that all that is logged within has, and a text of them for providers that know no fields.</summary>
internal sealed class LogScope(KeyValuePair<string, object?>[] fields) : IReadOnlyList<KeyValuePair<string, object?>>
{
    public int Count => fields.Length;

    public KeyValuePair<string, object?> this[int index] => fields[index];

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => fields.AsEnumerable().GetEnumerator();

    public override string ToString() => string.Join(' ', fields.Select(field => $"{field.Key}:{field.Value}"));

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
