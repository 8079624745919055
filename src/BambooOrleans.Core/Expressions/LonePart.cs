using System.Globalization;
using System.Numerics;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions;

/// <summary>A text that is one template and nothing else. One that is a name of the context keeps the value's type.</summary>
internal sealed class LonePart : TemplatePart
{
    private readonly TextValue _source;
    private readonly CodePart _code;
    private readonly IReadOnlyList<string>? _keys;
    private readonly string? _indexed;

    public LonePart(TextValue source, CodePart code, ExpressionOptions options)
    {
        _source = source;
        _code = code;
        Name = source.Value[2..^1];
        if (options.RenderNestedIndexes)
        {
            (_indexed, _keys) = ReadIndexes(Name);
        }
    }

    /// <summary>What is between the braces.</summary>
    public string Name { get; }

    public override Value Render(Run run)
    {
        if (run.TryGetSource(Name, out Value? known))
        {
            return run.Current(Name, known);
        }

        if (_indexed is not null && run.TryGetSource(_indexed, out Value? root) && Follow(run.Current(_indexed, root)) is { } found)
        {
            return found;
        }

        string rendered = _code.Render(run);
        return ReferenceEquals(rendered, _code.Source) ? _source : rendered;
    }

    public override void CollectReferences(HashSet<string> references) => _code.CollectReferences(references);

    public override void CollectWarnings(List<ExpressionWarning> warnings, IReadOnlySet<string>? knownNames)
    {
        if (knownNames?.Contains(Name) != true)
        {
            _code.CollectWarnings(warnings, knownNames);
        }
    }

    // name["key"]['key'][0]: null where it is anything else.
    private static (string? Name, IReadOnlyList<string>? Keys) ReadIndexes(string text)
    {
        static int WordEnd(string text, int from)
        {
            while (from < text.Length && (char.IsLetterOrDigit(text[from]) || text[from] == '_'))
            {
                from++;
            }

            return from;
        }

        int at = WordEnd(text, 0);
        string name = text[..at];
        var keys = new List<string>();
        while (at < text.Length && text[at] == '[')
        {
            int start = ++at;
            bool quoted = at < text.Length && text[at] is '"' or '\'';
            int first = quoted ? at + 1 : at;
            int end = WordEnd(text, first);
            if (end == first || (!quoted && !text[first..end].All(char.IsDigit)))
            {
                return (null, null);
            }

            at = end;
            if (quoted && (at >= text.Length || text[at++] != text[start]))
            {
                return (null, null);
            }

            keys.Add(text[start..at]);
            if (at >= text.Length || text[at++] != ']')
            {
                return (null, null);
            }
        }

        return name.Length > 0 && keys.Count > 0 && at == text.Length ? (name, keys) : (null, null);
    }

    // A map takes any key as text, a list only a bare number.
    private Value? Follow(Value value)
    {
        foreach (string key in _keys!)
        {
            Value? next = value switch
            {
                MapValue map => map.TryGetValue(key.Trim('\'', '"'), out Value? entry) ? entry : null,
                ListValue list => BigInteger.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out BigInteger index) && index < list.Count
                    ? list[(int)index]
                    : null,
                _ => null,
            };
            if (next is null)
            {
                return null;
            }

            value = next;
        }

        return value;
    }
}
