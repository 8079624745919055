namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>
/// A set. Pipelines render sets, and the order in which CPython shows one follows from its hash table; so this is that
/// table: open addressing with short linear runs. Sets of numbers come out in the same order as there.
/// </summary>
internal sealed class PySet
{
    private const int SizeMin = 8;
    private const int LinearProbes = 9;
    private const int PerturbShift = 5;

    private static readonly object Dummy = new();

    private object?[] _keys = new object?[SizeMin];
    private long[] _hashes = new long[SizeMin];
    private int _fill;
    private int _finger;

    public int Count { get; private set; }

    private int Mask => _keys.Length - 1;

    public static PySet Of(Run run, IEnumerable<object> items)
    {
        var set = new PySet();
        foreach (object item in items)
        {
            set.Add(run, item);
        }

        return set;
    }

    /// <summary>The items in the order of the table. Adding or removing one meanwhile is the error that it is in Python.</summary>
    public IEnumerable<object> Items()
    {
        int count = Count;
        for (int i = 0; i < _keys.Length; i++)
        {
            if (Count != count)
            {
                throw new PythonError("RuntimeError", "Set changed size during iteration");
            }

            if (_keys[i] is { } key && !ReferenceEquals(key, Dummy))
            {
                yield return key;
            }
        }
    }

    public bool Contains(Run run, object key) => Find(run, key, out _) >= 0;

    public void Add(Run run, object key)
    {
        int at = Find(run, key, out long hash);
        if (at >= 0)
        {
            return;
        }

        _keys[~at] = key;
        _hashes[~at] = hash;
        _fill++;
        Count++;
        run.Take(32);
        if ((long)_fill * 5 >= (long)Mask * 3)
        {
            Resize(Count > 50000 ? Count * 2 : Count * 4);
        }
    }

    public bool Remove(Run run, object key)
    {
        int at = Find(run, key, out _);
        if (at < 0)
        {
            return false;
        }

        RemoveAt(at);
        return true;
    }

    /// <summary>Removes and gives one item, or null where there is none.</summary>
    public object? Pop()
    {
        if (Count == 0)
        {
            return null;
        }

        int at = _finger & Mask;
        while (_keys[at] is null || ReferenceEquals(_keys[at], Dummy))
        {
            at = at == Mask ? 0 : at + 1;
        }

        object key = _keys[at]!;
        RemoveAt(at);
        _finger = at + 1;
        return key;
    }

    public void Clear()
    {
        _keys = new object?[SizeMin];
        _hashes = new long[SizeMin];
        _fill = 0;
        Count = 0;
    }

    public PySet Copy(Run run)
    {
        var copy = new PySet();
        copy.Merge(run, this);
        return copy;
    }

    /// <summary>Adds all of another set.</summary>
    public void Merge(Run run, PySet other)
    {
        if (ReferenceEquals(other, this) || other.Count == 0)
        {
            return;
        }

        MakeRoom(other.Count);
        if (_fill == 0 && _keys.Length == other._keys.Length && other._fill == other.Count)
        {
            run.Take(32L * other.Count);
            run.Step(other.Count);
            _keys = (object?[])other._keys.Clone();
            _hashes = (long[])other._hashes.Clone();
            _fill = other._fill;
            Count = other.Count;
            return;
        }

        foreach (object item in other.Items())
        {
            Add(run, item);
        }
    }

    /// <summary>Makes the table as large as CPython does before it adds <paramref name="more"/> items at once.</summary>
    public void MakeRoom(int more)
    {
        if (((long)_fill + more) * 5 >= (long)Mask * 3)
        {
            Resize((Count + more) * 2);
        }
    }

    // Where a key stands; where it is not there, the complement of where it would be put.
    private int Find(Run run, object key, out long hash)
    {
        run.Look(key);
        hash = SetHash.Of(key);
        ulong perturb = (ulong)hash;
        int mask = Mask;
        int i = (int)((ulong)hash & (ulong)mask);
        while (true)
        {
            run.Step();
            int last = i + LinearProbes <= mask ? i + LinearProbes : i;
            for (int at = i; at <= last; at++)
            {
                if (_keys[at] is not { } there)
                {
                    return ~at;
                }

                if (_hashes[at] == hash && !ReferenceEquals(there, Dummy) && PyEquality.Instance.Equals(there, key))
                {
                    return at;
                }
            }

            perturb >>= PerturbShift;
            i = (int)((((ulong)i * 5) + 1 + perturb) & (ulong)mask);
        }
    }

    private void RemoveAt(int at)
    {
        _keys[at] = Dummy;
        _hashes[at] = -1;
        Count--;
    }

    private void Resize(int used)
    {
        int size = SizeMin;
        while (size <= used)
        {
            size <<= 1;
        }

        object?[] keys = _keys;
        long[] hashes = _hashes;
        _keys = new object?[size];
        _hashes = new long[size];
        _fill = Count;
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i] is { } key && !ReferenceEquals(key, Dummy))
            {
                InsertClean(key, hashes[i]);
            }
        }
    }

    private void InsertClean(object key, long hash)
    {
        ulong perturb = (ulong)hash;
        int mask = Mask;
        int i = (int)((ulong)hash & (ulong)mask);
        while (true)
        {
            int last = i + LinearProbes <= mask ? i + LinearProbes : i;
            for (int at = i; at <= last; at++)
            {
                if (_keys[at] is null)
                {
                    _keys[at] = key;
                    _hashes[at] = hash;
                    return;
                }
            }

            perturb >>= PerturbShift;
            i = (int)((((ulong)i * 5) + 1 + perturb) & (ulong)mask);
        }
    }
}
