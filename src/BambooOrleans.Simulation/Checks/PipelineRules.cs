using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Simulation.Runs;

namespace BambooOrleans.Simulation.Checks;

/// <summary>What must hold of the pipeline machine after each fact and each turn.</summary>
internal sealed class PipelineRules(PipelineDefinition definition, PipelineState state)
{
    private readonly HashSet<(string Node, long Step, int Attempt)> _decided = [];
    private readonly List<string> _moved = [];
    private readonly HashSet<string> _places = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _children = new(StringComparer.Ordinal);

    /// <summary>Whether the pipeline machine decided an entry, and was not revoked when it did.</summary>
    public bool WasDecided(string node, long step, int attempt) => _decided.Contains((node, step, attempt));

    /// <summary>Applies the facts of one turn.</summary>
    public void Apply(IReadOnlyList<MachineEvent> events, Coverage coverage)
    {
        bool wasRevoked = IsRevoked;
        string? kept = null;
        _moved.Clear();
        foreach (MachineEvent item in events)
        {
            var change = (PipelineEvent)item;
            string? scopeId = ScopeOf(change);
            ScopeState? scope = scopeId is null ? null : state.Scopes.GetValueOrDefault(scopeId);
            (NodeStateName State, string Version, int Loop)? before = scope is null ? null : (scope.State, scope.Version, scope.Loop);
            change.Apply(state);
            if (item is ScopeHistoryAdded added)
            {
                Rule.Require(added.Entry.Version == before?.Version, "histories", $"{scopeId} kept {added.Entry.Version} and not {before?.Version}");
                kept = $"{scopeId} {before?.Version}";
            }
            else if (scopeId is not null)
            {
                CheckScope(scopeId, change, before, kept, wasRevoked, coverage);
            }

            switch (item)
            {
                case TokenMoved moved:
                    _moved.Add(moved.Token.Id);
                    break;
                case TokenWoken woken:
                    _moved.Add(woken.Token);
                    break;
            }
        }

        CheckMoves(wasRevoked);
        CheckTokens();
    }

    private bool IsRevoked => state.Scopes.TryGetValue(definition.RootId, out ScopeState? root) && root.State == NodeStateName.Revoked;

    private static string? ScopeOf(PipelineEvent change) => change switch
    {
        PipelineStarted started => started.RootId,
        PipelineFinished finished => finished.RootId,
        PipelineRevoked revoked => revoked.RootId,
        ScopeEntered entered => entered.ScopeId,
        ScopeOpened opened => opened.ScopeId,
        ScopeFailed failed => failed.ScopeId,
        ScopeFinished finished => finished.ScopeId,
        ScopePaused paused => paused.ScopeId,
        ScopeResumed resumed => resumed.ScopeId,
        ScopeRetried retried => retried.ScopeId,
        ScopeResumeScheduled scheduled => scheduled.ScopeId,
        ScopeHistoryAdded added => added.Entry.NodeId,
        _ => null,
    };

    private void CheckScope(
        string scopeId, PipelineEvent change, (NodeStateName State, string Version, int Loop)? before, string? kept, bool wasRevoked, Coverage coverage)
    {
        ScopeState scope = state.Scopes[scopeId];
        coverage.Transition(before?.State, scope.State);
        Rule.Require(!wasRevoked || change is not ScopeEntered, "nothing enters after a revocation", $"{scopeId}: {change.GetType().Name} after a revocation");
        if (before is not { } old)
        {
            Rule.Require(scope.Loop == 1, "the loop count", $"{scopeId}: {change.GetType().Name} began with loop {scope.Loop}");
            return;
        }

        bool isReentry = change is ScopeEntered { IsReentry: true };
        Rule.Require(old.State == scope.State || StateTable.IsLegal(old.State, scope.State), "the transition table", $"{scopeId}: {change.GetType().Name} took it from {old.State} to {scope.State}");
        Rule.Require(
            (isReentry || change is ScopeRetried) == (scope.Version != old.Version),
            "a version names one attempt",
            $"{scopeId}: {change.GetType().Name} changed the version from {old.Version} to {scope.Version}");
        Rule.Require(scope.Loop == (isReentry ? old.Loop + 1 : old.Loop), "the loop count", $"{scopeId}: {change.GetType().Name} took the loop from {old.Loop} to {scope.Loop}");
        if (isReentry || change is ScopeRetried)
        {
            Rule.Require(kept == $"{scopeId} {old.Version}", "histories", $"{scopeId}: {change.GetType().Name} ended the attempt {old.Version} and did not keep it");
        }
    }

    // What the turn decided to enter: never in a paused pipeline, and never after a revocation.
    private void CheckMoves(bool wasRevoked)
    {
        foreach (string id in _moved)
        {
            if (!state.Tokens.TryGetValue(id, out Token? token) || token.Phase != TokenPhase.Entered)
            {
                continue;
            }

            Rule.Require(!wasRevoked, "nothing enters after a revocation", $"{id} is sent to {token.Node} after a revocation");
            foreach (string scopeId in token.Stack)
            {
                Rule.Require(
                    state.Scopes[scopeId].State != NodeStateName.Suspended,
                    "nothing enters a paused pipeline",
                    $"{id} is sent to {token.Node}, and {scopeId} is paused");
            }

            _decided.Add((token.Node, token.Step, token.Attempt));
        }
    }

    // A token is never lost or doubled: each stands at one node, or waits for just the tokens that it forked.
    private void CheckTokens()
    {
        const string rule = "no token lost or doubled";
        Dictionary<string, Token> tokens = state.Tokens;
        NodeStateName? root = state.Scopes.TryGetValue(definition.RootId, out ScopeState? scope) ? scope.State : null;
        Rule.Require(
            root is null or NodeStateName.Revoked || (root != NodeStateName.Finished) == tokens.Count > 0, rule, $"a {root} pipeline has {tokens.Count} tokens");
        _children.Clear();
        _places.Clear();
        int firsts = 0;
        foreach (Token token in tokens.Values)
        {
            if (token.Parent is { } parent)
            {
                _children[parent] = _children.GetValueOrDefault(parent) + 1;
                Rule.Require(tokens.ContainsKey(parent), rule, $"{token.Id} has lost its parent");
                Rule.Require(token.Destination is not null, rule, $"{token.Id} has a parent and no destination");
            }
            else
            {
                firsts++;
                Rule.Require(token.Destination is null, rule, $"{token.Id} has a destination and no parent");
            }

            Rule.Require(definition.Nodes[token.Node].ScopeId == token.Scope, rule, $"{token.Id} stands in {token.Scope} at {token.Node}");
            Rule.Require(token.Phase == TokenPhase.Held == token.HeldBy is not null, rule, $"{token.Id} is {token.Phase} and held by {token.HeldBy}");
            Rule.Require(token.Phase == TokenPhase.Joining || _places.Add(token.Node), rule, $"two tokens stand at {token.Node}");
        }

        Rule.Require(tokens.Count == 0 || firsts == 1, rule, $"{firsts} first tokens");
        foreach (Token token in tokens.Values)
        {
            int children = _children.GetValueOrDefault(token.Id);
            Rule.Require((token.Phase == TokenPhase.Joining ? token.Awaited : 0) == children, rule, $"{token.Id} awaits {token.Awaited} and has {children}");
            Rule.Require(token.Phase != TokenPhase.Joining || token.Awaited > 0, rule, $"{token.Id} waits for nobody");
        }
    }
}
