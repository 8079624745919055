using System.Text;

namespace BambooOrleans.Storage;

/// <summary>Which strings can be an id or a key of a store, and how they are searched.</summary>
internal static class StoredText
{
    /// <summary>
    /// Whether <paramref name="text"/> is well-formed Unicode. Half a surrogate pair has no UTF-8: written regardless, two
    /// different ids would become one.
    /// </summary>
    public static bool IsStorable(string text)
    {
        ReadOnlySpan<char> rest = text;
        int suspect = rest.IndexOfAnyInRange('\uD800', '\uDFFF');
        while (suspect >= 0)
        {
            rest = rest[suspect..];
            if (Rune.DecodeFromUtf16(rest, out _, out int consumed) != System.Buffers.OperationStatus.Done)
            {
                return false;
            }

            rest = rest[consumed..];
            suspect = rest.IndexOfAnyInRange('\uD800', '\uDFFF');
        }

        return true;
    }

    /// <summary>A text as it is searched, whatever its case.</summary>
    public static string Fold(string text) => text.ToUpperInvariant();
}
