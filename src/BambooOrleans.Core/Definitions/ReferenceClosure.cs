namespace BambooOrleans.Core.Definitions;

/// <summary>Finds what a value refers to, directly or through others.</summary>
internal static class ReferenceClosure
{
    /// <param name="start">What the value refers to directly.</param>
    /// <param name="direct">What each key refers to directly.</param>
    public static HashSet<string> Of(
        IReadOnlyCollection<string> start, IReadOnlyDictionary<string, IReadOnlyCollection<string>> direct)
    {
        var closure = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Stack<string>(start);
        while (waiting.TryPop(out string? key))
        {
            if (closure.Add(key) && direct.TryGetValue(key, out IReadOnlyCollection<string>? further))
            {
                foreach (string reference in further)
                {
                    waiting.Push(reference);
                }
            }
        }

        return closure;
    }
}
