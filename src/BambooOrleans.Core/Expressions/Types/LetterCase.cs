using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Types;

/// <summary>Upper, lower and title case of text, with the letters that become several.</summary>
internal static partial class LetterCase
{
    private static readonly FrozenDictionary<int, string> Uppers = Read(UpperText);
    private static readonly FrozenDictionary<int, string> Titles = Read(TitleText);
    private static readonly FrozenDictionary<int, string> Folds = Read(FoldText);

    public static string Upper(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToUpperInvariant();
        }

        var target = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            AppendUpper(target, rune);
        }

        return target.ToString();
    }

    public static string Lower(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }

        Rune[] runes = [.. text.EnumerateRunes()];
        var target = new StringBuilder(text.Length);
        for (int i = 0; i < runes.Length; i++)
        {
            AppendLower(target, runes, i);
        }

        return target.ToString();
    }

    public static string Fold(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text.ToLowerInvariant();
        }

        var target = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = Folds.TryGetValue(rune.Value, out string? folded) ? target.Append(folded) : Simple(target, rune);
        }

        return target.ToString();
    }

    public static string Swap(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        var target = new StringBuilder(text.Length);
        for (int i = 0; i < runes.Length; i++)
        {
            if (Characters.IsUpper(runes[i]))
            {
                AppendLower(target, runes, i);
            }
            else if (Characters.IsLower(runes[i]))
            {
                AppendUpper(target, runes[i]);
            }
            else
            {
                target.Append(runes[i]);
            }
        }

        return target.ToString();
    }

    public static string Title(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        var target = new StringBuilder(text.Length);
        bool within = false;
        for (int i = 0; i < runes.Length; i++)
        {
            if (within)
            {
                AppendLower(target, runes, i);
            }
            else
            {
                AppendTitle(target, runes[i]);
            }

            within = Characters.IsCased(runes[i]);
        }

        return target.ToString();
    }

    public static string Capitalize(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        var target = new StringBuilder(text.Length);
        for (int i = 0; i < runes.Length; i++)
        {
            if (i == 0)
            {
                AppendTitle(target, runes[0]);
            }
            else
            {
                AppendLower(target, runes, i);
            }
        }

        return target.ToString();
    }

    public static bool IsTitle(string text)
    {
        bool within = false;
        bool any = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            bool starts = Characters.IsUpper(rune) || Characters.IsTitle(rune);
            if ((starts && within) || (!starts && Characters.IsLower(rune) && !within))
            {
                return false;
            }

            within = Characters.IsCased(rune);
            any |= within;
        }

        return any;
    }

    private static void AppendUpper(StringBuilder target, Rune rune) =>
        _ = Uppers.TryGetValue(rune.Value, out string? upper) ? target.Append(upper) : target.Append(Rune.ToUpperInvariant(rune));

    private static void AppendTitle(StringBuilder target, Rune rune)
    {
        if (Titles.TryGetValue(rune.Value, out string? title))
        {
            target.Append(title);
        }
        else
        {
            AppendUpper(target, rune);
        }
    }

    private static void AppendLower(StringBuilder target, Rune[] runes, int at)
    {
        switch (runes[at].Value)
        {
            case 0x130:
                target.Append("i\u0307");
                break;
            case 0x3A3:
                target.Append(EndsWord(runes, at) ? '\u03C2' : '\u03C3');
                break;
            default:
                Simple(target, runes[at]);
                break;
        }
    }

    private static StringBuilder Simple(StringBuilder target, Rune rune) =>
        rune.Value == 0x130 ? target.Append("i\u0307") : target.Append(Rune.ToLowerInvariant(rune));

    // A sigma is a final one behind a cased letter where no other follows; marks in between do not count.
    private static bool EndsWord(Rune[] runes, int at)
    {
        static bool Ignored(Rune rune) => rune.Value is '\'' or '.' or ':' or '^' or '`' or 0xA8 or 0xAD or 0xAF or 0xB4 or 0xB7 or 0xB8 or 0x2019
            || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
                or UnicodeCategory.Format or UnicodeCategory.ModifierLetter or UnicodeCategory.ModifierSymbol;
        int before = at - 1;
        while (before >= 0 && Ignored(runes[before]))
        {
            before--;
        }

        int after = at + 1;
        while (after < runes.Length && Ignored(runes[after]))
        {
            after++;
        }

        return before >= 0 && Characters.IsCased(runes[before]) && (after >= runes.Length || !Characters.IsCased(runes[after]));
    }

    private static FrozenDictionary<int, string> Read(string text) => text
        .Split('|', StringSplitOptions.RemoveEmptyEntries)
        .ToFrozenDictionary(entry => char.ConvertToUtf32(entry, 0), entry => entry[(char.IsHighSurrogate(entry[0]) ? 2 : 1)..]);
}
