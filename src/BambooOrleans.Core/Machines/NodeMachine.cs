using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Core.Machines.Nodes;
using BambooOrleans.Core.Machines.Verbs;

namespace BambooOrleans.Core.Machines;

/// <summary>
/// The state machine of one node. It takes one input at a time, changes its state by events, and says what it wants done. It does no IO.
/// </summary>
/// <remarks>
/// Every input may come twice, late or out of order: an <see cref="Enter"/> that is not newer than the last is answered from
/// the state, and a result under another version than the current one makes no event.
/// </remarks>
public sealed class NodeMachine
{
    private readonly NodeBehavior _behavior;

    // The entry that user code (a lazy variable, an end event) has to answer before it can be carried through. Not durable:
    // after a death the pipeline says Enter again.
    private Enter? _held;

    /// <summary>Makes the machine of a node.</summary>
    /// <param name="definition">The node.</param>
    /// <param name="settings">The engine's settings.</param>
    /// <param name="state">The state as it was kept; null for a node without one.</param>
    public NodeMachine(NodeDefinition definition, EngineSettings settings, NodeState? state)
    {
        Definition = definition;
        Settings = settings;
        State = state;
        _behavior = NodeBehavior.For(definition.Kind);
    }

    /// <summary>The node.</summary>
    public NodeDefinition Definition { get; }

    /// <summary>The state; null for a node that has none yet.</summary>
    public NodeState? State { get; private set; }

    internal EngineSettings Settings { get; }

    internal NodeState Running => State ?? throw new InvalidOperationException($"{Definition.Id} has no state");

    /// <summary>A machine in the same state that shares nothing that changes.</summary>
    public NodeMachine Copy() => new(Definition, Settings, State?.Copy()) { _held = _held };

    /// <summary>Takes one input.</summary>
    public void Handle(NodeInput input, Turn turn) => input.Accept(this, turn);

    internal void On(Enter input, Turn turn)
    {
        if (State is { } state && state.Version.Length > 0 && !IsNewer(input, state))
        {
            Repeat(input, turn);
        }
        else if (Begin(input, turn))
        {
            _behavior.Enter(this, input, turn);
        }
    }

    internal void On(AskedAgain input, Turn turn)
    {
        if (State is not { } state || state.Token != input.Token || state.Step != input.Step)
        {
            return;
        }

        if (IsToCome(state) && state.Wakes is { } wakes)
        {
            SendReady(wakes, turn);
        }
        else if (state is { Phase: NodePhase.None, Report: not null })
        {
            SendReport(turn);
        }
    }

    internal void On(Hydrated input, Turn turn)
    {
        if (_held is { } entry && Is(NodePhase.Hydrating, input.Version) && !IsPausedAtEnd(null, turn))
        {
            _behavior.Hydrated(this, entry, input, turn);
        }
    }

    internal void On(Executed input, Turn turn)
    {
        if (Is(NodePhase.Executing, input.Version)
            && !IsPausedAtEnd(new HeldOutcome(input.Outcome, input.Schedule, false, TimeSpan.Zero, input.CallbackWithin), turn))
        {
            ServiceActivityNode.Executed(this, input, turn);
        }
    }

    internal void On(Polled input, Turn turn)
    {
        if (Is(NodePhase.Polling, input.Version) && (input.Times is not { } times || times == Running.Schedule!.Times)
            && !IsPausedAtEnd(new HeldOutcome(input.Outcome, null, input.IsDone, input.NextAfter), turn))
        {
            ServiceActivityNode.Polled(this, input, turn);
        }
    }

    internal void On(EndEventRan input, Turn turn)
    {
        if (!Is(NodePhase.RunningEndEvent, input.Version) || State!.HeldOutcome is not null
            || IsPausedAtEnd(ExecutableEndEventNode.Held(input), turn))
        {
            return;
        }

        if (_held is { } entry)
        {
            ExecutableEndEventNode.Ran(this, input, entry, turn);
        }
        else
        {
            // This machine was loaded while the code ran: what it came to is kept until the entry has come again.
            Raise(new NodeOutcomeHeld { Time = turn.Now, Outcome = ExecutableEndEventNode.Held(input) }, turn);
            turn.Effects.Add(new TellPipeline(new NodeResumed(Definition.Id, State.Token, State.Step)));
        }
    }

