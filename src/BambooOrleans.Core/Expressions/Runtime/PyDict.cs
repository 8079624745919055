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

    public KeyValuePair<object, object> At(int index) => Entries.GetAt(index);

    public bool TryGet(Run run, object key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out object? value)
    {
        run.Look(key);
        return Entries.TryGetValue(key, out value);
    }

    public bool ContainsKey(Run run, object key) => TryGet(run, key, out _);

    public void Set(Run run, object key, object value)
    {
        run.Look(key);
        run.Take(32);
        Entries[key] = value;
    }

    public bool Remove(Run run, object key)
    {
        run.Look(key);
        run.Step(Entries.Count >> 4);
        return Entries.Remove(key);
    }

    public void RemoveAt(int index) => Entries.RemoveAt(index);

    public void Clear() => Entries.Clear();

    public PyDict Copy(Run run)
    {
        run.Take(32L * Count);
        run.Step(Count);
        return new PyDict { _entries = new(Entries, PyEquality.Instance) };
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
