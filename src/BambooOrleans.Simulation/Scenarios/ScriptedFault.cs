namespace BambooOrleans.Simulation.Scenarios;

/// <summary>What can go wrong around the machines.</summary>
internal enum FaultKind
{
    /// <summary>A host dies while nothing of it is being written.</summary>
    Crash,

    /// <summary>A host dies when a turn was decided and before it was written.</summary>
    CrashBeforeCommit,

    /// <summary>A host dies when a turn was written and before anything that follows from it was done.</summary>
    CrashAfterCommit,

    /// <summary>A host dies between two things that follow from a turn.</summary>
    CrashBetweenEffects,

    /// <summary>A host dies, and what it was writing is written only later.</summary>
    CrashWithLateCommit,

    /// <summary>A commit fails, and nothing was written.</summary>
    CommitFails,

    /// <summary>A commit's outcome is unknown, and it was written.</summary>
    CommitUnknownWritten,

    /// <summary>A commit's outcome is unknown, and it was not written.</summary>
    CommitUnknownLost,

    /// <summary>A message comes a second time, later.</summary>
    MessageRepeated,

    /// <summary>A message comes late.</summary>
    MessageDelayed,

    /// <summary>A message overtakes others, those of the same sender to the same machine too.</summary>
    MessageReordered,

    /// <summary>A timer comes late.</summary>
    TimerLate,

    /// <summary>User code that was cancelled answers all the same.</summary>
    LateResult,

    /// <summary>A host is taken for dead and is not: two activations of the same machines are at work.</summary>
    TwoActivations,

    /// <summary>A wake-up comes that nobody needs.</summary>
    NeedlessWakeUp,
}

/// <summary>One fault.</summary>
/// <param name="At">The first step at which it may happen; it happens at the first occasion from then on.</param>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Choice">What its details are drawn from.</param>
internal sealed record ScriptedFault(int At, FaultKind Kind, ulong Choice);
