using System.Globalization;
using System.Text.RegularExpressions;

namespace BambooOrleans.Cli;

/// <summary>Reads a point in time: ISO 8601, in UTC where it names no offset, or one from now on such as <c>+10m</c> or <c>+1h30m</c>.</summary>
internal static partial class TimeArgument
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK",
        "yyyy-MM-dd HH:mmK", "yyyy-MM-dd HH:mm:ssK", "yyyy-MM-dd HH:mm:ss.FFFFFFFK",
    ];

    /// <exception cref="CliException">It is no time, or one that no calendar has.</exception>
    public static DateTimeOffset Parse(string text, string option, DateTimeOffset now)
    {
        if (DateTimeOffset.TryParseExact(
            text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time))
        {
            return time.ToUniversalTime();
        }

        Match relative = Relative().Match(text);
        double seconds = Seconds(relative, "d", 86_400) + Seconds(relative, "h", 3_600) + Seconds(relative, "m", 60) + Seconds(relative, "s", 1);
        return relative.Success && text.Length > 1 && seconds <= (DateTimeOffset.MaxValue - now).TotalSeconds - 1
            ? now.AddSeconds(seconds)
            : throw new CliException(
                "invalid-argument", $"{option} is a time such as 2030-01-31T08:00:00Z or +10m, not {text}", option);
    }

    /// <summary>Reads a length of time, such as <c>30d</c> or <c>1h30m</c>.</summary>
    /// <exception cref="CliException">It is none, or a longer one than there are calendars for.</exception>
    public static TimeSpan ParseLength(string text, string option)
    {
        Match length = Relative().Match($"+{text}");
        double seconds = Seconds(length, "d", 86_400) + Seconds(length, "h", 3_600) + Seconds(length, "m", 60) + Seconds(length, "s", 1);
        return length.Success && text.Length > 0 && seconds <= 1_000 * 366 * 86_400.0
            ? TimeSpan.FromSeconds(seconds)
            : throw new CliException("invalid-argument", $"{option} is a length of time such as 30d or 12h, not {text}", option);
    }

    private static double Seconds(Match relative, string unit, double seconds) =>
        relative.Groups[unit] is { Success: true } number ? double.Parse(number.Value, CultureInfo.InvariantCulture) * seconds : 0;

    [GeneratedRegex(@"^\+((?<d>[0-9]{1,9})d)?((?<h>[0-9]{1,9})h)?((?<m>[0-9]{1,9})m)?((?<s>[0-9]{1,9})s)?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Relative();
}
