using System.Globalization;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Hosting.Wire;

/// <summary>The kinds of arguments that the functions of the Engine API have.</summary>
internal static class EngineArguments
{
    /// <summary>The longest that one call may wait, in seconds.</summary>
    public const int WaitSecondsMax = 300;

    private const string AnyText = "text";
    private const string AnyStates = "a list of states";
    private const string AnyPosition = "an object with created_time and root_id";
    private const string AnyTime = "a time as ISO 8601 text with its offset, such as 2026-01-31T12:00:00Z";

    private static readonly string[] TimeFormats =
    [
        "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK",
    ];

    public static EngineArgument<string> Text(string name, string parameter) => new(name, parameter, AnyText, ReadText, fallback: null);

    public static EngineArgument<string?> OptionalText(string name, string parameter) => new(name, parameter, AnyText, ReadText, () => null);

    public static EngineArgument<bool> Flag(string name, string parameter, bool fallback) => new(
        name, parameter, "true or false", (place, value) => value is BoolValue flag ? flag.Value : throw place.Wrong("true or false", value), () => fallback);

    /// <summary>A whole number.</summary>
    public static EngineArgument<long> Whole(string name, string parameter, long min, long max, long fallback)
    {
        string expected = string.Create(CultureInfo.InvariantCulture, $"a whole number from {min} to {max}");
        return new(
            name,
            parameter,
            expected,
            (place, value) => value is IntValue number && number.TryGetInt64(out long whole) && whole >= min && whole <= max
                ? whole
                : throw place.Wrong(expected, value),
            () => fallback);
    }

    /// <summary>How long a call may wait, in seconds; not given, it waits until it has an answer.</summary>
    public static EngineArgument<TimeSpan?> WaitSeconds() => WaitSeconds(
        string.Create(CultureInfo.InvariantCulture, $"a number of seconds above 0 and at most {WaitSecondsMax}"), seconds => seconds > 0, null);

    /// <summary>How long a call may wait, in seconds; not given, it does not wait.</summary>
    public static EngineArgument<TimeSpan?> WaitSecondsOrNone() => WaitSeconds(
        string.Create(CultureInfo.InvariantCulture, $"a number of seconds from 0 to {WaitSecondsMax}"), seconds => seconds >= 0, TimeSpan.Zero);

    public static EngineArgument<DateTimeOffset?> OptionalTime(string name, string parameter) => new(
        name,
        parameter,
        AnyTime,
        (place, value) => value is TextValue text && TryReadTime(text.Value, out DateTimeOffset time) ? time : throw place.Wrong(AnyTime, value),
        () => null);

    public static EngineArgument<MapValue> Map(string name, string parameter) => new(name, parameter, "an object", ReadMap, fallback: null);

    public static EngineArgument<MapValue?> OptionalMap(string name, string parameter) => new(name, parameter, "an object", ReadMap, () => null);

    /// <summary>Any JSON.</summary>
    public static EngineArgument<Value> Any(string name, string parameter) => new(name, parameter, "a JSON value", Keepable, fallback: null);

    /// <summary>Any JSON, to be looked at and not kept, however deep it is.</summary>
    public static EngineArgument<Value> Unchecked(string name, string parameter) =>
        new(name, parameter, "a JSON value", (_, value) => value, fallback: null);

    public static EngineArgument<IReadOnlySet<NodeStateName>?> OptionalStates(string name, string parameter) => new(
        name,
        parameter,
        AnyStates,
        (place, value) => value is ListValue list
            ? list.Select((item, index) => ReadState(place.At(index), item)).ToHashSet()
            : throw place.Wrong(AnyStates, value),
        () => null);

    public static EngineArgument<PipelinePosition?> OptionalPosition(string name, string parameter) => new(
        name, parameter, AnyPosition, (place, value) => ReadPosition(place, value), () => null);

    public static EngineArgument<IReadOnlyList<string>> Texts(string name, string parameter)
    {
        const string Expected = "a list of texts";
        return new(
            name,
            parameter,
            Expected,
            (place, value) => value is ListValue list
                ? [.. list.Select((item, index) => ReadText(place.At(index), item))]
                : throw place.Wrong(Expected, value),
            fallback: null);
    }

