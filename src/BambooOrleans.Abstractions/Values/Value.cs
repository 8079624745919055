using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace BambooOrleans;

/// <summary>The kind of a <see cref="Value"/>, one for each type that JSON data can have in the reference's language.</summary>
public enum ValueKind
{
    /// <summary>No value (<c>null</c>, <c>None</c>).</summary>
    Null,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Bool,

    /// <summary>A whole number of any size.</summary>
    Int,

    /// <summary>A 64-bit floating point number. <c>1.0</c> is a float, <c>1</c> an int, and the two stay apart.</summary>
    Float,

    /// <summary>Text.</summary>
    Text,

    /// <summary>A list of values.</summary>
    List,

    /// <summary>Named values, in the order in which they were added.</summary>
    Map,
}

/// <summary>
/// One immutable piece of pipeline data: what an input, an output or a context key holds.
/// </summary>
/// <remarks>
/// The engine has its own value type because JSON types of the platform lose what pipelines depend on: the difference
/// between <c>1</c> and <c>1.0</c>, whole numbers beyond 64 bits, and the order of keys. Values are immutable, so that
/// context, inputs, outputs and journal can share one instance without copying it.
/// </remarks>
[JsonConverter(typeof(ValueJsonConverter<Value>))]
public abstract class Value : IEquatable<Value>
{
    private protected Value()
    {
    }

    /// <summary>The value <c>null</c>.</summary>
    public static Value Null { get; } = new NullValue();

    /// <summary>What kind of value this is.</summary>
    public abstract ValueKind Kind { get; }

    /// <summary>Whether this is <c>null</c>.</summary>
    public bool IsNull => Kind == ValueKind.Null;

    /// <summary>The value as a message names it where another was expected: <c>null</c>, <c>true</c>, <c>the number 3</c>, <c>text</c>, <c>a list</c>, <c>an object</c>.</summary>
    public string Describe() => this switch
    {
        NullValue => "null",
        BoolValue flag => flag.Value ? "true" : "false",
        IntValue { Value: var number } when number.GetBitLength() <= 64 => $"the number {number.ToString(CultureInfo.InvariantCulture)}",
        IntValue or FloatValue => "a number",
        TextValue => "text",
        ListValue => "a list",
        _ => "an object",
    };

    /// <summary>
    /// Whether the value counts as true: everything but <c>null</c>, <c>false</c>, zero, and empty text, lists and maps
    /// (observed: success of a component is this truthiness of what it returns).
    /// </summary>
    public abstract bool IsTruthy { get; }

    /// <summary>Text of <paramref name="value"/>, or <see cref="Null"/>.</summary>
    public static implicit operator Value(string? value) => value is null ? Null : new TextValue(value);

    /// <summary>A bool.</summary>
    public static implicit operator Value(bool value) => BoolValue.Of(value);

    /// <summary>A whole number.</summary>
    public static implicit operator Value(int value) => IntValue.Of(value);

    /// <summary>A whole number.</summary>
    public static implicit operator Value(long value) => IntValue.Of(value);

    /// <summary>A whole number.</summary>
    public static implicit operator Value(BigInteger value) => new IntValue(value);

    /// <summary>A float.</summary>
    public static implicit operator Value(double value) => new FloatValue(value);

    /// <summary>Makes a list.</summary>
    public static ListValue List(params IEnumerable<Value> items) => new([.. items]);

    /// <summary>Makes a map; a later entry of the same name replaces the value of an earlier one and keeps its place.</summary>
    public static MapValue Map(params IEnumerable<(string Name, Value Value)> entries)
    {
        var builder = new MapValue.Builder();

        // What the compiler makes of a list of arguments; an array is walked without an enumerator.
        if (entries is (string, Value)[] array)
        {
            foreach ((string name, Value value) in array)
            {
                builder[name] = value;
            }
        }
        else
        {
            foreach ((string name, Value value) in entries)
            {
                builder[name] = value;
            }
        }

        return builder.Count == 0 ? MapValue.Empty : builder.Build();
    }

    /// <summary>Reads one JSON value.</summary>
    /// <exception cref="JsonException">The text is not one JSON value, or is nested deeper than <see cref="ValueJson.MaxDepth"/>.</exception>
    public static Value ParseJson(string json) => ValueJson.Parse(json);

    /// <summary>The value as JSON text, without white space.</summary>
    public string ToJson() => ValueJson.ToText(this);

    /// <summary>The value as JSON text.</summary>
    public override string ToString() => ToJson();

