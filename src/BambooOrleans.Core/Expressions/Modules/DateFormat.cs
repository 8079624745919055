using System.Globalization;
using System.Text;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Modules;

/// <summary><c>strftime</c> and <c>strptime</c>, with English names.</summary>
internal static class DateFormat
{
    public static string Format(Run run, DateTime moment, string format)
    {
        var target = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            run.Step();
            if (format[i] != '%' || i + 1 >= format.Length)
            {
                target.Append(format[i]);
                continue;
            }

            target.Append(Directive(run, moment, format[++i]));
        }

        return run.Taken(target.ToString());
    }

    public static DateTime Parse(Run run, string text, string format)
    {
        int at = 0;
        var parts = new Parts();
        for (int i = 0; i < format.Length; i++)
        {
            run.Step();
            if (format[i] == '%' && i + 1 < format.Length)
            {
                parts.Read(format[++i], text, ref at);
            }
            else if (char.IsWhiteSpace(format[i]))
            {
                while (at < text.Length && char.IsWhiteSpace(text[at]))
                {
                    at++;
                }
            }
            else if (at >= text.Length || char.ToLowerInvariant(text[at++]) != char.ToLowerInvariant(format[i]))
            {
                throw Mismatch(text, format);
            }
        }

        return at == text.Length
            ? parts.ToMoment()
            : throw PythonError.Value($"unconverted data remains: {text[at..]}");
    }

    private static PythonError Mismatch(string text, string format) =>
        PythonError.Value($"time data {PythonRepr.Repr(text)} does not match format {PythonRepr.Repr(format)}");

    private static string Directive(Run run, DateTime moment, char directive)
    {
        string To(string format) => moment.ToString(format, CultureInfo.InvariantCulture);
        string Number(int number, int width) => number.ToString(new string('0', width), CultureInfo.InvariantCulture);
        int weekday = (int)moment.DayOfWeek;
        return directive switch
        {
            'Y' => moment.Year.ToString(CultureInfo.InvariantCulture),
            'm' => To("MM"),
            'd' => To("dd"),
            'e' => moment.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
            'H' => To("HH"),
            'I' => To("hh"),
            'M' => To("mm"),
            'S' => To("ss"),
            'f' => To("ffffff"),
            'p' => moment.Hour < 12 ? "AM" : "PM",
            'y' => Number(moment.Year % 100, 2),
            'C' => Number(moment.Year / 100, 2),
            'a' => To("ddd"),
            'A' => To("dddd"),
            'b' or 'h' => To("MMM"),
            'B' => To("MMMM"),
            'j' => Number(moment.DayOfYear, 3),
            'w' => Number(weekday, 1),
            'u' => Number(weekday == 0 ? 7 : weekday, 1),
            'U' => Number((moment.DayOfYear + 6 - weekday) / 7, 2),
            'W' => Number((moment.DayOfYear + 6 - ((weekday + 6) % 7)) / 7, 2),
            'V' => Number(ISOWeek.GetWeekOfYear(moment), 2),
            'G' => ISOWeek.GetYear(moment).ToString(CultureInfo.InvariantCulture),
            'F' => Format(run, moment, "%Y-%m-%d"),
            'T' or 'X' => To("HH:mm:ss"),
            'R' => To("HH:mm"),
            'D' or 'x' => To("MM/dd/yy"),
            'r' => To("hh:mm:ss ") + (moment.Hour < 12 ? "AM" : "PM"),
            'c' => Format(run, moment, "%a %b %e %H:%M:%S %Y"),
            'n' => "\n",
            't' => "\t",
            'Z' or 'z' => string.Empty,
            '%' => "%",
            _ => "%" + directive,
        };
    }

    private sealed class Parts
    {
        private int _year = 1900;
        private int _month = 1;
        private int _day = 1;
        private int _hour;
        private int _minute;
        private int _second;
        private int _microsecond;
        private int? _dayOfYear;
        private int? _half;
        private int? _twelve;

        public void Read(char directive, string text, ref int at)
        {
            DateTimeFormatInfo names = DateTimeFormatInfo.InvariantInfo;
            switch (directive)
            {
                case 'Y':
                    _year = Number(text, ref at, 4, 4);
                    break;
                case 'y':
                    int year = Number(text, ref at, 2, 2);
                    _year = year < 69 ? 2000 + year : 1900 + year;
                    break;
                case 'm':
                    _month = Number(text, ref at, 1, 2);
                    break;
                case 'd':
                    _day = Number(text, ref at, 1, 2);
                    break;
                case 'H':
                    _hour = Number(text, ref at, 1, 2);
                    break;
                case 'I':
                    _twelve = Number(text, ref at, 1, 2);
                    break;
                case 'p':
                    _half = Name(text, ref at, ["AM", "PM"]);
                    break;
                case 'M':
                    _minute = Number(text, ref at, 1, 2);
                    break;
                case 'S':
                    _second = Number(text, ref at, 1, 2);
                    break;
                case 'f':
                    int start = at;
                    int fraction = Number(text, ref at, 1, 6);
                    for (int digits = at - start; digits < 6; digits++)
                    {
                        fraction *= 10;
                    }

                    _microsecond = fraction;
                    break;
                case 'j':
                    _dayOfYear = Number(text, ref at, 1, 3);
                    break;
                case 'b':
                    _month = Name(text, ref at, names.AbbreviatedMonthNames[..12]) + 1;
                    break;
                case 'B':
                    _month = Name(text, ref at, names.MonthNames[..12]) + 1;
                    break;
                case 'a':
                    Name(text, ref at, names.AbbreviatedDayNames);
                    break;
                case 'A':
                    Name(text, ref at, names.DayNames);
                    break;
                case '%' when at < text.Length && text[at] == '%':
                    at++;
                    break;
                default:
                    throw PythonError.Value($"'{directive}' is a bad directive in format");
            }
        }

        public DateTime ToMoment()
        {
            if (_twelve is { } twelve)
            {
                _hour = (twelve % 12) + (_half == 1 ? 12 : 0);
            }

            DateTime moment = ((PythonDateTime)DateTimeModule.Make([_year, _month, _day, _hour, _minute, _second, _microsecond], hasTime: true)).Moment;
            return _dayOfYear is { } day ? new DateTime(_year, 1, 1).AddDays(day - 1) + moment.TimeOfDay : moment;
        }

        private static int Number(string text, ref int at, int atLeast, int atMost)
        {
            int start = at;
            while (at < text.Length && at - start < atMost && char.IsAsciiDigit(text[at]))
            {
                at++;
            }

            return at - start < atLeast
                ? throw PythonError.Value($"time data {PythonRepr.Repr(text)} does not match format")
                : int.Parse(text.AsSpan(start, at - start), CultureInfo.InvariantCulture);
        }

        private static int Name(string text, ref int at, string[] names)
        {
            for (int i = 0; i < names.Length; i++)
            {
                if (string.Compare(text, at, names[i], 0, names[i].Length, StringComparison.OrdinalIgnoreCase) == 0)
                {
                    at += names[i].Length;
                    return i;
                }
            }

            throw PythonError.Value($"time data {PythonRepr.Repr(text)} does not match format");
        }
    }
}
