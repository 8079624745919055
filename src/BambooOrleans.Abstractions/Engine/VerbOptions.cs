namespace BambooOrleans;

/// <summary>What any control verb accepts besides its arguments.</summary>
public sealed record VerbOptions
{
    /// <summary>Who asks, kept in the journal.</summary>
    public string? Operator { get; init; }

    /// <summary>Why, kept in the journal.</summary>
    public string? Reason { get; init; }

    /// <summary>
    /// The version that the node or pipeline must have; with another one the verb is refused with
    /// <see cref="StateVersionMismatchException"/>. It makes a verb safe to repeat.
    /// </summary>
    public string? ExpectedVersion { get; init; }

    /// <summary>Whether the verb is only tried on a copy of the state: the answer says what it would cause, and nothing changes.</summary>
    public bool DryRun { get; init; }

    /// <summary>
    /// Of <c>resume_pipeline</c> and <c>resume_node_appoint</c>: when to carry it out, durably, after a restart too, even where
    /// the time has passed meanwhile. Null, or a time that has passed, is now.
    /// </summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>
    /// The span that asks for it, as W3C <c>traceparent</c>: the attempt that a retry or a callback makes go on is linked to it. Null is
    /// the current <see cref="System.Diagnostics.Activity"/>, where there is one. It changes nothing of what the verb does.
    /// </summary>
    public string? TraceParent { get; init; }
}

/// <summary>What a control verb caused, or would cause.</summary>
/// <param name="IsDryRun">Whether nothing changed.</param>
/// <param name="Turns">Of a dry run: the facts by machine, in order, at positions from 1.</param>
/// <param name="Effects">Of a dry run: what the engine would do, in order, in words.</param>
public sealed record VerbOutcome(bool IsDryRun, IReadOnlyList<JournalTurn> Turns, IReadOnlyList<string> Effects)
{
    /// <summary>The outcome of a verb that was carried out; what it caused stands in the journal.</summary>
    public static VerbOutcome CarriedOut { get; } = new(false, [], []);
}

/// <summary>One turn of a machine as the journal keeps it.</summary>
/// <param name="Position">Its position, unique in the engine and rising within a pipeline.</param>
/// <param name="RootId">The root pipeline.</param>
/// <param name="MachineId">The node whose machine it was, or the root pipeline.</param>
/// <param name="Events">The facts, each with its name under <c>event</c>.</param>
public sealed record JournalTurn(long Position, string RootId, string MachineId, ListValue Events);