    /// <inheritdoc/>
    public abstract bool Equals(Value? other);

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => obj is Value other && Equals(other);

    /// <inheritdoc/>
    public abstract override int GetHashCode();
}

/// <summary>The value <c>null</c>.</summary>
public sealed class NullValue : Value
{
    internal NullValue()
    {
    }

    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.Null;

    /// <inheritdoc/>
    public override bool IsTruthy => false;

    /// <inheritdoc/>
    public override bool Equals(Value? other) => other is NullValue;

    /// <inheritdoc/>
    public override int GetHashCode() => 0;
}

/// <summary>A bool.</summary>
public sealed class BoolValue : Value
{
    private BoolValue(bool value) => Value = value;

    /// <summary>The value <c>true</c>.</summary>
    public static BoolValue True { get; } = new(true);

    /// <summary>The value <c>false</c>.</summary>
    public static BoolValue False { get; } = new(false);

    /// <summary>The bool itself.</summary>
    public bool Value { get; }

    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.Bool;

    /// <inheritdoc/>
    public override bool IsTruthy => Value;

    /// <summary>The one instance for <paramref name="value"/>.</summary>
    public static BoolValue Of(bool value) => value ? True : False;

    /// <inheritdoc/>
    public override bool Equals(Value? other) => ReferenceEquals(this, other);

    /// <inheritdoc/>
    public override int GetHashCode() => Value ? 1 : 2;
}

/// <summary>A whole number of any size.</summary>
public sealed class IntValue(BigInteger value) : Value
{
    private const int SmallMax = 255;

    private static readonly IntValue[] Small = [.. Enumerable.Range(0, SmallMax + 1).Select(number => new IntValue(number))];

    /// <summary>The number itself.</summary>
    public BigInteger Value { get; } = value;

    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.Int;

    /// <inheritdoc/>
    public override bool IsTruthy => !Value.IsZero;

    /// <summary>The value of <paramref name="number"/>; one instance for each small one, which loops and counters are.</summary>
    public static IntValue Of(long number) => number is >= 0 and <= SmallMax ? Small[number] : new IntValue(number);

    /// <summary>The number as a 64-bit one, where it is small enough.</summary>
    public bool TryGetInt64(out long number)
    {
        bool fits = Value >= long.MinValue && Value <= long.MaxValue;
        number = fits ? (long)Value : 0;
        return fits;
    }

    /// <inheritdoc/>
    public override bool Equals(Value? other) => other is IntValue number && number.Value == Value;

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();
}

/// <summary>A 64-bit floating point number.</summary>
public sealed class FloatValue(double value) : Value
{
    /// <summary>The number itself.</summary>
    public double Value { get; } = value;

    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.Float;

    /// <inheritdoc/>
    public override bool IsTruthy => Value != 0;

    /// <inheritdoc/>
    public override bool Equals(Value? other) => other is FloatValue number && number.Value.Equals(Value);

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();
}

/// <summary>Text.</summary>
public sealed class TextValue(string value) : Value
{
    /// <summary>The text itself.</summary>
    public string Value { get; } = value ?? throw new ArgumentNullException(nameof(value));

    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.Text;

    /// <inheritdoc/>
    public override bool IsTruthy => Value.Length > 0;

    /// <inheritdoc/>
    public override bool Equals(Value? other) => other is TextValue text && text.Value == Value;

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode(StringComparison.Ordinal);
}

/// <summary>A list of values.</summary>
[JsonConverter(typeof(ValueJsonConverter<ListValue>))]
public sealed class ListValue : Value, IReadOnlyList<Value>
{
    private readonly Value[] _items;

    internal ListValue(Value[] items) => _items = items;

    /// <summary>The list without items.</summary>
    public static ListValue Empty { get; } = new([]);

    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.List;

    /// <inheritdoc/>
    public override bool IsTruthy => _items.Length > 0;

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <inheritdoc/>
    public Value this[int index] => _items[index];

    /// <inheritdoc/>
    public IEnumerator<Value> GetEnumerator() => ((IEnumerable<Value>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();

    /// <inheritdoc/>
    public override bool Equals(Value? other) => other is ListValue list && list._items.AsSpan().SequenceEqual(_items);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (Value item in _items)
        {
            hash.Add(item);
        }

        return hash.ToHashCode();
    }
}

/// <summary>Named values in the order in which they were added. Two maps are equal whatever their order.</summary>
[JsonConverter(typeof(ValueJsonConverter<MapValue>))]
public sealed class MapValue : Value, IReadOnlyDictionary<string, Value>
{
    private readonly OrderedDictionary<string, Value> _entries;

