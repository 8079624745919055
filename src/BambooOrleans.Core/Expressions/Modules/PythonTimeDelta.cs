using System.Globalization;
using System.Numerics;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Modules;

/// <summary>A length of time, in whole microseconds.</summary>
internal sealed class PythonTimeDelta : PyObject
{
    public const long MicrosecondsPerSecond = 1_000_000;
    public const long MicrosecondsPerDay = 86_400 * MicrosecondsPerSecond;

    private static readonly BigInteger DaysMax = 999_999_999;

    public PythonTimeDelta(BigInteger microseconds)
    {
        Microseconds = microseconds;
        Days = Floor(microseconds, MicrosecondsPerDay, out BigInteger rest);
        if (BigInteger.Abs(Days) > DaysMax)
        {
            throw PythonError.Overflow($"days={Days}; must have magnitude <= 999999999");
        }

        Seconds = (int)(rest / MicrosecondsPerSecond);
        Fraction = (int)(rest % MicrosecondsPerSecond);
    }

    public static PyType Type { get; } = Build();

    /// <summary>All of it in microseconds.</summary>
    public BigInteger Microseconds { get; }

    public override string TypeName => "datetime.timedelta";

    public override bool IsTrue => !Microseconds.IsZero;

    private BigInteger Days { get; }

    private int Seconds { get; }

    private int Fraction { get; }

    public override string Repr()
    {
        var parts = new List<string>();
        if (!Days.IsZero)
        {
            parts.Add($"days={Days}");
        }

        if (Seconds != 0)
        {
            parts.Add($"seconds={Seconds}");
        }

        if (Fraction != 0)
        {
            parts.Add($"microseconds={Fraction}");
        }

        return $"datetime.timedelta({(parts.Count == 0 ? "0" : string.Join(", ", parts))})";
    }

    public override string Str()
    {
        string days = Days.IsZero ? string.Empty : $"{Days} day{(BigInteger.Abs(Days).IsOne ? string.Empty : "s")}, ";
        string text = string.Create(CultureInfo.InvariantCulture, $"{days}{Seconds / 3600}:{Seconds / 60 % 60:00}:{Seconds % 60:00}");
        return Fraction == 0 ? text : text + string.Create(CultureInfo.InvariantCulture, $".{Fraction:000000}");
    }

    public override object? Attribute(string name) => name switch
    {
        "days" => Days,
        "seconds" => (BigInteger)Seconds,
        "microseconds" => (BigInteger)Fraction,
        "total_seconds" => ModuleTable.Function(name, string.Empty, (_, _) => Numbers.Ratio(Microseconds, MicrosecondsPerSecond)),
        _ => null,
    };

    public override object? Binary(Run run, string op, object left, object right) => (op, left, right) switch
    {
        ("unary-", PythonTimeDelta a, _) => new PythonTimeDelta(-a.Microseconds),
        ("unary+", PythonTimeDelta a, _) => a,
        ("abs", PythonTimeDelta a, _) => new PythonTimeDelta(BigInteger.Abs(a.Microseconds)),
        ("+", PythonTimeDelta a, PythonTimeDelta b) => new PythonTimeDelta(a.Microseconds + b.Microseconds),
        ("-", PythonTimeDelta a, PythonTimeDelta b) => new PythonTimeDelta(a.Microseconds - b.Microseconds),
        ("*", PythonTimeDelta a, BigInteger or bool) => new PythonTimeDelta(Numbers.Multiply(run, a.Microseconds, Numbers.ToInt(right))),
        ("*", BigInteger or bool, PythonTimeDelta b) => new PythonTimeDelta(Numbers.Multiply(run, b.Microseconds, Numbers.ToInt(left))),
        ("*", PythonTimeDelta a, double b) => Scaled(a.Microseconds, b),
        ("*", double a, PythonTimeDelta b) => Scaled(b.Microseconds, a),
        ("/", PythonTimeDelta a, PythonTimeDelta b) => Numbers.Divide(run, a.Microseconds, b.Microseconds),
        ("/", PythonTimeDelta a, BigInteger or bool) => new PythonTimeDelta(RoundHalfEven(a.Microseconds, NotZero(Numbers.ToInt(right)))),
        ("/", PythonTimeDelta a, double b) => new PythonTimeDelta(Numbers.Truncate(Math.Round((double)a.Microseconds / NotZero(b), MidpointRounding.ToEven))),
        ("//", PythonTimeDelta a, PythonTimeDelta b) => Numbers.FloorDivide(run, a.Microseconds, b.Microseconds),
        ("//", PythonTimeDelta a, BigInteger or bool) => new PythonTimeDelta(Numbers.FloorDivide(run, a.Microseconds, Numbers.ToInt(right))),
        ("%", PythonTimeDelta a, PythonTimeDelta b) => new PythonTimeDelta(Numbers.Modulo(run, a.Microseconds, b.Microseconds)),
        _ => null,
    };

