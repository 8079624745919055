namespace BambooOrleans.Conformance.Comparing;

/// <summary>
/// Texts that FORMAT.md normalises: what the reference took from its interpreter is compared only as far as another
/// implementation can know it.
/// </summary>
internal static class RecordedText
{
    private const string Traceback = "$TRACEBACK$ ";

    // The text after these comes from an exception of the reference's interpreter.
    private static readonly string[] ComparedUpTo = ["hydrate failed(", " fail with data["];

    /// <summary>Whether <paramref name="actual"/> says what was recorded.</summary>
    public static bool Matches(string recorded, string actual)
    {
        if (recorded == actual)
        {
            return true;
        }

        int traceback = recorded.IndexOf(Traceback, StringComparison.Ordinal);
        if (traceback >= 0)
        {
            return actual.Length > 0 && actual.Contains(MessageOf(recorded[(traceback + Traceback.Length)..]), StringComparison.Ordinal);
        }

        foreach (string end in ComparedUpTo)
        {
            int at = recorded.IndexOf(end, StringComparison.Ordinal);
            if (at >= 0)
            {
                return actual.StartsWith(recorded.AsSpan(0, at + end.Length), StringComparison.Ordinal);
            }
        }

        return false;
    }

    // The last line of a traceback is the exception's class, and its message where it has one.
    private static string MessageOf(string lastLine)
    {
        int colon = lastLine.IndexOf(": ", StringComparison.Ordinal);
        return colon < 0 ? "" : lastLine[(colon + 2)..];
    }
}
