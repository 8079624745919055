using System.Text.Json.Serialization;
using BambooOrleans.Components;

namespace BambooOrleans.Core.Machines.Events;

/// <summary>A node went RUNNING: it was entered for the first time, again, or after a retry.</summary>
public sealed record NodeStarted : NodeEvent
{
    /// <summary>The token that came.</summary>
    public required string Token { get; init; }

    /// <summary>The token's step.</summary>
    public required long Step { get; init; }

    /// <summary>The attempt within the step.</summary>
    public required int Attempt { get; init; }

    /// <summary>The run of the scope.</summary>
    public required int Run { get; init; }

    /// <summary>The version of the attempt.</summary>
    public required string Version { get; init; }

    /// <summary>The loop, from 1.</summary>
    public required int Loop { get; init; }

    /// <summary>The inner loop, from 1.</summary>
    public required int InnerLoop { get; init; }

    /// <summary>Whether it was finished before, so that skip and error_ignored are reset.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsReentry { get; init; }

    /// <summary>Whether the retry count is reset; not for a node that loops by itself (observed).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ResetsRetry { get; init; }

    internal override void Apply(NodeState state)
    {
        if (state.Version.Length == 0)
        {
            state.CreatedTime = Time;
        }

        state.State = NodeStateName.Running;
        state.Phase = NodePhase.None;
        state.Reached = true;
        state.Token = Token;
        state.Step = Step;
        state.Attempt = Attempt;
        state.Run = Run;
        state.Version = Version;
        state.Loop = Loop;
        state.InnerLoop = InnerLoop;
        state.StartedTime = Time;
        state.Report = null;
        state.Wakes = null;
        state.HeldOutcome = null;
        if (IsReentry)
        {
            state.Skip = false;
            state.ErrorIgnored = false;
            state.TraceParent = null;
        }

        if (ResetsRetry)
        {
            state.Retry = 0;
        }
    }
}

/// <summary>An attempt that a re-entry, a retry or a skip ends was kept.</summary>
public sealed record NodeHistoryAdded : NodeEvent
{
    /// <summary>The entry.</summary>
    public required NodeHistory Entry { get; init; }

    internal override void Apply(NodeState state) => state.HistoryCount = Entry.Id;
}

/// <summary>The computation of lazy variables began.</summary>
public sealed record NodeHydrationBegan : NodeEvent
{
    /// <summary>The host that computes.</summary>
    public required string Owner { get; init; }

    internal override void Apply(NodeState state)
    {
        state.Phase = NodePhase.Hydrating;
        state.Owner = Owner;
        state.HeldOutcome = null;
    }
}

/// <summary>The component's execution began: the durable intent before user code runs.</summary>
public sealed record NodeExecutionBegan : NodeEvent
{
    /// <summary>The host that runs it.</summary>
    public required string Owner { get; init; }

    /// <summary>The rendered inputs; null where the same execution begins again after a death.</summary>
    public MapValue? Inputs { get; init; }

    internal override void Apply(NodeState state)
    {
        state.Phase = NodePhase.Executing;
        state.Owner = Owner;
        state.RunningInputs = Inputs ?? state.RunningInputs;
    }
}

/// <summary>The end event's code began to run.</summary>
public sealed record NodeEndEventBegan : NodeEvent
{
    /// <summary>The host that runs it.</summary>
    public required string Owner { get; init; }

    internal override void Apply(NodeState state)
    {
        state.Phase = NodePhase.RunningEndEvent;
        state.Owner = Owner;
    }
}

/// <summary>The execution succeeded and the node waits for a poll or a callback.</summary>
public sealed record NodeScheduled : NodeEvent
{
    /// <summary>How it is scheduled.</summary>
    public required ScheduleKind Kind { get; init; }

    /// <summary>When the node fails if the callbacks have not all come; null for no limit.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>The inputs as recorded; null where they are those that it ran with.</summary>
    public MapValue? Inputs { get; init; }

    /// <summary>The outputs as recorded.</summary>
    public required MapValue Outputs { get; init; }

    internal override void Apply(NodeState state)
    {
        if (state.Schedule is { } past && past.Version != state.Version)
        {
            state.PastSchedules.Add(past.Version);
            if (state.PastSchedules.Count > NodeState.PastSchedulesMax)
            {
                state.PastSchedules.RemoveAt(0);
            }
        }

        state.Schedule = new NodeSchedule { Version = state.Version, Kind = Kind, Deadline = Deadline };
        state.Phase = NodePhase.Waiting;
        state.Owner = null;
        state.HeldOutcome = null;
        state.Inputs = Inputs ?? state.RunningInputs;
        state.RunningInputs = null;
        state.Outputs = Outputs;
    }
}

