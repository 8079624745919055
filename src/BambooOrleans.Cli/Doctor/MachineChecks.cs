using BambooOrleans.Hosting;

namespace BambooOrleans.Cli.Doctor;

/// <summary>The runtime, the time zones, and the code that pipelines may name.</summary>
internal static class MachineChecks
{
    private const int RuntimeMajor = 10;

    public static Check Runtime(Machine machine) => machine.Runtime.Major >= RuntimeMajor
        ? Check.Ok("runtime", $".NET {machine.Runtime} on {System.Runtime.InteropServices.RuntimeInformation.OSDescription}, {Environment.ProcessorCount} processors")
        : Check.Problem("runtime", $".NET {machine.Runtime} is too old", $"Install .NET {RuntimeMajor} or later.");

    // Templates format times, and schedules are said in local time.
    public static Check TimeZones(Machine machine) => machine.HasTimeZone("Asia/Shanghai") && machine.HasTimeZone("Europe/Berlin")
        ? Check.Ok("clock.time_zones", $"time zone data is there; the local one is {TimeZoneInfo.Local.Id}")
        : Check.Warning("clock.time_zones", "there is no time zone data: local times are UTC", "Install the package tzdata.");

    public static Check Clock(DateTimeOffset now, DateTimeOffset? newest) => newest is { } time && time > now + TimeSpan.FromMinutes(1)
        ? Check.Problem(
            "clock.time",
            $"it is {ApiTime.Text(now)} here, before the newest pipeline was submitted ({ApiTime.Text(time)})",
            "Set the clock, and keep it by NTP: timers and times in the journal would be wrong.")
        : Check.Ok("clock.time", $"it is {ApiTime.Text(now)}");

    public static Check Components(Func<ComponentRegistry> load)
    {
        try
        {
            return Check.Ok("components", $"{load().Components.Count()} components are registered");
        }
        catch (Exception failure)
        {
            return Check.Problem("components", $"components cannot be loaded: {failure.Message}", "Install bamboo again: its files do not belong together.");
        }
    }
}
