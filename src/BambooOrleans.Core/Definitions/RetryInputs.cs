using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Core.Definitions;

/// <summary>The data of a retry, as it replaces a node's raw inputs.</summary>
public static class RetryInputs
{
    private const string EscapedKeys = "_escape_render_keys";

    /// <summary>
    /// Every input is rendered, even one that was plain before, but for those that <c>_escape_render_keys</c> lists (observed).
    /// </summary>
    /// <exception cref="InvalidArgumentException"><c>_escape_render_keys</c> is no list of texts.</exception>
    public static RawInputs Parse(MapValue data, ExpressionOptions options)
    {
        var escaped = new HashSet<string>(StringComparer.Ordinal);
        if (data.TryGetValue(EscapedKeys, out Value? keys))
        {
            foreach (Value key in keys as ListValue ?? throw NotAList())
            {
                escaped.Add((key as TextValue ?? throw NotAList()).Value);
            }
        }

        return RawInputs.Parse(
            data.Where(entry => entry.Key != EscapedKeys).ToDictionary(
                entry => entry.Key, entry => new DataInput(!escaped.Contains(entry.Key), entry.Value), StringComparer.Ordinal),
            options);

        static InvalidArgumentException NotAList() => new($"{EscapedKeys} is no list of texts");
    }
}
