using System.Text.Json.Serialization;

namespace BambooOrleans.Core.Machines;

/// <summary>The state of the root pipeline or of a sub-process. Changed by events only.</summary>
public sealed class ScopeState : IAttempt
{
    /// <summary>The state.</summary>
    [JsonInclude]
    public NodeStateName State { get; internal set; }

    /// <summary>The version of the current attempt.</summary>
    [JsonInclude]
    public string Version { get; internal set; } = "";

    /// <summary>How many times it was entered.</summary>
    [JsonInclude]
    public int Loop { get; internal set; }

    /// <summary>How many times it was entered in <see cref="ParentRun"/>.</summary>
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

    /// <summary>When the state was first set.</summary>
    [JsonInclude]
    public DateTimeOffset CreatedTime { get; internal set; }

    /// <summary>When the attempt started.</summary>
    [JsonInclude]
    public DateTimeOffset? StartedTime { get; internal set; }

    /// <summary>When the attempt ended.</summary>
    [JsonInclude]
    public DateTimeOffset? ArchivedTime { get; internal set; }

    /// <summary>Grows each time the scope is entered; the inner loops of what stands in it count within one run.</summary>
    [JsonInclude]
    public int Run { get; internal set; }

    /// <summary>The run of the scope around it at the last entry.</summary>
    [JsonInclude]
    public int ParentRun { get; internal set; }

    /// <summary>The rendered params; null where none were recorded.</summary>
    [JsonInclude]
    public MapValue? Inputs { get; internal set; }

    /// <summary>The outputs; null where none were recorded.</summary>
    [JsonInclude]
    public MapValue? Outputs { get; internal set; }

    /// <summary>When a resume that was appointed is to be carried out; null where none was.</summary>
    [JsonInclude]
    public DateTimeOffset? ResumeAt { get; internal set; }

    /// <summary>How many history entries were written.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonInclude]
    public long HistoryCount { get; internal set; }

    internal ScopeState Copy() => (ScopeState)MemberwiseClone();

    /// <summary>The inner loop as it counts in run <paramref name="parentRun"/> of the scope around it.</summary>
    public int InnerLoopIn(int parentRun) => ParentRun < parentRun ? 0 : InnerLoop;
}
