using System.Text.Json.Serialization;
using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Core.Definitions;

/// <summary>One key of a scope's context.</summary>
public sealed class ContextEntry
{
    private Template? _template;

    /// <summary>Makes an entry.</summary>
    /// <param name="key">The key, <c>${name}</c>.</param>
    /// <param name="type">How the value is to be taken.</param>
    /// <param name="value">The value as it is written.</param>
    /// <param name="code">Of a computed one, the code of the lazy variable.</param>
    /// <param name="references">The keys that the value refers to, directly or through others, when the pipeline started.</param>
    public ContextEntry(
        string key, ContextValueType type, Value value, string? code = null, IReadOnlyCollection<string>? references = null)
    {
        Key = key;
        Type = type;
        Value = value;
        Code = code;
        References = references ?? [];
    }

    /// <summary>The key, <c>${name}</c>.</summary>
    public string Key { get; }

    /// <summary>How the value is to be taken.</summary>
    public ContextValueType Type { get; }

    /// <summary>The value as it is written.</summary>
    public Value Value { get; }

    /// <summary>Of a computed one, the code of the lazy variable.</summary>
    public string? Code { get; }

    /// <summary>
    /// The keys that the value refers to, directly or through others. Fixed when the pipeline starts and empty for what is
    /// written later, whatever the values become (observed): it decides which lazy variables a node computes.
    /// </summary>
    public IReadOnlyCollection<string> References { get; }

    /// <summary>The key without its braces, as expressions name it.</summary>
    [JsonIgnore]
    public string BareName => Bare(Key);

    /// <summary>The key without its braces: the first two characters and the last are dropped, whatever they are (observed).</summary>
    public static string Bare(string key) => key.Length > 3 ? key[2..^1] : "";

    /// <summary>The value, parsed for rendering.</summary>
    public Template GetTemplate(ExpressionOptions options) => _template ??= Template.Parse(Value, options);
}
