namespace BambooOrleans.Simulation.Planted;

/// <summary>
/// Mistakes that are made on purpose, to prove that the checkers would see them. They live in the simulator's hosts and in
/// what surrounds the machines here; the machines themselves know nothing of them.
/// </summary>
internal enum Bug
{
    /// <summary>None.</summary>
    None,

    /// <summary>Answers and user code do not wait for the commit.</summary>
    ReleaseBeforeCommit,

    /// <summary>A commit that failed counts as done.</summary>
    TakeFailedCommitForDone,

    /// <summary>A host whose commit had an unknown outcome goes on with what it has in memory.</summary>
    GoOnAfterUnknownCommit,

    /// <summary>The store takes a write whatever tag it expects.</summary>
    ForgetToFence,

    /// <summary>A host that starts again keeps the name it had.</summary>
    KeepNameAfterDeath,

    /// <summary>Nothing makes a pipeline go on after a loss.</summary>
    ForgetWakeUp,

    /// <summary>Timers of nodes at which no token stands are not set again after a death.</summary>
    LoseTimersOnLoad,

    /// <summary>A component is started twice.</summary>
    RunCodeTwice,

    /// <summary>A call is answered twice.</summary>
    AnswerTwice,

    /// <summary>A callback is acknowledged, and dropped.</summary>
    DropCallback,

    /// <summary>An operator's call is delivered twice.</summary>
    RepeatVerb,

    /// <summary>The report of a failure is lost, and nobody dies.</summary>
    LoseReport,

    /// <summary>The timer of a waiting node is not set.</summary>
    LoseTimer,

    /// <summary>A token that is gone stays in the store.</summary>
    KeepDeadTokens,

    /// <summary>The journal leaves out when the pause of a node ends.</summary>
    LeaveFactOutOfJournal,

    /// <summary>A result is taken whatever attempt it is of.</summary>
    TakeLateResult,

    /// <summary>A callback is taken whatever version it names.</summary>
    TakeStaleCallback,

    /// <summary>A forced failure keeps the version.</summary>
    KeepVersionOnForcedFailure,

    /// <summary>A retry keeps the version.</summary>
    KeepVersionOnRetry,

    /// <summary>A repeated message enters a node again.</summary>
    ReenterOnRepeat,

    /// <summary>A branch counts twice at its converge gateway.</summary>
    CountArrivalTwice,

    /// <summary>A fork waits for one branch less.</summary>
    ForgetBranch,

    /// <summary>A fork makes one token too many.</summary>
    DoubleToken,

    /// <summary>A token passes the pause of a pipeline.</summary>
    PassThroughPause,

    /// <summary>A token goes on after a revocation.</summary>
    GoOnAfterRevoke,

    /// <summary>A skip does not keep the attempt that it ends.</summary>
    SkipWithoutHistory,

    /// <summary>A re-entry does not count.</summary>
    ForgetLoop,

    /// <summary>What a node gave does not reach the context.</summary>
    ForgetOutputs,

    /// <summary>An execution that starts again after a death gets no inputs.</summary>
    ForgetInputsAfterDeath,
}