    internal void On(TimerFired input, Turn turn)
    {
        if (State is not { NextTimer: { } due } state || state.Version != input.Version)
        {
            return;
        }

        if (due > turn.Now)
        {
            turn.Effects.Add(new SetTimer(Definition.Id, state.Version, due));
        }
        else if (state.State == NodeStateName.Suspended)
        {
            ResumeNodeAppointVerb.Resume(this, turn);
        }
        else if (state.Schedule!.Due is not null)
        {
            ServiceActivityNode.BeginPoll(this, turn);
        }
        else
        {
            ServiceActivityNode.MissDeadline(this, turn);
        }
    }

    internal void On(RetryNode input, Turn turn) => RetryNodeVerb.Apply(this, input, turn);

    internal void On(SkipNode input, Turn turn) => SkipNodeVerb.Apply(this, input, turn);

    internal void On(SkipExclusiveGateway input, Turn turn) => SkipExclusiveGatewayVerb.Apply(this, input, turn);

    internal void On(SkipConditionalParallelGateway input, Turn turn) => SkipConditionalParallelGatewayVerb.Apply(this, input, turn);

    internal void On(ForceFail input, Turn turn) => ForcedFailActivityVerb.Apply(this, input, turn);

    internal void On(PauseNode input, Turn turn) => PauseNodeAppointVerb.Apply(this, input, turn);

    internal void On(ResumeNode input, Turn turn) => ResumeNodeAppointVerb.Apply(this, input, turn);

    internal void On(UpdateOutputs input, Turn turn) => UpdateNodeOutputsVerb.Apply(this, input, turn);

    internal void On(CancelNodeResume input, Turn turn) => ResumeNodeAppointVerb.Cancel(this, input, turn);

    internal void On(SetTimersAgain input, Turn turn)
    {
        if (State?.NextTimer is { } due)
        {
            turn.Effects.Add(new SetTimer(Definition.Id, State.Version, due));
        }
    }

    internal void On(AskedAsPipeline input, Turn turn) => turn.Effects.Add(new Reply(input.Call.Request, State is null
        ? new NotFoundException($"node({Definition.Id}) does not exist")
        : new InvalidOperationVerbException("verb.not-a-pipeline", $"{Definition.Id} is not a pipeline, actual: {Definition.Kind}")));

    internal void On(Callback input, Turn turn) => CallbackVerb.Apply(this, input, turn);

    internal void Raise(NodeEvent change, Turn turn)
    {
        if (change.ChangesState)
        {
            State ??= new NodeState();
            change.Apply(State);
        }

        turn.Events.Add(change);
    }

    /// <summary>Carries out a verb that is not refused, with a note of who asked and why, and answers.</summary>
    internal void Decide(VerbCall call, Func<BambooException?> check, Action carryOut, Turn turn)
    {
        BambooException? refusal = call.CheckVersion(Definition.Id, State?.Version) ?? check();
        if (refusal is null)
        {
            turn.Events.Add(new NodeVerbTaken
            {
                Time = turn.Now,
                Verb = call.Verb,
                Operator = call.Operator,
                Reason = call.Reason,
            });
            carryOut();
        }

        turn.Effects.Add(new Reply(call.Request, refusal));
    }

    /// <summary>Has the component's hooks around a verb run on a copy of the data, once the decision is durable.</summary>
    internal void RunHooks(VerbHook hook, Turn turn, Value? callbackData = null)
    {
        if (Definition.Kind == NodeKind.ServiceActivity && State is { } state)
        {
            turn.Effects.Add(new RunVerbHooks(
                hook,
                new ComponentCall(Definition, state.Version, state.Loop, state.InnerLoop, false, false, false),
                state.Inputs ?? MapValue.Empty,
                state.Outputs ?? MapValue.Empty,
                callbackData));
        }
    }

    /// <summary>Ends the attempt and tells the pipeline.</summary>
    internal void End(NodeEnded change, Turn turn)
    {
        Raise(change, turn);
        SendReport(turn);
    }

    /// <summary>Keeps the attempt that a re-entry, a retry or a skip ends.</summary>
    internal void AddHistory(Turn turn) =>
        Raise(new NodeHistoryAdded { Time = turn.Now, Entry = Running.ToHistory(Definition.Id) }, turn);

    /// <summary>Keeps an entry until user code has answered.</summary>
    internal void Hold(Enter entry) => _held = entry;

