namespace BambooOrleans.Simulation.Hosts;

/// <summary>An input on its way to a machine.</summary>
/// <param name="From">Who sent it: a machine, or the kind of sender outside.</param>
/// <param name="To">The node, or the root for the pipeline machine.</param>
/// <param name="Input">A <c>NodeInput</c> or a <c>PipelineInput</c>.</param>
/// <param name="Host">The host that it comes from and is lost with, as the answers of user code and timers are; null where it comes from elsewhere.</param>
/// <param name="Code">Of an answer: the machine or sub-process, and the attempt, whose code gave it.</param>
internal sealed record Mail(string From, string To, object Input, string? Host = null, (string Id, string Version)? Code = null)
{
    /// <summary>The sender of verbs.</summary>
    public const string Operator = "operator";

    /// <summary>The sender of answers of user code.</summary>
    public const string UserCode = "code";

    /// <summary>The sender of timers.</summary>
    public const string Timer = "timer";

    /// <summary>The sender of what makes a pipeline go on after a loss.</summary>
    public const string WakeUp = "wake-up";
}
