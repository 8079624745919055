using System.Text;

namespace BambooOrleans.Storage;

/// <summary>
/// Ids and keys as PostgreSQL keeps them: its texts hold no U+0000, so that one is written as U+0001 '0', and U+0001 itself
/// as U+0001 '1'. That keeps their order, and leaves every other text as it is.
/// </summary>
internal static class PostgresText
{
    private const char Escape = '\u0001';

    public static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAny('\0', Escape))
        {
            return text;
        }

        StringBuilder encoded = new(text.Length + 4);
        foreach (char character in text)
        {
            _ = character switch
            {
                '\0' => encoded.Append(Escape).Append('0'),
                Escape => encoded.Append(Escape).Append('1'),
                _ => encoded.Append(character),
            };
        }

        return encoded.ToString();
    }

    public static string Decode(string text)
    {
        if (!text.Contains(Escape))
        {
            return text;
        }

        StringBuilder decoded = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            decoded.Append(text[i] != Escape ? text[i] : text[++i] == '0' ? '\0' : Escape);
        }

        return decoded.ToString();
    }

    /// <summary>The bytes that a column's text has in UTF-8, as an expression of SQL.</summary>
    public static string OctetLength(string column) => $"octet_length(replace({column}, E'\\x01', ''))";
}