    public override int? CompareTo(object other) => other is PythonTimeDelta delta ? Microseconds.CompareTo(delta.Microseconds) : null;

    public override int Hash() => Microseconds.GetHashCode();

    private static PyType Build()
    {
        var signature = new Signature("timedelta", "days?, seconds?, microseconds?, milliseconds?, minutes?, hours?, weeks?");
        long[] units =
        [
            MicrosecondsPerDay, MicrosecondsPerSecond, 1, 1000, 60 * MicrosecondsPerSecond, 3600 * MicrosecondsPerSecond, 7 * MicrosecondsPerDay,
        ];
        var type = new PyType("datetime.timedelta", (_, arguments) =>
        {
            object?[] parts = signature.Bind(arguments);
            BigInteger total = BigInteger.Zero;
            double fraction = 0;
            for (int i = 0; i < parts.Length; i++)
            {
                switch (parts[i])
                {
                    case null:
                        break;
                    case double number:
                        total += Numbers.Truncate(number) * units[i];
                        fraction += (number - Math.Truncate(number)) * units[i];
                        break;
                    case object part:
                        total += Numbers.ToInt(part) * units[i];
                        break;
                }
            }

            return new PythonTimeDelta(total + Numbers.Truncate(Math.Round(fraction, MidpointRounding.ToEven)));
        });
        type.Members.Add("min", new PythonTimeDelta(-DaysMax * MicrosecondsPerDay));
        type.Members.Add("max", new PythonTimeDelta(((DaysMax + 1) * MicrosecondsPerDay) - 1));
        type.Members.Add("resolution", new PythonTimeDelta(1));
        return type;
    }

    private static PythonTimeDelta Scaled(BigInteger microseconds, double factor)
    {
        if (!double.IsFinite(factor))
        {
            throw PythonError.Value("cannot scale by that number");
        }

        (BigInteger above, int exponent) = FloatDigits.Split(Math.Abs(factor));
        BigInteger product = microseconds * above * (factor < 0 ? -1 : 1);
        return new PythonTimeDelta(exponent >= 0 ? product << Math.Min(exponent, 200) : RoundHalfEven(product, BigInteger.One << -exponent));
    }

    private static BigInteger NotZero(BigInteger number) => number.IsZero ? throw PythonError.ZeroDivision("integer division or modulo by zero") : number;

    private static double NotZero(double number) => number == 0 ? throw PythonError.ZeroDivision("float division by zero") : number;

    private static BigInteger RoundHalfEven(BigInteger above, BigInteger below)
    {
        BigInteger quotient = Floor(above * below.Sign, BigInteger.Abs(below), out BigInteger rest);
        int half = (rest * 2).CompareTo(BigInteger.Abs(below));
        return half > 0 || (half == 0 && !quotient.IsEven) ? quotient + 1 : quotient;
    }

    private static BigInteger Floor(BigInteger number, BigInteger unit, out BigInteger rest)
    {
        var quotient = BigInteger.DivRem(number, unit, out rest);
        if (rest.Sign < 0)
        {
            quotient--;
            rest += unit;
        }

        return quotient;
    }
}
