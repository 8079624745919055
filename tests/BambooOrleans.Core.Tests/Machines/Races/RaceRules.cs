using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;

namespace BambooOrleans.Core.Tests.Machines.Races;

/// <summary>A rule of the machines was broken.</summary>
internal sealed class BrokenRuleException(string message) : Exception(message);

/// <summary>What must hold after every turn. Keeps states of its own, made from the events.</summary>
internal sealed class RaceRules(PipelineDefinition definition)
{
    private readonly Dictionary<string, NodeState> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (NodeStateName State, string Version, int Loop)> _scopes = new(StringComparer.Ordinal);
    private readonly HashSet<(string, string, string, int)> _runs = [];
    private readonly HashSet<(string, long, int)> _decidedEntries = [];

    public static void Require(bool holds, string message)
    {
        if (!holds)
        {
            throw new BrokenRuleException(message);
        }
    }

    public void AfterNodeTurn(string node, Turn turn)
    {
        foreach (NodeEvent change in turn.Events.Cast<NodeEvent>())
        {
            if (!change.ChangesState)
            {
                continue;
            }

            bool isNew = !_nodes.TryGetValue(node, out NodeState? state);
            state ??= _nodes[node] = new NodeState();
            (NodeStateName from, string version, int loop, int retry) = (state.State, state.Version, state.Loop, state.Retry);
            change.Apply(state);
            string what = $"{node}: {change.GetType().Name}";
            Require(isNew || from == state.State || IsLegal(from, state.State), $"{what} took it from {from} to {state.State}");
            bool isNewAttempt = change is NodeRetried or NodeSkipped or NodeForcedToFail or NodeStarted { IsReentry: true } || isNew;
            Require(isNewAttempt == (state.Version != version), $"{what} changed the version from {version} to {state.Version}");
            Require(state.Loop >= loop, $"{what} took the loop from {loop} to {state.Loop}");
            Require(state.Loop == loop || isNew || (change is NodeStarted { IsReentry: true } && state.Loop == loop + 1), $"{what} took the loop from {loop} to {state.Loop}");
            Require(state.Retry >= retry || change is NodeStarted { ResetsRetry: true }, $"{what} took the retry from {retry} to {state.Retry}");
            if (change is NodeStarted start)
            {
                Require(_decidedEntries.Contains((node, start.Step, start.Attempt)), $"{node} was entered at step {start.Step}, which nobody decided before a revocation");
            }
        }

        foreach (Effect effect in turn.Effects)
        {
            switch (effect)
            {
                case ExecuteComponent execute:
                    Require(turn.Events.Exists(item => item is NodeExecutionBegan), $"{node} executes without an intent");
                    RunOnce(node, execute.Call.Version, turn.Host, -1);
                    break;
                case PollComponent poll:
                    Require(turn.Events.Exists(item => item is NodePollBegan), $"{node} polls without an intent");
                    RunOnce(node, poll.Call.Version, turn.Host, poll.Times);
                    break;
                case RunEndEvent end:
                    Require(turn.Events.Exists(item => item is NodeEndEventBegan), $"{node} runs its code without an intent");
                    RunOnce(node, end.Version, turn.Host, -2);
                    break;
            }
        }
    }

    public void AfterPipelineTurn(PipelineState state, Turn turn, NodeStateName? rootBefore)
    {
        foreach (MachineEvent change in turn.Events)
        {
            Require(change is not ScopeEntered || rootBefore != NodeStateName.Revoked, "a sub-process was entered after a revocation");
        }

        foreach ((string id, ScopeState scope) in state.Scopes)
        {
            if (_scopes.TryGetValue(id, out (NodeStateName State, string Version, int Loop) before))
            {
                bool passesThrough = turn.Events.Exists(item => item is ScopeEntered entered && entered.ScopeId == id);
                Require(passesThrough || before.State == scope.State || IsLegal(before.State, scope.State), $"{id} went from {before.State} to {scope.State}");
                Require(scope.Loop == before.Loop || (passesThrough && scope.Loop > before.Loop), $"{id} took its loop from {before.Loop} to {scope.Loop}");
            }

            _scopes[id] = (scope.State, scope.Version, scope.Loop);
        }

        foreach (TellNode tell in turn.Effects.OfType<TellNode>())
        {
            if (tell.Input is Core.Machines.Inputs.Enter enter && rootBefore != NodeStateName.Revoked)
            {
                _decidedEntries.Add((tell.NodeId, enter.Step, enter.Attempt));
            }
        }

        CheckTokens(state);
    }

    // A token is never lost or doubled: each stands at one node, or waits for just the tokens that it forked.
    private void CheckTokens(PipelineState state)
    {
        Dictionary<string, Token> tokens = state.Tokens;
        NodeStateName? root = state.Scopes.TryGetValue(definition.RootId, out ScopeState? scope) ? scope.State : null;
        Require(root is null or NodeStateName.Revoked || (root != NodeStateName.Finished) == tokens.Count > 0, $"a {root} pipeline has {tokens.Count} tokens");
        foreach (Token token in tokens.Values)
        {
            int children = tokens.Values.Count(child => child.Parent == token.Id);
            Require((token.Phase == TokenPhase.Joining ? token.Awaited : 0) == children, $"{token.Id} awaits {token.Awaited} and has {children}");
            Require(token.Phase != TokenPhase.Joining || token.Awaited > 0, $"{token.Id} waits for nobody");
            Require(token.Parent is null == token.Destination is null, $"{token.Id} has a parent and no destination");
            Require(token.Parent is null || tokens.ContainsKey(token.Parent), $"{token.Id} has lost its parent");
            Require(definition.Nodes[token.Node].ScopeId == token.Scope, $"{token.Id} stands in {token.Scope} at {token.Node}");
            Require(token.Phase == TokenPhase.Held == token.HeldBy is not null, $"{token.Id} is {token.Phase} and held by {token.HeldBy}");
        }

        List<string> places = [.. tokens.Values.Where(token => token.Phase != TokenPhase.Joining).Select(token => token.Node)];
        Require(places.Count == places.Distinct().Count(), $"two tokens at one node: {string.Join(", ", places)}");
        Require(tokens.Count == 0 || tokens.Values.Count(token => token.Parent is null) == 1, "not one first token");
    }

    private void RunOnce(string node, string version, string host, int times) =>
        Require(_runs.Add((node, version, host, times)), $"{node} runs twice under {version} without a death");

    private static bool IsLegal(NodeStateName from, NodeStateName to) => from switch
    {
        NodeStateName.Ready or NodeStateName.LoopReady => to is NodeStateName.Running or NodeStateName.Suspended,
        NodeStateName.Running => to is NodeStateName.Finished or NodeStateName.Failed or NodeStateName.Revoked or NodeStateName.Suspended,
        NodeStateName.Suspended => to is NodeStateName.Ready or NodeStateName.Running or NodeStateName.Revoked,
        NodeStateName.Finished => to is NodeStateName.Running or NodeStateName.Failed,
        NodeStateName.Failed => to is NodeStateName.Ready or NodeStateName.Finished or NodeStateName.LoopReady,
        _ => false,
    };
}
