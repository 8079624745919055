using System.Numerics;

namespace BambooOrleans.Core.Expressions.Runtime;

// Python objects are plain objects of the platform where it has them: bool, BigInteger (int), double (float) and
// string (str). Whatever it lacks is one of the types below, or has a file of its own.

/// <summary><c>None</c>.</summary>
internal sealed class PyNone
{
    private PyNone()
    {
    }

    public static PyNone Instance { get; } = new();
}

/// <summary><c>...</c></summary>
internal sealed class PyEllipsis
{
    private PyEllipsis()
    {
    }

    public static PyEllipsis Instance { get; } = new();
}

/// <summary>What a name that nobody defines stands for: it counts as false, and cannot be rendered.</summary>
internal sealed class PyUndefined
{
    private PyUndefined()
    {
    }

    public static PyUndefined Instance { get; } = new();
}

/// <summary>A tuple.</summary>
internal sealed class PyTuple(object[] items)
{
    public static PyTuple Empty { get; } = new([]);

    public object[] Items { get; } = items;

    public static PyTuple Of(params object[] items) => new(items);
}

/// <summary>A list. One that stands for a value of the context is filled when it is first looked at.</summary>
internal sealed class PyList
{
    private ListValue? _source;
    private List<object>? _items;

    public PyList(List<object> items) => _items = items;

    public PyList(ListValue source) => _source = source;

    public List<object> Items
    {
        get
        {
            if (_items is null)
            {
                _items = new List<object>(_source!.Count);
                foreach (Value item in _source)
                {
                    _items.Add(Conversion.ToObject(item));
                }

                _source = null;
            }

            return _items;
        }
    }
}

/// <summary>Bytes.</summary>
internal sealed class PyBytes(byte[] data)
{
    public byte[] Data { get; } = data;
}

/// <summary>A <c>range</c>; its step is never zero.</summary>
internal sealed class PyRange(BigInteger start, BigInteger stop, BigInteger step)
{
    public BigInteger Start { get; } = start;

    public BigInteger Stop { get; } = stop;

    public BigInteger Step { get; } = step;

    public BigInteger Length { get; } = step.Sign > 0
        ? start >= stop ? BigInteger.Zero : ((stop - start - 1) / step) + 1
        : start <= stop ? BigInteger.Zero : ((start - stop - 1) / -step) + 1;

    public BigInteger At(BigInteger index) => Start + (index * Step);

    public bool Contains(BigInteger number)
    {
        bool inside = Step.Sign > 0 ? number >= Start && number < Stop : number <= Start && number > Stop;
        return inside && ((number - Start) % Step).IsZero;
    }
}

/// <summary>A <c>slice</c>; each part is an int or None.</summary>
internal sealed class PySlice(object start, object stop, object step)
{
    public object Start { get; } = start;

    public object Stop { get; } = stop;

    public object Step { get; } = step;
}

/// <summary>Something that hands out objects once: a generator, <c>enumerate</c>, <c>zip</c>, <c>reversed</c>.</summary>
internal sealed class PyIterator(string typeName, IEnumerator<object> source)
{
    public string TypeName { get; } = typeName;

    public IEnumerator<object> Source { get; } = source;
}

/// <summary>The view that <c>keys()</c>, <c>values()</c> or <c>items()</c> gives of a dict.</summary>
internal sealed class PyDictView(PyDict dict, DictViewKind kind)
{
    public PyDict Dict { get; } = dict;

    public DictViewKind Kind { get; } = kind;
}

/// <summary>What a <see cref="PyDictView"/> shows.</summary>
internal enum DictViewKind
{
    Keys,
    Values,
    Items,
}

/// <summary>A function or method of the language itself, or a lambda.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Representation">What <c>repr()</c> shows.</param>
/// <param name="Body">What it does.</param>
internal sealed record PyFunction(string Name, string Representation, Func<Run, Arguments, object> Body);

/// <summary>A type: it can be called, and carries methods that take their object first.</summary>
internal sealed class PyType(string name, Func<Run, Arguments, object> construct)
{
    public string Name { get; } = name;

    public Func<Run, Arguments, object> Construct { get; } = construct;

    /// <summary>What the type itself offers besides the methods of its objects, such as <c>dict.fromkeys</c>.</summary>
    public Dictionary<string, object> Members { get; } = new(StringComparer.Ordinal);
}

/// <summary>A module that the options allow.</summary>
internal sealed class PyModule(string name)
{
    public string Name { get; } = name;

    public Dictionary<string, object> Members { get; } = new(StringComparer.Ordinal);
}

/// <summary>An object of a module, such as a date or a match: it knows its own type, text and attributes.</summary>
internal abstract class PyObject
{
    public abstract string TypeName { get; }

    /// <summary>The type that <c>type()</c> would give, whose name does not tell its module.</summary>
    public virtual string ShortTypeName => TypeName[(TypeName.LastIndexOf('.') + 1)..];

    public abstract string Repr();

    public virtual string Str() => Repr();

    public virtual bool IsTrue => true;

    /// <summary>The value of an attribute, or null where there is none.</summary>
    public abstract object? Attribute(string name);

    /// <summary>An operator with this object on either side, or null where it has none such.</summary>
    public virtual object? Binary(Run run, string op, object left, object right) => null;

    /// <summary>Below zero, zero, or above as this is less than, equal to or more than the other; null where they do not compare.</summary>
    public virtual int? CompareTo(object other) => null;

    /// <summary>A hash for dicts; equal objects have equal ones.</summary>
    public virtual int Hash() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

    /// <summary>The item at a key, or null where the type has no items.</summary>
    public virtual object? Item(object key) => null;
}
