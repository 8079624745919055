namespace BambooOrleans.Conformance.Comparing;

/// <summary>
/// Compares what an engine gave with what the corpus recorded. Numbers keep their kind: <c>1</c> is not <c>1.0</c>.
/// The order of a map's entries does not matter.
/// </summary>
public static class RecordComparison
{
    private const int ShownCharacters = 600;

    /// <summary>The first difference, or null where there is none.</summary>
    /// <param name="where">The step or check, for the report.</param>
    /// <param name="path">Where in the record the two values stand.</param>
    /// <param name="expected">What was recorded.</param>
    /// <param name="actual">What the engine gave.</param>
    public static Difference? FirstDifference(string where, string path, Value expected, Value actual) => (expected, actual) switch
    {
        (TextValue theirs, TextValue ours) when RecordedText.Matches(theirs.Value, ours.Value) => null,
        (MapValue theirs, _) when IsMarked(theirs, "$tuple", out Value? items) => FirstDifference(where, path, items, actual),
        (MapValue theirs, ListValue ours) when IsMarked(theirs, "$set", out Value? items) && items is ListValue set =>
            set.Count == ours.Count && set.All(ours.Contains) ? null : Of(where, path, expected, actual),
        (MapValue theirs, MapValue ours) => FirstDifferenceOfMaps(where, path, theirs, ours),
        (ListValue theirs, ListValue ours) => FirstDifferenceOfLists(where, path, theirs, ours),
        _ => expected.Equals(actual) ? null : Of(where, path, expected, actual),
    };

    /// <summary>A value as a report shows it.</summary>
    public static string Show(Value value)
    {
        string text = value.ToJson();
        return text.Length <= ShownCharacters ? text : $"{text.AsSpan(0, ShownCharacters)}… ({text.Length} characters)";
    }

    private static Difference? FirstDifferenceOfMaps(string where, string path, MapValue expected, MapValue actual)
    {
        foreach ((string name, Value theirs) in expected)
        {
            string inner = path.Length == 0 ? name : $"{path}.{name}";
            Difference? difference = actual.TryGetValue(name, out Value? ours)
                ? FirstDifference(where, inner, theirs, ours)
                : new Difference(where, inner, Show(theirs), "(not there)");
            if (difference is not null)
            {
                return difference;
            }
        }

        foreach ((string name, Value ours) in actual)
        {
            if (!expected.ContainsKey(name))
            {
                return new Difference(where, path.Length == 0 ? name : $"{path}.{name}", "(not there)", Show(ours));
            }
        }

        return null;
    }

    private static Difference? FirstDifferenceOfLists(string where, string path, ListValue expected, ListValue actual)
    {
        for (int index = 0; index < Math.Min(expected.Count, actual.Count); index++)
        {
            Difference? difference = FirstDifference(where, $"{path}[{index}]", expected[index], actual[index]);
            if (difference is not null)
            {
                return difference;
            }
        }

        return expected.Count == actual.Count
            ? null
            : new Difference(where, path, $"{expected.Count} items: {Show(expected)}", $"{actual.Count} items: {Show(actual)}");
    }

    private static Difference Of(string where, string path, Value expected, Value actual) =>
        new(where, path, Show(expected), Show(actual));

    private static bool IsMarked(MapValue map, string mark, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Value? items)
    {
        items = null;
        return map.Count == 1 && map.TryGetValue(mark, out items);
    }
}
