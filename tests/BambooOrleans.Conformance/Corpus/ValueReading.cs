namespace BambooOrleans.Conformance.Corpus;

/// <summary>Reads members of the corpus's JSON.</summary>
internal static class ValueReading
{
    public static Value? Member(this Value? value, string name) =>
        value is MapValue map && map.TryGetValue(name, out Value? member) ? member : null;

    public static string? Text(this Value? value, string name) => (value.Member(name) as TextValue)?.Value;

    public static bool Flag(this Value? value, string name) => value.Member(name) is BoolValue { Value: true };

    public static MapValue Map(this Value? value, string name) => value.Member(name) as MapValue ?? MapValue.Empty;

    public static ListValue List(this Value? value, string name) => value.Member(name) as ListValue ?? ListValue.Empty;

    public static int? Number(this Value? value, string name) =>
        value.Member(name) is IntValue number && number.TryGetInt64(out long small) ? (int)small : null;

    /// <summary>The member's text; a corpus without it cannot be replayed.</summary>
    public static string RequiredText(this Value? value, string name) =>
        value.Text(name) ?? throw new CorpusFormatException($"the member \"{name}\" is missing or is no text");
}
