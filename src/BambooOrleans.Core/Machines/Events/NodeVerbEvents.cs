using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Core.Machines.Events;

/// <summary>A verb on a node was not refused. The facts after it are what it caused.</summary>
public sealed record NodeVerbTaken : NodeEvent
{
    /// <summary>The verb's name in the Engine API.</summary>
    public required string Verb { get; init; }

    /// <summary>Who asked; null where nobody said.</summary>
    public string? Operator { get; init; }

    /// <summary>Why; null where nobody said.</summary>
    public string? Reason { get; init; }

    internal override bool ChangesState => false;

    internal override void Apply(NodeState state)
    {
        // A note for the audit; the facts after it are what changes.
    }
}

/// <summary>The resume of a paused node was appointed for a time, or taken back.</summary>
public sealed record NodeResumeScheduled : NodeEvent
{
    /// <summary>When; null where it was taken back.</summary>
    public DateTimeOffset? At { get; init; }

    internal override void Apply(NodeState state) => state.ResumeAt = At;
}

/// <summary>An operator set outputs of a failed node.</summary>
public sealed record NodeOutputsUpdated : NodeEvent
{
    /// <summary>The outputs that were set.</summary>
    public required MapValue Outputs { get; init; }

    internal override void Apply(NodeState state)
    {
        MapValue.Builder outputs = (state.Outputs ?? MapValue.Empty).ToBuilder();
        outputs.SetAll(Outputs);
        state.Inputs ??= MapValue.Empty;
        state.Outputs = outputs.Build();
        if (state.Report is { } report)
        {
            state.Report = report with { Updates = [.. report.Updates ?? [], Outputs] };
        }
    }
}

/// <summary>A failed node went READY, or LOOP_READY for a round of its own loop, to be entered again.</summary>
public sealed record NodeRetried : NodeEvent
{
    /// <summary>The version of the attempt that is to come.</summary>
    public required string Version { get; init; }

    /// <summary>What the pipeline is told.</summary>
    public required WakeUp Wakes { get; init; }

    /// <summary>The span of whoever asked, as W3C <c>traceparent</c>; null where nobody said.</summary>
    public string? TraceParent { get; init; }

    internal override void Apply(NodeState state)
    {
        state.TraceParent = TraceParent;
        bool isLoopRetry = Wakes.Retry == Inputs.RetryKind.Round;
        state.Wakes = Wakes;
        state.State = isLoopRetry ? NodeStateName.LoopReady : NodeStateName.Ready;
        state.Version = Version;
        state.StartedTime = null;
        state.ArchivedTime = null;
        state.Attempt++;
        state.Report = null;
        if (!isLoopRetry)
        {
            state.Retry++;
        }
    }
}

/// <summary>A failed node went FINISHED by an operator's word.</summary>
public sealed record NodeSkipped : NodeEvent
{
    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>Where the token goes.</summary>
    public required IReadOnlyList<string> Next { get; init; }

    internal override void Apply(NodeState state)
    {
        state.State = NodeStateName.Finished;
        state.Version = Version;
        state.Skip = true;
        state.ArchivedTime = Time;
        state.Attempt++;
        state.Report = new NodeReport { Outcome = Inputs.NodeOutcome.Finished, Next = Next, Failure = state.Report };
    }
}

/// <summary>A running node went FAILED by an operator's word.</summary>
public sealed record NodeForcedToFail : NodeEvent
{
    /// <summary>The version.</summary>
    public required string Version { get; init; }

    /// <summary>What is recorded as the error.</summary>
    public required string ExData { get; init; }

    internal override void Apply(NodeState state)
    {
        state.State = NodeStateName.Failed;
        state.Version = Version;
        state.ArchivedTime = Time;
        state.Phase = NodePhase.None;
        state.Owner = null;
        state.RunningInputs = null;
        state.HeldOutcome = null;
        state.Inputs ??= MapValue.Empty;
        state.Outputs = (state.Outputs ?? MapValue.Empty).With("ex_data", ExData).With("_forced_failed", true);
        state.Report = new NodeReport { Outcome = Inputs.NodeOutcome.Failed };
        if (state.Schedule is { IsOver: false } schedule)
        {
            state.Schedule = schedule with { IsOver = true, Due = null, Pending = [] };
        }
    }
}

/// <summary>A node went SUSPENDED by appointment, before it was reached or while it ran.</summary>
public sealed record NodePaused : NodeEvent
{
    /// <summary>The version, where the node had no state before.</summary>
    public string? Version { get; init; }

    internal override void Apply(NodeState state)
    {
        NodeFirstState.Apply(state, Version, Time);
        state.PausedWhileRunning = state.State == NodeStateName.Running && Version is null;
        state.State = NodeStateName.Suspended;
    }
}

/// <summary>The pause of a node ended: it went READY, or back to RUNNING where it ran before.</summary>
public sealed record NodePauseEnded : NodeEvent
{
    /// <summary>The version, where the node had no state before.</summary>
    public string? Version { get; init; }

    internal override void Apply(NodeState state)
    {
        NodeFirstState.Apply(state, Version, Time);
        state.State = state.PausedWhileRunning ? NodeStateName.Running : NodeStateName.Ready;
        state.PausedWhileRunning = false;
        state.ResumeAt = null;
        if (state.HoldsToken)
        {
            state.HoldsToken = false;
            state.Wakes = new WakeUp(null, null);
            state.Attempt++;
        }
    }
}

/// <summary>A token came to a node that is paused, and is held before it.</summary>
public sealed record NodeHeldToken : NodeEvent
{
    /// <summary>The token.</summary>
    public required string Token { get; init; }

    /// <summary>The token's step.</summary>
    public required long Step { get; init; }

    /// <summary>The attempt.</summary>
    public required int Attempt { get; init; }

    /// <summary>The run of the scope.</summary>
    public required int Run { get; init; }

    internal override void Apply(NodeState state)
    {
        state.InnerLoop = state.InnerLoopIn(Run);
        state.Run = Run;
        state.Reached = true;
        state.HoldsToken = true;
        state.Token = Token;
        state.Step = Step;
        state.Attempt = Attempt;
        state.Report = null;
    }
}

/// <summary>User code ended while its node was paused, or had to be told again of its entry; what it came to is kept until the node goes on.</summary>
public sealed record NodeOutcomeHeld : NodeEvent
{
    /// <summary>What it came to; null where it has to run again.</summary>
    public HeldOutcome? Outcome { get; init; }

    internal override void Apply(NodeState state)
    {
        state.HeldOutcome = Outcome;
        state.Owner = "";
    }
}

/// <summary>The first state of a node that an operator made before the node was reached.</summary>
internal static class NodeFirstState
{
    public static void Apply(NodeState state, string? version, DateTimeOffset time)
    {
        if (version is not null)
        {
            state.Version = version;
            state.CreatedTime = time;
            state.Loop = 1;
            state.InnerLoop = 1;
        }
    }
}
