using System.Numerics;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions.Modules;

/// <summary><c>time</c>: the clock that the host brings.</summary>
internal static class TimeModule
{
    public static PyModule Module { get; } = ModuleTable.Module(
        "time",
        ("time", string.Empty, (run, _) => Numbers.Ratio(Ticks(run), TimeSpan.TicksPerSecond)),
        ("time_ns", string.Empty, (run, _) => (BigInteger)Ticks(run) * 100),
        ("strftime", "format", (run, arguments) =>
            DateFormat.Format(run, ModuleTable.Environment(run).Now.DateTime, ModuleTable.Text(arguments[0]))));

    private static long Ticks(Run run) => ModuleTable.Environment(run).Now.UtcTicks - DateTime.UnixEpoch.Ticks;
}