    /// <summary>Fails with an error text beside the outputs there are (observed of gateways, events and sub-processes).</summary>
    internal void FailWith(string exData, Turn turn) => End(
        new NodeFailed
        {
            Time = turn.Now,
            Inputs = Running.Inputs ?? MapValue.Empty,
            Outputs = (Running.Outputs ?? MapValue.Empty).With("ex_data", exData),
            Report = new NodeReport { Outcome = NodeOutcome.Failed, Cause = exData },
        },
        turn);

    internal void FinishTo(IReadOnlyList<string> next, Turn turn, MapValue? values = null) => End(
        new NodeFinished
        {
            Time = turn.Now,
            Report = new NodeReport { Outcome = NodeOutcome.Finished, Next = next, Values = values },
        },
        turn);

    /// <summary>
    /// Hydrates a slice: gives the values at once where no user code is needed, or asks the host and answers null; the
    /// behaviour is then called with the answer.
    /// </summary>
    /// <exception cref="HydrationException">The slice cannot be hydrated.</exception>
    internal IReadOnlyDictionary<string, Value>? HydrateOrAsk(
        Enter entry, IReadOnlyDictionary<string, ContextEntry> slice, Turn turn)
    {
        if (!Hydration.NeedsUserCode(slice))
        {
            return Hydration.Resolve(slice, Settings.Expressions);
        }

        Hold(entry);
        Raise(new NodeHydrationBegan { Time = turn.Now, Owner = turn.Host }, turn);
        turn.Effects.Add(new Hydrate(Definition.Id, IsScope: false, Running.Version, slice));
        return null;
    }

    // A node that a verb made ready has counted the attempt that is to come already, and may have been paused since.
    private static bool IsNewer(Enter input, NodeState state) => input.Step > state.Step
        || (input.Step == state.Step && (input.Attempt > state.Attempt || (input.Attempt == state.Attempt && IsToCome(state))));

    // One that failed and was made READY by the end of a pause that never was has no attempt to come.
    private static bool IsToCome(NodeState state) => (IsReady(state) && state.Wakes is not null) || IsPausedBeforeAttempt(state);

    private static bool IsPausedBeforeAttempt(NodeState state) => state is
        { State: NodeStateName.Suspended, PausedWhileRunning: false, HoldsToken: false, Wakes: not null };

    private static bool IsReady(NodeState state) => state.State is NodeStateName.Ready or NodeStateName.LoopReady;

    private bool Is(NodePhase phase, string version) => State is { } state && state.Phase == phase && state.Version == version;

    /// <summary>Tells the pipeline that the node is ready to be entered again.</summary>
    internal void SendReady(WakeUp wakes, Turn turn) => turn.Effects.Add(new TellPipeline(new NodeReady(
        Definition.Id,
        Running.Token,
        Running.Step,
        Running.Attempt,
        wakes.Inputs is null ? null : RawInputs.Parse(wakes.Inputs, Settings.Expressions),
        wakes.Retry,
        WithOutputs(wakes.Failure))));

    /// <summary>Tells the pipeline what the attempt came to.</summary>
    internal void SendReport(Turn turn)
    {
        NodeReport report = WithOutputs(Running.Report)!;
        if (report.Failure is { } failure)
        {
            report = report with { Failure = WithOutputs(failure) };
        }

        turn.Effects.Add(new TellPipeline(
            new NodeReported(Definition.Id, Running.Token, Running.Step, Running.Attempt, report)));
    }

    private NodeReport? WithOutputs(NodeReport? report) =>
        report is { ExtractsOutputs: true, Outputs: null } ? report with { Outputs = Running.Outputs } : report;

    // The checks before a node goes RUNNING, in the reference's order (observed).
    private bool Begin(Enter input, Turn turn)
    {
        int loop = 1;
        int innerLoop = 1;
        bool isReentry = false;
        if (State is { } state && state.Version.Length > 0)
        {
            if (state.State == NodeStateName.Finished && state.Loop > Settings.NodeRerunLimit)
            {
                ExceedRerunLimit(input, turn);
                return false;
            }

            if (state is { State: NodeStateName.Suspended, PausedWhileRunning: false })
            {
                HoldToken(input, turn);
                return false;
            }

            if (state.State is not (NodeStateName.Finished or NodeStateName.Ready or NodeStateName.LoopReady))
            {
                Raise(new NodeNotEntered { Time = turn.Now, Token = input.Token }, turn);
                turn.Effects.Add(new TellPipeline(new NodeReported(
                    Definition.Id, input.Token, input.Step, input.Attempt, new NodeReport { Outcome = NodeOutcome.NotEntered })));
                return false;
            }

            if (state.State == NodeStateName.Finished)
            {
                isReentry = true;
                loop = state.Loop + 1;
                innerLoop = state.InnerLoopIn(input.Run) + 1;
                AddHistory(turn);
            }
            else if (Definition.Loop is null || state.State == NodeStateName.LoopReady)
            {
                loop = state.Loop;
                innerLoop = state.InnerLoopIn(input.Run);
            }
        }

        Raise(
            new NodeStarted
            {
                Time = turn.Now,
                Token = input.Token,
                Step = input.Step,
                Attempt = input.Attempt,
                Run = input.Run,
                Version = isReentry || State is not { Version.Length: > 0 } ? turn.NewVersion() : State.Version,
                Loop = loop,
                InnerLoop = innerLoop,
                IsReentry = isReentry,
                ResetsRetry = isReentry && Definition.Loop is null,
            },
            turn);
        return true;
    }