    private MapValue(OrderedDictionary<string, Value> entries) => _entries = entries;

    /// <summary>The map without entries.</summary>
    public static MapValue Empty { get; } = new([]);

    /// <inheritdoc/>
    public override ValueKind Kind => ValueKind.Map;

    /// <inheritdoc/>
    public override bool IsTruthy => _entries.Count > 0;

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _entries.Keys;

    /// <inheritdoc/>
    public IEnumerable<Value> Values => _entries.Values;

    /// <inheritdoc/>
    public Value this[string key] => _entries[key];

    /// <summary>The entry at a place in the order; <paramref name="index"/> is from 0.</summary>
    public KeyValuePair<string, Value> At(int index) => _entries.GetAt(index);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _entries.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Value value) => _entries.TryGetValue(key, out value);

    /// <summary>This map with <paramref name="name"/> set to <paramref name="value"/>; this one stays as it is.</summary>
    public MapValue With(string name, Value value)
    {
        Builder builder = ToBuilder();
        builder[name] = value;
        return builder.Build();
    }

    /// <summary>A builder that starts with the entries of this map.</summary>
    public Builder ToBuilder() => new(this);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Value>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _entries.GetEnumerator();

    /// <inheritdoc/>
    public override bool Equals(Value? other)
    {
        if (other is not MapValue map || map.Count != Count)
        {
            return false;
        }

        foreach ((string name, Value value) in _entries)
        {
            if (!map._entries.TryGetValue(name, out Value? theirs) || !theirs.Equals(value))
            {
                return false;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        int hash = _entries.Count;
        foreach ((string name, Value value) in _entries)
        {
            hash ^= HashCode.Combine(name, value);
        }

        return hash;
    }

    /// <summary>Makes a <see cref="MapValue"/>. Not safe for use by several threads.</summary>
    public sealed class Builder : IEnumerable<KeyValuePair<string, Value>>
    {
        private OrderedDictionary<string, Value> _entries;

        // The map that has the entries as they are now; copied before the next change.
        private MapValue? _built;

        /// <summary>Starts without entries.</summary>
        public Builder() => _entries = new(StringComparer.Ordinal);

        internal Builder(MapValue map)
        {
            _entries = map._entries;
            _built = map;
        }

        /// <summary>How many entries there are.</summary>
        public int Count => _entries.Count;

        /// <summary>Gets or sets one entry; setting one that is there keeps its place.</summary>
        public Value this[string name]
        {
            get => _entries[name];
            set
            {
                CopyIfBuilt();

                // User code sets outputs here: nothing is a value too, and must not be mistaken for a missing one.
                _entries[name] = value ?? Null;
            }
        }

        /// <summary>Adds an entry.</summary>
        /// <exception cref="ArgumentException">There is one of this name.</exception>
        public void Add(string name, Value value)
        {
            CopyIfBuilt();
            _entries.Add(name, value ?? Null);
        }

        /// <summary>Whether there is an entry of this name.</summary>
        public bool ContainsKey(string name) => _entries.ContainsKey(name);

        /// <summary>Gets an entry where there is one.</summary>
        public bool TryGetValue(string name, [MaybeNullWhen(false)] out Value value) => _entries.TryGetValue(name, out value);

        /// <summary>Removes an entry; false where there was none.</summary>
        public bool Remove(string name)
        {
            if (!_entries.ContainsKey(name))
            {
                return false;
            }

            CopyIfBuilt();
            return _entries.Remove(name);
        }

        /// <summary>Removes every entry.</summary>
        public void Clear()
        {
            _entries = new(StringComparer.Ordinal);
            _built = null;
        }

        /// <summary>Sets every entry of <paramref name="entries"/>.</summary>
        public void SetAll(IEnumerable<KeyValuePair<string, Value>> entries)
        {
            foreach ((string name, Value value) in entries)
            {
                this[name] = value;
            }
        }

        /// <summary>The map with the entries as they are now, the same instance as before where none changed. The builder can go on; the map stays.</summary>
        public MapValue Build() => _built ??= new MapValue(_entries);

        /// <inheritdoc/>
        public IEnumerator<KeyValuePair<string, Value>> GetEnumerator() => _entries.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => _entries.GetEnumerator();

        private void CopyIfBuilt()
        {
            if (_built is not null)
            {
                _entries = _entries.Count == 0 ? new(StringComparer.Ordinal) : new(_entries, StringComparer.Ordinal);
                _built = null;
            }
        }
    }
}
