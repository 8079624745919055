using System.Globalization;
using System.Numerics;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Modules;

/// <summary>A date, or a date with the time of day; without a time zone.</summary>
/// <param name="moment">The moment, midnight for a date, in whole microseconds.</param>
/// <param name="hasTime">Whether it is a <c>datetime</c> rather than a <c>date</c>.</param>
internal sealed class PythonDateTime(DateTime moment, bool hasTime) : PyObject
{
    public DateTime Moment { get; } = moment;

    public override string TypeName => hasTime ? "datetime.datetime" : "datetime.date";

    private int Microsecond => (int)(Moment.Ticks % TimeSpan.TicksPerSecond / 10);

    /// <summary>A date or moment so many microseconds after year one began; an error outside of the years 1 to 9999.</summary>
    public static PythonDateTime At(BigInteger microseconds, bool hasTime)
    {
        if (microseconds.Sign < 0 || microseconds * 10 > DateTime.MaxValue.Ticks)
        {
            throw PythonError.Overflow("date value out of range");
        }

        long ticks = (long)microseconds * 10;
        var moment = new DateTime(ticks);
        return new PythonDateTime(hasTime ? moment : moment.Date, hasTime);
    }

    public override string Repr()
    {
        if (!hasTime)
        {
            return string.Create(CultureInfo.InvariantCulture, $"datetime.date({Moment.Year}, {Moment.Month}, {Moment.Day})");
        }

        string seconds = Moment.Second != 0 || Microsecond != 0 ? string.Create(CultureInfo.InvariantCulture, $", {Moment.Second}") : string.Empty;
        string fraction = Microsecond != 0 ? string.Create(CultureInfo.InvariantCulture, $", {Microsecond}") : string.Empty;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"datetime.datetime({Moment.Year}, {Moment.Month}, {Moment.Day}, {Moment.Hour}, {Moment.Minute}{seconds}{fraction})");
    }

    public override string Str() => Iso(" ");

    public override object? Attribute(string name)
    {
        switch (name)
        {
            case "year":
                return (BigInteger)Moment.Year;
            case "month":
                return (BigInteger)Moment.Month;
            case "day":
                return (BigInteger)Moment.Day;
            case "strftime":
                return ModuleTable.Function(name, "format", (run, arguments) => DateFormat.Format(run, Moment, ModuleTable.Text(arguments[0])));
            case "isoformat":
                return ModuleTable.Function(name, "sep?", (_, arguments) => Iso(arguments[0] as string ?? "T"));
            case "weekday":
                return ModuleTable.Function(name, string.Empty, (_, _) => (BigInteger)(((int)Moment.DayOfWeek + 6) % 7));
            case "isoweekday":
                return ModuleTable.Function(name, string.Empty, (_, _) => (BigInteger)((((int)Moment.DayOfWeek + 6) % 7) + 1));
            case "toordinal":
                return ModuleTable.Function(name, string.Empty, (_, _) => (BigInteger)((Moment.Ticks / TimeSpan.TicksPerDay) + 1));
            case "ctime":
                return ModuleTable.Function(name, string.Empty, (run, _) => DateFormat.Format(run, Moment, "%a %b %e %H:%M:%S %Y"));
            case "replace":
                return Replacer();
        }

        return !hasTime ? null : name switch
        {
            "hour" => (BigInteger)Moment.Hour,
            "minute" => (BigInteger)Moment.Minute,
            "second" => (BigInteger)Moment.Second,
            "microsecond" => (BigInteger)Microsecond,
            "tzinfo" => PyNone.Instance,
            "date" => ModuleTable.Function(name, string.Empty, (_, _) => new PythonDateTime(Moment.Date, hasTime: false)),
            "timestamp" => ModuleTable.Function(name, string.Empty, (run, _) =>
                Numbers.Ratio((Moment - DateTime.UnixEpoch - ModuleTable.Environment(run).Now.Offset).Ticks, TimeSpan.TicksPerSecond)),
            _ => null,
        };
    }

    public override object? Binary(Run run, string op, object left, object right)
    {
        BigInteger here = Moment.Ticks / 10;
        return (op, left, right) switch
        {
            ("+", PythonDateTime, PythonTimeDelta delta) => At(here + Whole(delta), hasTime),
            ("+", PythonTimeDelta delta, PythonDateTime) => At(here + Whole(delta), hasTime),
            ("-", PythonDateTime, PythonTimeDelta delta) => At(here - Whole(delta), hasTime),
            ("-", PythonDateTime a, PythonDateTime b) when a.TypeName == b.TypeName => new PythonTimeDelta((a.Moment.Ticks - b.Moment.Ticks) / 10),
            _ => null,
        };
    }

    public override int? CompareTo(object other) =>
        other is PythonDateTime date && date.TypeName == TypeName ? Moment.CompareTo(date.Moment) : null;

    public override int Hash() => Moment.GetHashCode();

    // A date moves by whole days only.
    private BigInteger Whole(PythonTimeDelta delta) =>
        hasTime ? delta.Microseconds : Numbers.ToInt(delta.Attribute("days")!) * PythonTimeDelta.MicrosecondsPerDay;

    private string Iso(string separator)
    {
        string date = Moment.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return !hasTime
            ? date
            : date + separator + Moment.ToString(Microsecond == 0 ? "HH:mm:ss" : "HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
    }

    private PyFunction Replacer() => ModuleTable.Function(
        "replace",
        hasTime ? "year?, month?, day?, hour?, minute?, second?, microsecond?" : "year?, month?, day?",
        (_, arguments) =>
        {
            int[] parts = [Moment.Year, Moment.Month, Moment.Day, Moment.Hour, Moment.Minute, Moment.Second, Microsecond];
            for (int i = 0; i < arguments.Length; i++)
            {
                parts[i] = arguments[i] is null ? parts[i] : Numbers.ToIndex(arguments[i]!);
            }

            return DateTimeModule.Make(parts, hasTime);
        });
}
