using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Simulation.Hosts;

namespace BambooOrleans.Simulation.Planted;

/// <summary>Makes one mistake, or none, wherever inputs, facts, effects and writes pass by.</summary>
internal sealed class BugSwitch(Bug bug)
{
    private Simulator? _world;
    private (ScopeState Scope, NodeStateName State)? _hidden;

    /// <summary>Whether this mistake is made.</summary>
    public bool Is(Bug other) => bug == other;

    public void Attach(Simulator world) => _world = world;

    /// <summary>Whether a message is delivered at all.</summary>
    public bool Delivers(Mail mail)
    {
        switch (bug)
        {
            case Bug.DropCallback when mail.Input is Callback callback:
                _world!.Release(new Reply(callback.Call.Request, null), "", "", mail.To);
                return false;
            case Bug.RepeatVerb when mail.From == Mail.Operator:
                _world!.Repost(mail);
                return true;
            case Bug.LoseReport when mail.Input is NodeReported { Report.Outcome: NodeOutcome.Failed }:
                return false;
            default:
                return true;
        }
    }

    /// <summary>Whether an effect is carried out.</summary>
    public bool Releases(Effect effect)
    {
        switch (bug)
        {
            case Bug.RunCodeTwice when effect is PollComponent:
                effect.Perform(_world!);
                return true;
            case Bug.AnswerTwice when effect is Reply { Error: not null }:
                effect.Perform(_world!);
                return true;
            case Bug.LoseTimer when effect is SetTimer:
                return false;
            case Bug.ForgetInputsAfterDeath when effect is ExecuteComponent { IsRecovery: true } execute:
                ((IEffectHandler)_world!).Perform(execute with { Inputs = MapValue.Empty });
                return false;
            default:
                return true;
        }
    }

    /// <summary>The input that a machine gets instead of one; null for none.</summary>
    public object? Before(Mail mail, NodeMachine? node, PipelineMachine? pipeline)
    {
        string version = node?.State?.Version ?? "";
        switch (bug)
        {
            case Bug.TakeLateResult when mail.Input is Executed executed:
                return executed with { Version = version };
            case Bug.TakeStaleCallback when mail.Input is Callback callback:
                return callback with { Version = version };
            case Bug.KeepVersionOnForcedFailure when mail.Input is ForceFail && version.Length > 0:
            case Bug.KeepVersionOnRetry when mail.Input is RetryNode && version.Length > 0:
                _world!.Versions.Instead = version;
                break;
            case Bug.ReenterOnRepeat when mail.Input is Enter enter && node!.State is { State: NodeStateName.Finished } state
                && state.Step == enter.Step && state.Attempt == enter.Attempt:
                return enter with { Step = enter.Step + 1 };
            case Bug.PassThroughPause when mail.Input is NodeReported:
                Hide(pipeline!, NodeStateName.Suspended);
                break;
            case Bug.GoOnAfterRevoke when mail.Input is NodeReported:
                Hide(pipeline!, NodeStateName.Revoked);
                break;
            case Bug.ForgetOutputs when mail.Input is NodeReported { Report.Outputs: not null } reported:
                return reported with { Report = reported.Report with { Outputs = null } };
        }

        return mail.Input;
    }

    /// <summary>A turn is over.</summary>
    public void After(Turn turn, NodeMachine? node, PipelineMachine? pipeline)
    {
        if (bug == Bug.None)
        {
            return;
        }

        _world!.Versions.Instead = null;
        if (_hidden is { } hidden)
        {
            hidden.Scope.State = hidden.State;
            _hidden = null;
        }

        switch (bug)
        {
            case Bug.CountArrivalTwice when pipeline is not null && turn.Events.OfType<TokenArrived>().FirstOrDefault() is { } arrived
                && pipeline.State.Tokens.Values.FirstOrDefault(token => arrived.Token.StartsWith(token.Id + ".", StringComparison.Ordinal)
                    && token.Phase == TokenPhase.Joining) is { } joining:
                Raise(pipeline, new TokenMoved { Token = joining with { Awaited = joining.Awaited - 1 } }, turn);
                break;
            case Bug.ForgetBranch when pipeline is not null && turn.Events.OfType<TokenForked>().FirstOrDefault() is { } forked
                && pipeline.State.Tokens.TryGetValue(forked.Token, out Token? parent):
                Raise(pipeline, new TokenMoved { Token = parent with { Awaited = parent.Awaited - 1 } }, turn);
                break;
            case Bug.DoubleToken when pipeline is not null && turn.Events.OfType<TokenForked>().FirstOrDefault() is { } forked
                && pipeline.State.Tokens.TryGetValue(forked.Children[0].Id, out Token? child):
                Raise(pipeline, new TokenMoved { Token = child with { Id = child.Id + "x" } }, turn);
                break;
            case Bug.SkipWithoutHistory when node is not null && turn.Events.Exists(item => item is NodeSkipped):
                turn.Events.RemoveAll(item => item is NodeHistoryAdded);
                node.State!.HistoryCount--;
                break;
            case Bug.ForgetLoop when node is not null && turn.Events.FindIndex(item => item is NodeStarted { IsReentry: true }) is var index and >= 0:
                turn.Events[index] = (NodeStarted)turn.Events[index] with { Loop = node.State!.Loop - 1 };
                node.State.Loop--;
                break;
        }
    }

    /// <summary>The facts of a turn as they are journaled.</summary>
    public IReadOnlyList<MachineEvent> Journaled(IReadOnlyList<MachineEvent> events) =>
        bug == Bug.LeaveFactOutOfJournal ? [.. events.Where(item => item is not NodePauseEnded)] : events;

    /// <summary>A write as it is written.</summary>
    public MachineWrite Written(MachineWrite write) => bug == Bug.KeepDeadTokens
        ? write with { Records = write.Records.FindAll(record => record.Value is not null) }
        : write;

    private static void Raise(PipelineMachine pipeline, PipelineEvent change, Turn turn)
    {
        change.Apply(pipeline.State);
        turn.Events.Add(change);
    }

    // The machine sees a pipeline that runs where it is paused or revoked.
    private void Hide(PipelineMachine pipeline, NodeStateName state)
    {
        foreach (ScopeState scope in pipeline.State.Scopes.Values)
        {
            if (scope.State == state && _hidden is null)
            {
                _hidden = (scope, state);
                scope.State = NodeStateName.Running;
            }
        }
    }
}
