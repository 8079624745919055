using System.Text;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Hosting;

/// <summary>The names of pipelines as lists have them.</summary>
public static class PipelineNames
{
    /// <summary>How many characters of a name a list has.</summary>
    public const int LengthMax = 500;

    /// <summary>The name of a tree; null where it has none. What is longer than a list has is cut off, and what is no Unicode replaced.</summary>
    public static string? Of(PipelineTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        return tree.Name is { } name ? Listed(name) : null;
    }

    /// <summary>The name of a tree that is stored.</summary>
    /// <param name="tree">The tree, as JSON in UTF-8.</param>
    public static string? Of(ReadOnlySpan<byte> tree) =>
        ValueJson.Parse(tree) is MapValue source && source.TryGetValue("name", out Value? name) && name is TextValue text
            ? Listed(text.Value)
            : null;

    private static string Listed(string name)
    {
        var listed = new StringBuilder();
        foreach (Rune rune in name.EnumerateRunes())
        {
            if (listed.Length + rune.Utf16SequenceLength > LengthMax)
            {
                break;
            }

            listed.Append(rune.ToString());
        }

        return listed.ToString();
    }
}
