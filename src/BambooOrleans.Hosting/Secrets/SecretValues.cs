using System.Buffers;
using System.Text;
using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Hosting;

/// <summary>
/// The values that are secret in a pipeline, to be found wherever they are repeated: in outputs, errors, other inputs, and parts of
/// longer texts.
/// </summary>
public sealed class SecretValues
{
    /// <summary>What stands in place of a secret.</summary>
    public const string Mask = "******";

    /// <summary>
    /// How long a value must be to be found where it is repeated. Shorter ones are masked where they stand, but not elsewhere:
    /// whatever holds a digit would be.
    /// </summary>
    public const int RepeatedLengthMin = 4;

    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private SearchValues<string>? _search;
    private string[]? _longestFirst;

    /// <summary>No secrets.</summary>
    public SecretValues()
    {
    }

    /// <summary>The same secrets, to which others can be added.</summary>
    public SecretValues(SecretValues known)
    {
        ArgumentNullException.ThrowIfNull(known);
        _texts.UnionWith(known._texts);
    }

    /// <summary>Adds a secret value; of lists and maps, what they hold.</summary>
    /// <param name="value">The value.</param>
    /// <param name="isWritten">Whether it is as it is written, so that texts with templates in them are not what will stand anywhere.</param>
    public void Add(Value value, bool isWritten = false)
    {
        switch (value)
        {
            case TextValue text when !isWritten || !Template.IsTemplate(text.Value):
                Add(text.Value);
                break;
            case IntValue or FloatValue:
                Add(value.ToJson());
                break;
            case ListValue list:
                foreach (Value item in list)
                {
                    Add(item, isWritten);
                }

                break;
            case MapValue map:
                foreach (Value item in map.Values)
                {
                    Add(item, isWritten);
                }

                break;
        }
    }

    /// <summary>A text with every secret in it masked; the same text where there is none.</summary>
    public string In(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (_texts.Count == 0 || text.AsSpan().IndexOfAny(_search ??= SearchValues.Create([.. _texts], StringComparison.Ordinal)) < 0)
        {
            return text;
        }

        // A secret may be part of another one.
        foreach (string secret in _longestFirst ??= [.. _texts.OrderByDescending(known => known.Length)])
        {
            text = text.Replace(secret, Mask, StringComparison.Ordinal);
        }

        return text;
    }

    /// <summary>A value with every secret in it masked; the same value where there is none.</summary>
    public Value In(Value value)
    {
        switch (value)
        {
            case TextValue text:
                return In(text.Value) is var masked && ReferenceEquals(masked, text.Value) ? value : masked;
            case IntValue or FloatValue:
                return _texts.Contains(value.ToJson()) ? Mask : value;
            case ListValue list:
                bool changed = false;
                List<Value> items = [];
                foreach (Value item in list)
                {
                    items.Add(In(item));
                    changed |= !ReferenceEquals(items[^1], item);
                }

                return changed ? Value.List(items) : value;
            case MapValue map:
                return In(map);
            default:
                return value;
        }
    }

    /// <summary>A map with every secret in it masked, in names too; the same map where there is none.</summary>
    public MapValue In(MapValue map)
    {
        ArgumentNullException.ThrowIfNull(map);
        bool changed = false;
        var masked = new MapValue.Builder();
        foreach ((string name, Value item) in map)
        {
            string shown = In(name);
            Value inItem = In(item);
            masked[shown] = inItem;
            changed |= !ReferenceEquals(shown, name) || !ReferenceEquals(inItem, item);
        }

        return changed ? masked.Build() : map;
    }

    // In the forms, too, in which a text stands in JSON, in an address, or in a header.
    private void Add(string text)
    {
        if (text.Length < RepeatedLengthMin)
        {
            return;
        }

        string json = ((Value)text).ToJson()[1..^1];
        if (_texts.Add(text) | _texts.Add(json) | _texts.Add(Uri.EscapeDataString(Printable(text)))
            | _texts.Add(Convert.ToBase64String(Encoding.UTF8.GetBytes(text))))
        {
            _search = null;
            _longestFirst = null;
        }
    }

    private static string Printable(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
