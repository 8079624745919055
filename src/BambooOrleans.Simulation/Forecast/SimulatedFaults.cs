using BambooOrleans.Simulation.Scenarios;

namespace BambooOrleans.Simulation;

/// <summary>What goes wrong around a pipeline that is simulated.</summary>
[Flags]
public enum SimulatedFaults
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Hosts die, at any moment, and take along what they ran.</summary>
    Crash = 1,

    /// <summary>Commits fail, or end without telling whether they were written.</summary>
    Commits = 2,

    /// <summary>Messages come twice, late, and out of order.</summary>
    Messages = 4,

    /// <summary>Timers come late.</summary>
    Timers = 8,

    /// <summary>Hosts are taken for dead that are not, and go on working.</summary>
    Activations = 16,

    /// <summary>All of them.</summary>
    All = Crash | Commits | Messages | Timers | Activations,
}

internal static class SimulatedFaultKinds
{
    /// <summary>The kinds of faults that belong to some groups.</summary>
    public static IReadOnlyList<FaultKind> Of(SimulatedFaults faults) =>
        [.. Enum.GetValues<FaultKind>().Where(kind => faults.HasFlag(GroupOf(kind)))];

    private static SimulatedFaults GroupOf(FaultKind kind) => kind switch
    {
        FaultKind.CommitFails or FaultKind.CommitUnknownLost or FaultKind.CommitUnknownWritten => SimulatedFaults.Commits,
        FaultKind.MessageDelayed or FaultKind.MessageRepeated or FaultKind.MessageReordered or FaultKind.LateResult
            or FaultKind.NeedlessWakeUp => SimulatedFaults.Messages,
        FaultKind.TimerLate => SimulatedFaults.Timers,
        FaultKind.TwoActivations => SimulatedFaults.Activations,
        _ => SimulatedFaults.Crash,
    };
}
