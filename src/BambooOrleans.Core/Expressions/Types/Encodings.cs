using System.Text;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>Text to bytes and back, in the encodings that need no tables.</summary>
internal static class Encodings
{
    public static PyBytes Encode(Run run, string text, string encoding, string errors)
    {
        run.Take(4L * text.Length);
        Encoding target = Find(encoding);
        EncoderFallback fallback = errors switch
        {
            "ignore" => new EncoderReplacementFallback(string.Empty),
            "replace" => new EncoderReplacementFallback("?"),
            _ => EncoderFallback.ExceptionFallback,
        };
        var strict = Encoding.GetEncoding(target.CodePage, fallback, DecoderFallback.ExceptionFallback);
        try
        {
            byte[] body = strict.GetBytes(text);
            return new PyBytes(WithMark(encoding) ? [.. target.GetPreamble(), .. body] : body);
        }
        catch (EncoderFallbackException)
        {
            throw new PythonError("UnicodeEncodeError", $"'{encoding}' codec can't encode the text");
        }
    }

    public static string Decode(Run run, byte[] bytes, string encoding, string errors)
    {
        run.Take(2L * bytes.Length);
        Encoding source = Find(encoding);
        DecoderFallback fallback = errors switch
        {
            "ignore" => new DecoderReplacementFallback(string.Empty),
            "replace" => new DecoderReplacementFallback("\uFFFD"),
            _ => DecoderFallback.ExceptionFallback,
        };
        byte[] mark = WithMark(encoding) ? source.GetPreamble() : [];
        int skip = mark.Length > 0 && bytes.AsSpan().StartsWith(mark) ? mark.Length : 0;
        try
        {
            return Encoding.GetEncoding(source.CodePage, EncoderFallback.ExceptionFallback, fallback).GetString(bytes, skip, bytes.Length - skip);
        }
        catch (DecoderFallbackException)
        {
            throw new PythonError("UnicodeDecodeError", $"'{encoding}' codec can't decode the bytes");
        }
    }

    private static Encoding Find(string name) => Plain(name) switch
    {
        "utf_8" or "utf8" or "u8" or "utf" or "cp65001" or "utf_8_sig" => Encoding.UTF8,
        "ascii" or "us_ascii" or "646" => Encoding.ASCII,
        "latin_1" or "latin1" or "latin" or "l1" or "iso_8859_1" or "iso8859_1" or "8859" or "cp819" => Encoding.Latin1,
        "utf_16" or "utf16" or "u16" or "utf_16_le" or "utf_16le" => Encoding.Unicode,
        "utf_16_be" or "utf_16be" => Encoding.BigEndianUnicode,
        "utf_32" or "utf32" or "u32" or "utf_32_le" or "utf_32le" => Encoding.UTF32,
        _ => throw new PythonError("LookupError", $"unknown encoding: {name}"),
    };

    private static bool WithMark(string name) => Plain(name) is "utf_8_sig" or "utf_16" or "utf16" or "u16" or "utf_32" or "utf32" or "u32";

    // Whatever is neither letter nor digit counts as one underscore.
    private static string Plain(string name)
    {
        var plain = new StringBuilder(name.Length);
        foreach (char unit in name.ToLowerInvariant())
        {
            if (char.IsAsciiLetterOrDigit(unit))
            {
                plain.Append(unit);
            }
            else if (plain.Length > 0 && plain[^1] != '_')
            {
                plain.Append('_');
            }
        }

        return plain.ToString().TrimEnd('_');
    }
}
