using System.Globalization;
using System.Numerics;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Modules;

/// <summary><c>datetime</c>: dates, moments without a zone, and lengths of time.</summary>
internal static class DateTimeModule
{
    public static PyModule Module { get; } = Build();

    /// <summary>A date or moment of year, month, day, hour, minute, second and microsecond.</summary>
    public static object Make(int[] parts, bool hasTime)
    {
        if (parts[0] is < 1 or > 9999)
        {
            throw PythonError.Value($"year {parts[0]} is out of range");
        }

        if (parts[1] is < 1 or > 12)
        {
            throw PythonError.Value("month must be in 1..12");
        }

        if (parts[2] < 1 || parts[2] > DateTime.DaysInMonth(parts[0], parts[1]))
        {
            throw PythonError.Value("day is out of range for month");
        }

        if (parts[3] is < 0 or > 23 || parts[4] is < 0 or > 59 || parts[5] is < 0 or > 59 || parts[6] is < 0 or > 999_999)
        {
            throw PythonError.Value("the time of day is out of range");
        }

        DateTime moment = new DateTime(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]).AddTicks(parts[6] * 10L);
        return new PythonDateTime(hasTime ? moment : moment.Date, hasTime);
    }

    private static PyModule Build()
    {
        var module = new PyModule("datetime");
        module.Members.Add("timedelta", PythonTimeDelta.Type);
        module.Members.Add("date", Date());
        module.Members.Add("datetime", Moment());
        module.Members.Add("MINYEAR", BigInteger.One);
        module.Members.Add("MAXYEAR", new BigInteger(9999));
        return module;
    }

    private static PyType Date()
    {
        PyType type = Type("datetime.date", "year, month, day", hasTime: false);
        Add(type, "today", string.Empty, (run, _) => new PythonDateTime(Now(run).Date, hasTime: false));
        Add(type, "fromisoformat", "date_string", (_, arguments) => FromIso(ModuleTable.Text(arguments[0]), hasTime: false));
        Add(type, "fromtimestamp", "timestamp", (run, arguments) => FromTimestamp(arguments[0]!, ModuleTable.Environment(run).Now.Offset, hasTime: false));
        Add(type, "fromordinal", "ordinal", (_, arguments) =>
            PythonDateTime.At((Numbers.ToInt(arguments[0]!) - 1) * PythonTimeDelta.MicrosecondsPerDay, hasTime: false));
        return type;
    }

    private static PyType Moment()
    {
        PyType type = Type("datetime.datetime", "year, month, day, hour?, minute?, second?, microsecond?", hasTime: true);
        Add(type, "now", string.Empty, (run, _) => new PythonDateTime(Now(run), hasTime: true));
        Add(type, "today", string.Empty, (run, _) => new PythonDateTime(Now(run), hasTime: true));
        Add(type, "utcnow", string.Empty, (run, _) => new PythonDateTime(Whole(ModuleTable.Environment(run).Now.UtcDateTime), hasTime: true));
        Add(type, "fromisoformat", "date_string", (_, arguments) => FromIso(ModuleTable.Text(arguments[0]), hasTime: true));
        Add(type, "fromtimestamp", "timestamp", (run, arguments) => FromTimestamp(arguments[0]!, ModuleTable.Environment(run).Now.Offset, hasTime: true));
        Add(type, "utcfromtimestamp", "timestamp", (_, arguments) => FromTimestamp(arguments[0]!, TimeSpan.Zero, hasTime: true));
        Add(type, "strptime", "date_string, format", (run, arguments) => new PythonDateTime(
            DateFormat.Parse(run, ModuleTable.Text(arguments[0]), ModuleTable.Text(arguments[1])), hasTime: true));
        return type;
    }

    private static PyType Type(string name, string parameters, bool hasTime)
    {
        var signature = new Signature(name, parameters);
        var type = new PyType(name, (_, arguments) =>
        {
            int[] parts = new int[7];
            object?[] bound = signature.Bind(arguments);
            for (int i = 0; i < bound.Length; i++)
            {
                parts[i] = bound[i] is null ? 0 : Numbers.ToIndex(bound[i]!);
            }

            return Make(parts, hasTime);
        });

        // datetime.strftime(moment, format) and its like take their object first.
        foreach (string method in new[] { "strftime", "isoformat", "weekday", "isoweekday", "date", "replace", "timestamp" })
        {
            type.Members.Add(method, new PyFunction(method, $"<method '{method}' of '{name}' objects>", (run, arguments) =>
                arguments.Positional is [PythonDateTime date, ..] && date.Attribute(method) is { } bound
                    ? Calls.Invoke(run, bound, arguments.Rest())
                    : throw PythonError.Type($"unbound method {method} needs a date")));
        }

        return type;
    }

    private static void Add(PyType type, string name, string parameters, Func<Run, object?[], object> body) =>
        type.Members.Add(name, ModuleTable.Function(name, parameters, body));

    private static DateTime Now(Run run) => Whole(ModuleTable.Environment(run).Now.DateTime);

    private static DateTime Whole(DateTime moment) => new(moment.Ticks - (moment.Ticks % 10));

    private static PythonDateTime FromTimestamp(object timestamp, TimeSpan offset, bool hasTime)
    {
        double seconds = Numbers.ToFloat(timestamp);
        BigInteger microseconds = timestamp is double
            ? Numbers.Truncate(Math.Round(seconds * PythonTimeDelta.MicrosecondsPerSecond, MidpointRounding.ToEven))
            : Numbers.ToInt(timestamp) * PythonTimeDelta.MicrosecondsPerSecond;
        return PythonDateTime.At(microseconds + ((DateTime.UnixEpoch.Ticks + offset.Ticks) / 10), hasTime);
    }

    private static PythonDateTime FromIso(string text, bool hasTime)
    {
        string[] formats = hasTime
            ? [
                "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.FFFFFF",
                "yyyy-MM-dd HH:mm", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.FFFFFF", "yyyyMMdd", "yyyyMMdd'T'HHmmss",
            ]
            : ["yyyy-MM-dd", "yyyyMMdd"];
        return DateTime.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out DateTime moment)
            ? new PythonDateTime(moment, hasTime)
            : throw PythonError.Value($"Invalid isoformat string: {PythonRepr.Repr(text)}");
    }
}
