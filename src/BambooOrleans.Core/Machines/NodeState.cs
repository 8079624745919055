using System.Text.Json.Serialization;
using BambooOrleans.Components;

namespace BambooOrleans.Core.Machines;

/// <summary>What a node is doing while it is RUNNING.</summary>
public enum NodePhase
{
    /// <summary>Nothing: it is not running.</summary>
    None,

    /// <summary>Its lazy variables are being computed.</summary>
    Hydrating,

    /// <summary>Its component's execution runs.</summary>
    Executing,

    /// <summary>It waits for a poll's time or for a callback.</summary>
    Waiting,

    /// <summary>Its component's poll or callback runs.</summary>
    Polling,

    /// <summary>Its end event's code runs.</summary>
    RunningEndEvent,
}

/// <summary>The durable state of one node. Changed by events only.</summary>
public sealed class NodeState : IAttempt
{
    /// <summary>How many versions of schedules that ended are remembered, so that a late callback is told apart from an unknown one.</summary>
    public const int PastSchedulesMax = 16;

    /// <summary>The state.</summary>
    [JsonInclude]
    public NodeStateName State { get; internal set; }

    /// <summary>The version of the current attempt.</summary>
    [JsonInclude]
    public string Version { get; internal set; } = "";

    /// <summary>How many times the node was entered.</summary>
    [JsonInclude]
    public int Loop { get; internal set; }

    /// <summary>How many times the node was entered in <see cref="Run"/>.</summary>
    [JsonInclude]
    public int InnerLoop { get; internal set; }

    /// <summary>How many times it was retried since it was entered.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonInclude]
    public int Retry { get; internal set; }

    /// <summary>Whether it was skipped.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonInclude]
    public bool Skip { get; internal set; }

    /// <summary>Whether a failure was passed over.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonInclude]
    public bool ErrorIgnored { get; internal set; }

    /// <summary>Whether the node has been reached, so that the state belongs to its root and parent.</summary>
    [JsonInclude]
    public bool Reached { get; internal set; }

    /// <summary>When the state was first set.</summary>
    [JsonInclude]
    public DateTimeOffset CreatedTime { get; internal set; }

    /// <summary>When the attempt started.</summary>
    [JsonInclude]
    public DateTimeOffset? StartedTime { get; internal set; }

    /// <summary>When the attempt ended.</summary>
    [JsonInclude]
    public DateTimeOffset? ArchivedTime { get; internal set; }

    /// <summary>The token that came last.</summary>
    [JsonInclude]
    public string Token { get; internal set; } = "";

    /// <summary>The step of the last entry.</summary>
    [JsonInclude]
    public long Step { get; internal set; }

    /// <summary>The attempt within the step.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonInclude]
    public int Attempt { get; internal set; }

    /// <summary>The run of the scope at the last entry; in a newer run the inner loop counts from 0.</summary>
    [JsonInclude]
    public int Run { get; internal set; }

    /// <summary>What the node is doing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonInclude]
    public NodePhase Phase { get; internal set; }

    /// <summary>The host incarnation that runs the user code of <see cref="Phase"/>.</summary>
    [JsonInclude]
    public string? Owner { get; internal set; }

    /// <summary>The rendered inputs of an execution that has not ended.</summary>
    [JsonInclude]
    public MapValue? RunningInputs { get; internal set; }

    /// <summary>The recorded inputs; null where none were.</summary>
    [JsonInclude]
    public MapValue? Inputs { get; internal set; }

    /// <summary>The recorded outputs; null where none were.</summary>
    [JsonInclude]
    public MapValue? Outputs { get; internal set; }

    /// <summary>The schedule of the current attempt, or of the last one that had one.</summary>
    [JsonInclude]
    public NodeSchedule? Schedule { get; internal set; }

    /// <summary>Versions of schedules before, the newest last, at most <see cref="PastSchedulesMax"/>.</summary>
    [JsonInclude]
    public List<string> PastSchedules { get; internal set; } = [];

    /// <summary>What the last attempt came to, for a pipeline that asks again.</summary>
    [JsonInclude]
    public NodeReport? Report { get; internal set; }

    /// <summary>Whether it was RUNNING when it was paused, and so goes back to RUNNING.</summary>
    [JsonInclude]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool PausedWhileRunning { get; internal set; }

    /// <summary>Whether a token is held before it by its pause.</summary>
    [JsonInclude]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool HoldsToken { get; internal set; }

