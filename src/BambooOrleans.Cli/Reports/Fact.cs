using System.Globalization;

namespace BambooOrleans.Cli.Reports;

/// <summary>One fact of a journal turn, as a command tells it.</summary>
internal sealed record Fact
{
    private const int DetailLettersMax = 60;

    private readonly MapValue _event;

    private Fact(JournalTurn turn, MapValue happened)
    {
        _event = happened;
        Position = turn.Position;
        RootId = turn.RootId;
        Machine = turn.MachineId;
        Name = Text(happened, "event") ?? "";
        Time = TimeOf(happened) ?? turn.Events.OfType<MapValue>().Select(TimeOf).FirstOrDefault(time => time is not null);
    }

    public long Position { get; }

    public string RootId { get; }

    /// <summary>The node, sub-process or root pipeline that decided it.</summary>
    public string Machine { get; }

    public string Name { get; }

    /// <summary>When; null where no fact of the turn says.</summary>
    public string? Time { get; }

    /// <summary>What else it holds, shortened to a line.</summary>
    public string Details => string.Join(" ", Rest.Select(detail => $"{detail.Name}={Short(detail.Value)}"));

    private IEnumerable<(string Name, Value Value)> Rest => _event
        .Where(member => member.Key is not ("event" or "time") && !member.Value.IsNull)
        .Select(member => (member.Key, member.Value));

    public static IEnumerable<Fact> Of(JournalTurn turn) => turn.Events.OfType<MapValue>().Select(happened => new Fact(turn, happened));

    public MapValue ToValue() => Value.Map(
        ("position", Position),
        ("time", Time),
        ("root_id", RootId),
        ("machine", Machine),
        ("fact", Name),
        ("details", Value.Map(Rest)));

    private static string? TimeOf(MapValue happened) =>
        DateTimeOffset.TryParse(Text(happened, "time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)
            ? ApiTime.Text(time)
            : null;

    private static string? Text(MapValue map, string name) => map.TryGetValue(name, out Value? value) && value is TextValue text ? text.Value : null;

    private static string Short(Value value)
    {
        string text = value is TextValue plain && !plain.Value.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter))
            ? plain.Value
            : value.ToJson();
        return text.Length <= DetailLettersMax ? text : $"{text[..DetailLettersMax]}…";
    }
}
