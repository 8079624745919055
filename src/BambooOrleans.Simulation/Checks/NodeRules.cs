using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Simulation.Hosts;
using BambooOrleans.Simulation.Runs;

namespace BambooOrleans.Simulation.Checks;

/// <summary>What must hold of a node after each fact.</summary>
internal sealed class NodeRules(PipelineRules pipeline, Coverage coverage)
{
    private string _node = "";
    private NodeState _state = new();
    private string? _kept;

    /// <summary>A turn of a node begins.</summary>
    public void Begin(string node, NodeState state)
    {
        _node = node;
        _state = state;
        _kept = null;
    }

    /// <summary>Applies a fact of the turn.</summary>
    public void Apply(NodeEvent change)
    {
        bool isNew = _state.Version.Length == 0;
        (NodeStateName from, string version, int loop, int retry, long histories) =
            (_state.State, _state.Version, _state.Loop, _state.Retry, _state.HistoryCount);
        Before(change, version, histories);
        change.Apply(_state);
        NodeStateName to = _state.State;
        coverage.Transition(isNew ? null : from, to);
        Rule.Require(isNew || from == to || StateTable.IsLegal(from, to), "the transition table", $"{_node}: {change.GetType().Name} took it from {from} to {to}");
        Rule.Require(
            (isNew || change is NodeRetried or NodeSkipped or NodeForcedToFail or NodeStarted { IsReentry: true }) == (_state.Version != version),
            "a version names one attempt", $"{_node}: {change.GetType().Name} changed the version from {version} to {_state.Version}");
        CheckLoop(change, isNew, loop);
        bool isRetry = change is NodeRetried { Wakes.Retry: not Core.Machines.Inputs.RetryKind.Round };
        Rule.Require(
            _state.Retry == (change is NodeStarted { ResetsRetry: true } ? 0 : isRetry ? retry + 1 : retry),
            "the retry count", $"{_node}: {change.GetType().Name} took the retry from {retry} to {_state.Retry}");
        if (change is NodeStarted start)
        {
            Rule.Require(
                pipeline.WasDecided(_node, start.Step, start.Attempt),
                "no entry that the pipeline did not decide", $"{_node}: {change.GetType().Name} entered at step {start.Step}, attempt {start.Attempt}, which the pipeline did not decide before a revocation");
        }
    }

    private void Before(NodeEvent change, string version, long histories)
    {
        switch (change)
        {
            case NodeHistoryAdded added:
                Rule.Require(added.Entry.Id == histories + 1, "histories", $"{_node}: {change.GetType().Name} numbered {added.Entry.Id} after {histories}");
                Rule.Require(added.Entry.Version == version, "histories", $"{_node}: {change.GetType().Name} kept {added.Entry.Version} and not {version}");
                _kept = version;
                break;
            case NodeRetried or NodeSkipped or NodeStarted { IsReentry: true }:
                Rule.Require(_kept == version, "histories", $"{_node}: {change.GetType().Name} ended the attempt {version} and did not keep it");
                break;
            case NodeScheduled { Outputs: var outputs }:
                CheckResult(change, outputs, version);
                break;
            case NodePolled { Outputs: var outputs }:
                CheckResult(change, outputs, version);
                break;
            case NodeFailed { Token: not null }:
                // Over the rerun limit: it keeps the outputs that it had (observed).
                break;
            case NodeEnded { Outputs: { } outputs }:
                CheckResult(change, outputs, version);
                break;
        }
    }

    // What an attempt came to must be what its own code gave.
    private void CheckResult(NodeEvent change, MapValue outputs, string version)
    {
        if (outputs.TryGetValue(DrawnCode.AttemptKey, out Value? attempt))
        {
            Rule.Require(((TextValue)attempt).Value == version, "no result of another attempt", $"{_node}: {change.GetType().Name} took the result of {attempt} under {version}");
        }
    }

    private void CheckLoop(NodeEvent change, bool isNew, int loop)
    {
        int expected = isNew ? 1 : change is NodeStarted { IsReentry: true } ? loop + 1 : loop;

        // A retry of a node that loops by itself starts its loop anew (observed).
        bool startsAnew = change is NodeStarted { IsReentry: false } && _state.Loop == 1;
        Rule.Require(_state.Loop == expected || startsAnew, "the loop count", $"{_node}: {change.GetType().Name} took the loop from {loop} to {_state.Loop}");
    }
}
