using System.Globalization;

namespace BambooOrleans.Hosting.Wire;

/// <summary>An answer is not what the function gives: it comes from something else, or from another version.</summary>
internal sealed class AnswerFormatException(string message) : Exception(message);

/// <summary>The members of a map in an answer, and where it stands there.</summary>
internal readonly struct AnswerMembers
{
    private readonly MapValue _map;
    private readonly string _path;

    private AnswerMembers(MapValue map, string path)
    {
        _map = map;
        _path = path;
    }

    public static AnswerMembers Of(Value value, string path) =>
        new(value as MapValue ?? throw Wrong(path, "an object", value), path);

    public static IReadOnlyList<T> ListOf<T>(Value value, string path, Func<Value, string, T> read) => value is ListValue list
        ? [.. list.Select((item, index) => read(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]")))]
        : throw Wrong(path, "a list", value);

    public static IReadOnlyDictionary<string, T> MapOf<T>(Value value, string path, Func<Value, string, T> read)
    {
        if (value is not MapValue map)
        {
            throw Wrong(path, "an object", value);
        }

        var entries = new Dictionary<string, T>(map.Count, StringComparer.Ordinal);
        foreach ((string name, Value entry) in map)
        {
            entries.Add(name, read(entry, $"{path}.{name}"));
        }

        return entries;
    }

    public static string TextOf(Value value, string path) => value is TextValue text ? text.Value : throw Wrong(path, "text", value);

    public static AnswerFormatException Wrong(string path, string expected, Value found) =>
        new($"{path} must be {expected}, but is {found.Describe()}");

    public string PathOf(string name) => $"{_path}.{name}";

    public Value Required(string name) =>
        _map.TryGetValue(name, out Value? value) ? value : throw new AnswerFormatException($"{PathOf(name)} is missing");

    public Value? Optional(string name) => _map.TryGetValue(name, out Value? value) && !value.IsNull ? value : null;

    public string Text(string name) => TextOf(Required(name), PathOf(name));

    public string? OptionalText(string name) => Optional(name) is { } value ? TextOf(value, PathOf(name)) : null;

    public bool Flag(string name) => Required(name) is BoolValue flag ? flag.Value : throw Wrong(PathOf(name), "true or false", Required(name));

    public long Long(string name) => Required(name) is IntValue number && number.TryGetInt64(out long whole)
        ? whole
        : throw Wrong(PathOf(name), "a whole number", Required(name));

    public int Int(string name) => Long(name) is >= int.MinValue and <= int.MaxValue and var whole
        ? (int)whole
        : throw Wrong(PathOf(name), "a whole number of 32 bits", Required(name));

    public int? OptionalInt(string name) => Optional(name) is null ? null : Int(name);

    public MapValue Map(string name) => Required(name) as MapValue ?? throw Wrong(PathOf(name), "an object", Required(name));

    public MapValue? OptionalMap(string name) => Optional(name) is null ? null : Map(name);

    public ListValue List(string name) => Required(name) as ListValue ?? throw Wrong(PathOf(name), "a list", Required(name));

    public IReadOnlyList<string> Texts(string name) => ListOf(Required(name), PathOf(name), TextOf);

    public DateTimeOffset Time(string name) => OptionalTime(name) ?? throw Wrong(PathOf(name), "a time", Value.Null);

    public DateTimeOffset? OptionalTime(string name) => Optional(name) switch
    {
        null => null,
        TextValue text when EngineArguments.TryReadTime(text.Value, out DateTimeOffset time) => time,
        { } other => throw Wrong(PathOf(name), "a time", other),
    };

    public NodeStateName State(string name)
    {
        string text = Text(name);
        try
        {
            return NodeStateNames.Parse(text);
        }
        catch (ArgumentException)
        {
            throw new AnswerFormatException($"{PathOf(name)} is no state");
        }
    }
}
