namespace BambooOrleans.Cluster;

/// <summary>What became of a call that a machine was to decide.</summary>
public enum AnswerKind
{
    /// <summary>It was carried out, and that is durable.</summary>
    Done,

    /// <summary>It was refused, and nothing changed.</summary>
    Refused,

    /// <summary>Another activation was ahead: nothing changed, and the call may be made again.</summary>
    TryAgain,

    /// <summary>The write failed in a way that leaves open whether it took effect.</summary>
    Unknown,
}

/// <summary>The answer of a grain to a call that its machine decided.</summary>
/// <param name="Kind">What became of it.</param>
/// <param name="Code">Of a refusal: its stable code.</param>
/// <param name="Message">Of a refusal, or an unknown outcome: why.</param>
/// <param name="Standing">Of a node: how it stands now.</param>
[GenerateSerializer, Immutable]
public sealed record MachineAnswer(
    [property: Id(0)] AnswerKind Kind,
    [property: Id(1)] string? Code = null,
    [property: Id(2)] string? Message = null,
    [property: Id(3)] NodeStanding? Standing = null)
{
    /// <summary>The answer to what was carried out.</summary>
    public static MachineAnswer Done { get; } = new(AnswerKind.Done);

    internal static MachineAnswer Of(BambooException? refusal) =>
        refusal is null ? Done : new MachineAnswer(AnswerKind.Refused, refusal.Code, refusal.Message);
}

/// <summary>Whether a node at which a token stands can go on without a call from outside.</summary>
public enum Rest
{
    /// <summary>Something is under way.</summary>
    Busy,

    /// <summary>It goes on by itself, but only at a far time that the table of timers holds.</summary>
    Far,

    /// <summary>It waits for a callback or an operator.</summary>
    Quiet,
}

/// <summary>How a node stands, as of one of its writes.</summary>
/// <param name="NodeId">The node.</param>
/// <param name="Sequence">The node's last write, delivered.</param>
/// <param name="Step">The step of the token that came last.</param>
/// <param name="Rest">Whether it can go on.</param>
/// <param name="HasTimer">Whether it goes on, or fails, at a time.</param>
[GenerateSerializer, Immutable]
public sealed record NodeStanding(
    [property: Id(0)] string NodeId, [property: Id(1)] long Sequence, [property: Id(2)] long Step, [property: Id(3)] Rest Rest,
    [property: Id(4)] bool HasTimer = false);