    /// <summary>What user code came to while the node was paused; taken when it goes on.</summary>
    [JsonInclude]
    public HeldOutcome? HeldOutcome { get; internal set; }

    /// <summary>Of a node that a verb made ready: what its pipeline is told, until the node is entered.</summary>
    [JsonInclude]
    public WakeUp? Wakes { get; internal set; }

    /// <summary>How many history entries were written.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonInclude]
    public long HistoryCount { get; internal set; }

    /// <summary>When a resume that was appointed is to be carried out; null where none was.</summary>
    [JsonInclude]
    public DateTimeOffset? ResumeAt { get; internal set; }

    /// <summary>The span of the last retry or callback that made this attempt go on, as W3C <c>traceparent</c>; null for none.</summary>
    [JsonInclude]
    public string? TraceParent { get; internal set; }

    /// <summary>When the node goes on by itself: the end of its pause, its next poll, or the deadline of its callbacks.</summary>
    [JsonIgnore]
    public DateTimeOffset? NextTimer => this switch
    {
        { State: NodeStateName.Suspended } => ResumeAt,
        { State: NodeStateName.Running, Phase: NodePhase.Waiting, Schedule: { } schedule } => schedule.Due ?? schedule.Deadline,
        _ => null,
    };

    /// <summary>Whether the node has recorded execution data.</summary>
    [JsonIgnore]
    public bool HasData => Inputs is not null || Outputs is not null;

    internal NodeState Copy()
    {
        var copy = (NodeState)MemberwiseClone();
        copy.PastSchedules = [.. PastSchedules];
        return copy;
    }

    internal void SetData(NodeExecutionData data)
    {
        RunningInputs = data.RunningInputs;
        Inputs = data.Inputs;
        Outputs = data.Outputs;
    }

    /// <summary>
    /// The inner loop as it counts in run <paramref name="run"/> of the scope. A state that was made before the node was
    /// reached belongs to no scope yet, and is not reset by one (observed).
    /// </summary>
    public int InnerLoopIn(int run) => Reached && Run < run ? 0 : InnerLoop;
}

/// <summary>The schedule of one attempt.</summary>
public sealed record NodeSchedule
{
    /// <summary>The attempt's version.</summary>
    public required string Version { get; init; }

    /// <summary>How the node is scheduled.</summary>
    public required ScheduleKind Kind { get; init; }

    /// <summary>How many polls and callbacks were handled.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Times { get; init; }

    /// <summary>Of a poll: when it is due.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>Of callbacks: when the node fails if they have not all come.</summary>
    public DateTimeOffset? Deadline { get; init; }

    /// <summary>Callbacks that were accepted and not handled, the oldest first; it is the one that runs while the node is polling.</summary>
    public IReadOnlyList<Value> Pending { get; init; } = [];

    /// <summary>Whether it waits for a callback, and none is to be handled.</summary>
    [JsonIgnore]
    public bool WaitsForCallback => Kind != ScheduleKind.Poll && Due is null && Pending.Count == 0;

    /// <summary>Whether it is over: the node finished or failed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsOver { get; init; }

    /// <summary>Whether it ended well.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool IsFinished { get; init; }
}

/// <summary>What user code came to while its node was paused.</summary>
/// <param name="Outcome">What it came to.</param>
/// <param name="Schedule">Of an execution: how the node goes on. Null for a poll or a callback.</param>
/// <param name="IsDone">Of a poll or a callback: whether the component said that its schedule is done.</param>
/// <param name="NextAfter">Of a poll that is not done: how long to wait before the next.</param>
/// <param name="CallbackWithin">Of an execution: how long the node waits for callbacks.</param>
public sealed record HeldOutcome(
    Inputs.CallOutcome Outcome, ScheduleKind? Schedule, bool IsDone, TimeSpan NextAfter, TimeSpan? CallbackWithin = null);

/// <summary>What a pipeline is told of a node that a verb made ready.</summary>
/// <param name="Inputs">Raw inputs that replace the node's; null where they stay.</param>
/// <param name="Retry">What kind of retry it was; null for the end of a pause.</param>
/// <param name="Failure">Of a retry: the failure before it, for a pipeline that has not heard of that.</param>
public sealed record WakeUp(IReadOnlyDictionary<string, DataInput>? Inputs, Inputs.RetryKind? Retry, NodeReport? Failure = null);
