using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Core.Machines;

/// <summary>The durable state of a root pipeline: its scopes, tokens and contexts. Changed by events only.</summary>
/// <param name="expressions">How templates are rendered.</param>
public sealed class PipelineState(ExpressionOptions expressions)
{
    private readonly Dictionary<string, Dictionary<string, ContextEntry>> _contexts = new(StringComparer.Ordinal);

    /// <summary>How templates are rendered.</summary>
    public ExpressionOptions Expressions { get; } = expressions;

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

    /// <summary>A state of the same content that shares nothing that changes.</summary>
    public PipelineState Copy()
    {
        var copy = new PipelineState(Expressions);
        foreach ((string id, ScopeState scope) in Scopes)
        {
            copy.Scopes[id] = scope.Copy();
        }

        foreach ((string id, Token token) in Tokens)
        {
            copy.Tokens[id] = token;
        }

        foreach ((string id, RawInputs inputs) in RawInputs)
        {
            copy.RawInputs[id] = inputs;
        }

        foreach ((string scopeId, Dictionary<string, ContextEntry> context) in _contexts)
        {
            copy._contexts[scopeId] = new(context, StringComparer.Ordinal);
        }

        return copy;
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
