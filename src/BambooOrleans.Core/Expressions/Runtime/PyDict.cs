namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>
/// A dict: entries in the order of their first insertion, whose keys are equal as Python's are (<c>1</c>, <c>1.0</c> and
/// <c>True</c> are one key). One that stands for a value of the context is filled when it is first looked at.
/// </summary>
internal sealed class PyDict
{
    private MapValue? _source;
    private OrderedDictionary<object, object>? _entries;

    public PyDict() => _entries = new(PyEquality.Instance);

    public PyDict(MapValue source) => _source = source;

    public int Count => _source?.Count ?? _entries!.Count;

    private OrderedDictionary<object, object> Entries
    {
        get
        {
            if (_entries is null)
            {
                _entries = new(_source!.Count, PyEquality.Instance);
                foreach ((string name, Value value) in _source)
                {
                    _entries.Add(name, Conversion.ToObject(value));
                }

                _source = null;
            }

            return _entries;
        }
    }

    public object this[object key]
    {
        set => Entries[key] = value;
    }

    public KeyValuePair<object, object> At(int index) => Entries.GetAt(index);

    public bool TryGet(object key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out object? value) => Entries.TryGetValue(key, out value);

    public bool ContainsKey(object key) => Entries.ContainsKey(key);

    public bool Remove(object key) => Entries.Remove(key);

    public void RemoveAt(int index) => Entries.RemoveAt(index);

    public void Clear() => Entries.Clear();

    public PyDict Copy()
    {
        var copy = new PyDict();
        foreach ((object key, object value) in Entries)
        {
            copy[key] = value;
        }

        return copy;
    }

    public IEnumerable<object> Keys()
    {
        foreach ((object key, object _) in Pairs())
        {
            yield return key;
        }
    }

    /// <summary>The entries one after the other; adding or removing one meanwhile is the error that it is in Python.</summary>
    public IEnumerable<KeyValuePair<object, object>> Pairs()
    {
        int count = Entries.Count;
        for (int i = 0; i < count; i++)
        {
            if (Entries.Count != count)
            {
                throw new PythonError("RuntimeError", "dictionary changed size during iteration");
            }

            yield return Entries.GetAt(i);
        }
    }
}
