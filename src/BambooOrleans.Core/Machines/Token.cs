using System.Text.Json.Serialization;

namespace BambooOrleans.Core.Machines;

/// <summary>What a token is doing where it stands.</summary>
public enum TokenPhase
{
    /// <summary>The node was told that the token has come, and has not reported.</summary>
    Entered,

    /// <summary>The lazy variables that a sub-process's params need are being computed.</summary>
    Hydrating,

    /// <summary>A pause holds it before the node; <see cref="Token.HeldBy"/> says which.</summary>
    Held,

    /// <summary>The node failed, or could not be entered: it waits for an operator.</summary>
    Asleep,

    /// <summary>It waits for the tokens that it forked.</summary>
    Joining,
}

/// <summary>One thread of control in a root pipeline: it stands at one node. The reference's process.</summary>
public sealed record Token
{
    /// <summary>The id; of a forked one, its parent's with the step of the fork and a number.</summary>
    public required string Id { get; init; }

    /// <summary>The node where it stands; a sub-process's id while that is being entered.</summary>
    public required string Node { get; init; }

    /// <summary>Grows with each node; larger than the step of any token that this one follows from.</summary>
    public required long Step { get; init; }

    /// <summary>The attempt within the step, from 1.</summary>
    public int Attempt { get; init; } = 1;

    /// <summary>The ids of the scopes that it stands in, root first.</summary>
    public required IReadOnlyList<string> Stack { get; init; }

    /// <summary>The token that forked it; null for the first.</summary>
    public string? Parent { get; init; }

    /// <summary>The converge gateway at which it ends; null for the first.</summary>
    public string? Destination { get; init; }

    /// <summary>What it is doing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public TokenPhase Phase { get; init; }

    /// <summary>While it is hydrating: the host incarnation that computes the lazy variables.</summary>
    public string? Owner { get; init; }

    /// <summary>The pipeline or node whose pause holds it.</summary>
    public string? HeldBy { get; init; }

    /// <summary>Of a joining one: the tokens that have not arrived.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Awaited { get; init; }

    /// <summary>Of a joining one: the largest step of those that have arrived.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long ArrivedStep { get; init; }

    /// <summary>Of one that sleeps: how many of the outputs that an operator set at its node have gone to the context.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int UpdatesHeard { get; init; }

    /// <summary>The id of the scope that it stands in directly.</summary>
    [JsonIgnore]
    public string Scope => Stack[^1];
}
