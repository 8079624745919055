using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Core.Machines;

/// <summary>The durable state of a root pipeline: its scopes, tokens and contexts. Changed by events only.</summary>
public sealed class PipelineState
{
    private readonly Dictionary<string, Dictionary<string, ContextEntry>> _contexts = new(StringComparer.Ordinal);

    /// <summary>The scopes that have been entered, by id; the root's is there from the start.</summary>
    public Dictionary<string, ScopeState> Scopes { get; } = new(StringComparer.Ordinal);

    /// <summary>The tokens, by id.</summary>
    public Dictionary<string, Token> Tokens { get; } = new(StringComparer.Ordinal);

    /// <summary>Raw inputs that a retry replaced, by node.</summary>
    public Dictionary<string, RawInputs> RawInputs { get; } = new(StringComparer.Ordinal);

    /// <summary>The records that changed since the host last took them.</summary>
    public HashSet<PipelineRecord> Changed { get; } = [];

    /// <summary>The context of a scope, by key.</summary>
    public IReadOnlyDictionary<string, ContextEntry> ContextOf(string scopeId) =>
        _contexts.TryGetValue(scopeId, out Dictionary<string, ContextEntry>? context) ? context : [];

    /// <summary>Sets a key of a context; for events, and for a host that loads what it kept.</summary>
    public void SetContext(string scopeId, ContextEntry entry)
    {
        if (!_contexts.TryGetValue(scopeId, out Dictionary<string, ContextEntry>? context))
        {
            _contexts[scopeId] = context = new(StringComparer.Ordinal);
        }

        context[entry.Key] = entry;
    }

    internal void Set(Token token)
    {
        Tokens[token.Id] = token;
        Changed.Add(new(PipelineRecordKind.Token, token.Id));
    }

    internal void Remove(string tokenId)
    {
        Tokens.Remove(tokenId);
        Changed.Add(new(PipelineRecordKind.Token, tokenId));
    }

    internal ScopeState ChangeScope(string scopeId)
    {
        Changed.Add(new(PipelineRecordKind.Scope, scopeId));
        return Scopes[scopeId];
    }

    internal void ChangeContext(string scopeId, string key, Value value)
    {
        SetContext(scopeId, new ContextEntry(key, ContextValueType.Plain, value));
        Changed.Add(new(PipelineRecordKind.Context, scopeId, key));
    }
}

/// <summary>What a record of a pipeline machine holds.</summary>
public enum PipelineRecordKind
{
    /// <summary>A <see cref="ScopeState"/>.</summary>
    Scope,

    /// <summary>A <see cref="Machines.Token"/>; one that is gone is to be deleted.</summary>
    Token,

    /// <summary>A <see cref="ContextEntry"/>.</summary>
    Context,

    /// <summary>Raw inputs that a retry replaced.</summary>
    RawInputs,
}

/// <summary>Names one record of a pipeline machine.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Id">The id of the scope, token or node.</param>
/// <param name="Key">Of a context value: its key.</param>
public readonly record struct PipelineRecord(PipelineRecordKind Kind, string Id, string Key = "");

/// <summary>The state of the root pipeline or of a sub-process. Changed by events only.</summary>
public sealed class ScopeState
{
    /// <summary>The state.</summary>
    public NodeStateName State { get; internal set; }

    /// <summary>The version of the current attempt.</summary>
    public string Version { get; internal set; } = "";

    /// <summary>How many times it was entered.</summary>
    public int Loop { get; internal set; }

    /// <summary>How many times it was entered in <see cref="ParentRun"/>.</summary>
    public int InnerLoop { get; internal set; }

    /// <summary>How many times it was retried since it was entered.</summary>
    public int Retry { get; internal set; }

    /// <summary>Whether it was skipped.</summary>
    public bool Skip { get; internal set; }

    /// <summary>When the state was first set.</summary>
    public DateTimeOffset CreatedTime { get; internal set; }

    /// <summary>When the attempt started.</summary>
    public DateTimeOffset? StartedTime { get; internal set; }

    /// <summary>When the attempt ended.</summary>
    public DateTimeOffset? ArchivedTime { get; internal set; }

    /// <summary>Grows each time the scope is entered; the inner loops of what stands in it count within one run.</summary>
    public int Run { get; internal set; }

    /// <summary>The run of the scope around it at the last entry.</summary>
    public int ParentRun { get; internal set; }

    /// <summary>The rendered params; null where none were recorded.</summary>
    public MapValue? Inputs { get; internal set; }

    /// <summary>The outputs; null where none were recorded.</summary>
    public MapValue? Outputs { get; internal set; }

    /// <summary>How many history entries were written.</summary>
    public long HistoryCount { get; internal set; }

    /// <summary>The inner loop as it counts in run <paramref name="parentRun"/> of the scope around it.</summary>
    public int InnerLoopIn(int parentRun) => ParentRun < parentRun ? 0 : InnerLoop;
}

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
    public TokenPhase Phase { get; init; }

    /// <summary>The pipeline or node whose pause holds it.</summary>
    public string? HeldBy { get; init; }

    /// <summary>Of a joining one: the tokens that have not arrived.</summary>
    public int Awaited { get; init; }

    /// <summary>Of a joining one: the largest step of those that have arrived.</summary>
    public long ArrivedStep { get; init; }

    /// <summary>The id of the scope that it stands in directly.</summary>
    public string Scope => Stack[^1];
}