    private void HoldToken(Enter input, Turn turn)
    {
        Raise(
            new NodeHeldToken
            {
                Time = turn.Now,
                Token = input.Token,
                Step = input.Step,
                Attempt = input.Attempt,
                Run = input.Run,
            },
            turn);
        turn.Effects.Add(new TellPipeline(new NodeReported(
            Definition.Id, input.Token, input.Step, input.Attempt, new NodeReport { Outcome = NodeOutcome.Held })));
    }

    // What user code came to while the node is paused is kept until it goes on.
    private bool IsPausedAtEnd(HeldOutcome? outcome, Turn turn)
    {
        if (State!.State != NodeStateName.Suspended)
        {
            return false;
        }

        Raise(new NodeOutcomeHeld { Time = turn.Now, Outcome = outcome }, turn);
        return true;
    }

    private void ExceedRerunLimit(Enter input, Turn turn) => End(
        new NodeFailed
        {
            Time = turn.Now,
            Token = input.Token,
            Step = input.Step,
            Inputs = Running.Inputs ?? MapValue.Empty,
            Outputs = (Running.Outputs ?? MapValue.Empty).With(
                "ex_data", $"node execution exceed rerun limit {Settings.NodeRerunLimit}"),
            Report = new NodeReport { Outcome = NodeOutcome.Failed },
        },
        turn);

    // The pipeline does not know how far the node is: answer from the state. User code that is lost runs again under the
    // same version; what a host still runs goes on.
    private void Repeat(Enter input, Turn turn)
    {
        NodeState state = State!;
        if (input.Step < state.Step)
        {
            return;
        }

        if (IsPausedBeforeAttempt(state))
        {
            SendReady(state.Wakes!, turn);
            return;
        }

        if (state.State == NodeStateName.Suspended)
        {
            // It says itself when it goes on. A pipeline that does not know that the token is held is told again.
            if (state.HoldsToken)
            {
                turn.Effects.Add(new TellPipeline(new NodeReported(
                    Definition.Id, input.Token, input.Step, input.Attempt, new NodeReport { Outcome = NodeOutcome.Held })));
            }
            else if (state.Report is not null)
            {
                // It failed, was made READY and then paused, and the pipeline has not heard of the failure.
                SendReport(turn);
            }

            return;
        }

        if (IsReady(state) && state.Wakes is { } wakes)
        {
            SendReady(wakes, turn);
            return;
        }

        bool isLost = state.Owner is { } owner && turn.IsLost(owner, Definition.Id, state.Version);
        switch (state.Phase)
        {
            case NodePhase.Executing when isLost:
                ServiceActivityNode.BeginExecution(this, inputs: null, turn);
                break;
            case NodePhase.Polling when isLost:
                ServiceActivityNode.BeginPoll(this, turn);
                break;
            case NodePhase.RunningEndEvent when state.HeldOutcome is { } held:
                ExecutableEndEventNode.GoOn(this, input, held, turn);
                break;
            case NodePhase.Hydrating or NodePhase.RunningEndEvent when isLost && input.Attempt == state.Attempt:
                _behavior.Enter(this, input, turn);
                break;
            case NodePhase.Hydrating or NodePhase.RunningEndEvent when input.Attempt == state.Attempt:
                // Another host runs it, and will tell this one: the answer needs the entry.
                _held ??= input;
                break;
            case NodePhase.Waiting when state.NextTimer is { } due:
                turn.Effects.Add(new SetTimer(Definition.Id, state.Version, due));
                break;
            case NodePhase.None when state.Report is not null:
                SendReport(turn);
                break;
        }
    }
}