    /// <summary>A pipeline as its JSON tree; what is wrong in it has the tree's own errors, with the path from <c>pipeline</c>.</summary>
    public static EngineArgument<PipelineTree> Tree(string name, string parameter) => new(
        name, parameter, "a pipeline tree", (_, value) => PipelineTreeReader.Read(value), fallback: null);

    public static EngineArgument<IReadOnlyList<ContextValue>> ContextValues(string name, string parameter)
    {
        const string Expected = "a list of objects with key, type, value and code";
        return new(
            name,
            parameter,
            Expected,
            (place, value) => value is ListValue list
                ? [.. list.Select((item, index) => ReadContextValue(place.At(index), item))]
                : throw place.Wrong(Expected, value),
            fallback: null);
    }

    /// <summary>Reads a time that says its offset; one without would mean another time in each place.</summary>
    public static bool TryReadTime(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, TimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.None, out time)
        && (text[^1] == 'Z' || text.LastIndexOfAny(['+', '-']) > text.IndexOf('T', StringComparison.Ordinal));

    private static EngineArgument<TimeSpan?> WaitSeconds(string expected, Func<double, bool> isEnough, TimeSpan? fallback) => new(
        "wait_seconds",
        "",
        expected,
        (place, value) =>
        {
            double seconds = value switch
            {
                IntValue number => (double)number.Value,
                FloatValue number => number.Value,
                _ => double.NaN,
            };
            return seconds <= WaitSecondsMax && isEnough(seconds) ? TimeSpan.FromSeconds(seconds) : throw place.Wrong(expected, value);
        },
        () => fallback);

    private static NodeStateName ReadState(ArgumentPlace place, Value value)
    {
        try
        {
            return NodeStateNames.Parse(ReadText(place, value));
        }
        catch (ArgumentException)
        {
            throw place.Wrong(
                $"one of {string.Join(", ", Enum.GetValues<NodeStateName>().Select(state => state.ToApiName()))}", value);
        }
    }

    private static PipelinePosition ReadPosition(ArgumentPlace place, Value value)
    {
        if (value is not MapValue map || map.Keys.Any(name => name is not ("created_time" or "root_id")))
        {
            throw place.Wrong(AnyPosition, value);
        }

        Value created = map.TryGetValue("created_time", out Value? time) ? time : throw place.Member("created_time").Missing(AnyTime);
        Value rootId = map.TryGetValue("root_id", out Value? id) ? id : throw place.Member("root_id").Missing(AnyText);
        return new PipelinePosition(
            created is TextValue text && TryReadTime(text.Value, out DateTimeOffset at) ? at : throw place.Member("created_time").Wrong(AnyTime, created),
            ReadText(place.Member("root_id"), rootId));
    }

    private static ContextValue ReadContextValue(ArgumentPlace place, Value value)
    {
        if (value is not MapValue map)
        {
            throw place.Wrong("an object with key, type, value and code", value);
        }

        foreach (string name in map.Keys)
        {
            if (name is not ("key" or "type" or "value" or "code"))
            {
                throw new InvalidArgumentException($"{place.Function}: the argument {place.Path} has a member {ArgumentPlace.Quote(name)}, but its members are key, type, value and code");
            }
        }

        Value Member(string name, string expected) =>
            map.TryGetValue(name, out Value? member) ? member : throw place.Member(name).Missing(expected);

        Value type = Member("type", ContextValueData.ExpectedType);
        return new ContextValue(
            ReadText(place.Member("key"), Member("key", AnyText)),
            ContextValueData.TryReadType(type) ?? throw place.Member("type").Wrong(ContextValueData.ExpectedType, type),
            Keepable(place.Member("value"), Member("value", "a JSON value")),
            map.TryGetValue("code", out Value? code) && !code.IsNull ? ReadText(place.Member("code"), code) : null);
    }

    private static string ReadText(ArgumentPlace place, Value value) =>
        value is TextValue text ? text.Value : throw place.Wrong(AnyText, value);

    private static MapValue ReadMap(ArgumentPlace place, Value value) =>
        (MapValue)Keepable(place, value as MapValue ?? throw place.Wrong("an object", value));

    private static Value Keepable(ArgumentPlace place, Value value) => ValueJson.IsTooDeep(value) ? throw place.TooDeep() : value;
}