/// <summary>A callback was accepted. It is handled in its turn.</summary>
public sealed record NodeCallbackAccepted : NodeEvent
{
    /// <summary>The callback's data.</summary>
    public required Value Data { get; init; }

    /// <summary>The span of whoever called, as W3C <c>traceparent</c>; null where nobody said.</summary>
    public string? TraceParent { get; init; }

    internal override void Apply(NodeState state)
    {
        state.Schedule = state.Schedule! with { Pending = [.. state.Schedule!.Pending, Data] };
        state.TraceParent = TraceParent ?? state.TraceParent;
    }
}

/// <summary>The component's poll or callback began: the durable intent before user code runs.</summary>
public sealed record NodePollBegan : NodeEvent
{
    /// <summary>The host that runs it.</summary>
    public required string Owner { get; init; }

    internal override void Apply(NodeState state)
    {
        state.Phase = NodePhase.Polling;
        state.Owner = Owner;
        state.Schedule = state.Schedule! with { Due = null };
    }
}

/// <summary>A poll or a callback succeeded and the node goes on waiting.</summary>
public sealed record NodePolled : NodeEvent
{
    /// <summary>The inputs as recorded; null where they are those that it ran with.</summary>
    public MapValue? Inputs { get; init; }

    /// <summary>The outputs as recorded.</summary>
    public required MapValue Outputs { get; init; }

    /// <summary>When the next poll is due; null where a callback is waited for.</summary>
    public DateTimeOffset? Due { get; init; }

    internal override void Apply(NodeState state)
    {
        NodeSchedule schedule = state.Schedule!;
        state.Schedule = schedule with
        {
            Times = schedule.Times + 1,
            Due = Due,
            Pending = schedule.Pending.Count == 0 ? schedule.Pending : [.. schedule.Pending.Skip(1)],
        };
        state.Phase = NodePhase.Waiting;
        state.Owner = null;
        state.HeldOutcome = null;
        state.Inputs = Inputs ?? state.Inputs;
        state.Outputs = Outputs;
    }
}

/// <summary>An attempt ended and took what runs with it.</summary>
public abstract record NodeEnded : NodeEvent
{
    /// <summary>The inputs as recorded; null where they are those that it ran with, or stay as they were.</summary>
    public MapValue? Inputs { get; init; }

    /// <summary>The outputs as recorded; null where they stay as they were.</summary>
    public MapValue? Outputs { get; init; }

    /// <summary>Whether a poll or a callback was handled by this.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool EndsPoll { get; init; }

    /// <summary>Whether a callback's deadline was missed by this.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool MissesDeadline { get; init; }

    /// <summary>What the pipeline is told.</summary>
    public required NodeReport Report { get; init; }

    private protected void End(NodeState state, NodeStateName name)
    {
        state.State = name;
        state.ArchivedTime = Time;
        state.Phase = NodePhase.None;
        state.Owner = null;
        state.HeldOutcome = null;
        state.Inputs = Inputs ?? state.RunningInputs ?? state.Inputs;
        state.RunningInputs = null;
        state.Outputs = Outputs ?? state.Outputs;
        state.Report = Report;
        if (EndsPoll || MissesDeadline)
        {
            state.Schedule = state.Schedule! with
            {
                Times = state.Schedule!.Times + (EndsPoll ? 1 : 0),
                Due = null,
                Pending = [],
                IsOver = true,
                IsFinished = name == NodeStateName.Finished,
            };
        }
    }
}

/// <summary>A node went FINISHED.</summary>
public sealed record NodeFinished : NodeEnded
{
    /// <summary>Whether a failure was passed over.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ErrorIgnored { get; init; }

    internal override void Apply(NodeState state)
    {
        End(state, NodeStateName.Finished);
        state.ErrorIgnored |= ErrorIgnored;
    }
}

/// <summary>A node went FAILED.</summary>
public sealed record NodeFailed : NodeEnded
{
    /// <summary>Of a node that may not be entered again: the token that came.</summary>
    public string? Token { get; init; }

    /// <summary>Of a node that may not be entered again: the step of that token.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Step { get; init; }

    internal override void Apply(NodeState state)
    {
        End(state, NodeStateName.Failed);
        if (Token is not null)
        {
            state.Token = Token;
            state.Step = Step;
            state.Attempt = 1;
        }
    }
}

/// <summary>A token came to a node that could not be entered in its state; the token sleeps there (observed).</summary>
public sealed record NodeNotEntered : NodeEvent
{
    /// <summary>The token.</summary>
    public required string Token { get; init; }

    internal override void Apply(NodeState state)
    {
        // The node stays as it is: the fact is the pipeline's to act on.
    }
}
