using System.Collections.ObjectModel;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Core.Machines.Verbs;

namespace BambooOrleans.Core.Machines;

/// <summary>
/// The state machine of one root pipeline: it moves tokens, keeps the contexts of the root and of every sub-process, and
/// decides about them. It takes one input at a time, changes its state by events, and does no IO.
/// </summary>
public sealed class PipelineMachine
{
    private const string FirstToken = "t";

    /// <summary>Makes the machine of a root pipeline.</summary>
    /// <param name="definition">The pipeline.</param>
    /// <param name="state">The state as it was kept, or a new one for a pipeline that is to be started.</param>
    public PipelineMachine(PipelineDefinition definition, PipelineState state)
    {
        Definition = definition;
        State = state;
    }

    /// <summary>The pipeline.</summary>
    public PipelineDefinition Definition { get; }

    /// <summary>The state.</summary>
    public PipelineState State { get; }

    private ScopeState Root => State.Scopes[Definition.RootId];

    /// <summary>A new state with the contexts as the definition starts them; what was kept is to be set over it.</summary>
    public static PipelineState InitialState(PipelineDefinition definition)
    {
        var state = new PipelineState(definition.Settings.Expressions);
        foreach (ScopeDefinition scope in definition.Scopes.Values)
        {
            foreach (ContextEntry entry in scope.InitialContext)
            {
                state.SetContext(scope.Id, entry);
            }
        }

        return state;
    }

    /// <summary>Takes one input.</summary>
    public void Handle(PipelineInput input, Turn turn) => input.Accept(this, turn);

    internal void On(Start input, Turn turn)
    {
        if (State.Scopes.Count == 0)
        {
            Raise(
                new PipelineStarted
                {
                    Time = turn.Now,
                    RootId = Definition.RootId,
                    Version = turn.NewVersion(),
                    Operator = Definition.Options.Operator,
                    Reason = Definition.Options.Reason,
                },
                turn);
            Place(new Token { Id = FirstToken, Node = "", Step = 0, Stack = [Definition.RootId] }, Definition.StartNodeId, turn);
        }

        turn.Effects.Add(new Reply(input.Request, null));
    }

    internal void On(Drive input, Turn turn)
    {
        foreach (Token token in State.Tokens.Values.ToList())
        {
            switch (token.Phase)
            {
                case TokenPhase.Entered:
                    TellEnter(token, turn);
                    break;
                case TokenPhase.Hydrating:
                    OpenScope(token, turn);
                    break;
                case TokenPhase.Asleep or TokenPhase.Held when token.HeldBy is not { } by || by == token.Node:
                    AskAgain(token, turn);
                    break;
                case TokenPhase.Asleep or TokenPhase.Held or TokenPhase.Joining:
                    break;
            }
        }

        foreach ((string scopeId, ScopeState scope) in State.Scopes)
        {
            if (scope is { State: NodeStateName.Suspended, ResumeAt: { } at })
            {
                turn.Effects.Add(new SetScopeTimer(scopeId, at));
            }
        }
    }

    internal void On(NodeReported input, Turn turn)
    {
        if (!State.Tokens.TryGetValue(input.Token, out Token? token) || token.Node != input.NodeId || token.Step != input.Step
            || token.Phase == TokenPhase.Joining || input.Attempt < token.Attempt)
        {
            return;
        }

        NodeReport report = input.Report;
        NodeDefinition node = Definition.Nodes[input.NodeId];
        if (token.Phase != TokenPhase.Entered && input.Attempt == token.Attempt)
        {
            // Heard already, but for what an operator has set since.
            if (token.Phase == TokenPhase.Asleep && report.Updates?.Count > token.UpdatesHeard)
            {
                ExtractUpdates(token, report, token.UpdatesHeard, turn);
                Raise(new TokenSlept { Token = token.Id, Attempt = token.Attempt, UpdatesHeard = report.Updates.Count }, turn);
            }

            return;
        }

        ExtractUnheard(token, input.Attempt, report.Failure, turn);
        if (report.Outputs is not null)
        {
            Extract(node, token.Scope, report.Outputs, turn);
        }

        if (report.Outcome == NodeOutcome.Held)
        {
            Raise(new TokenHeld { Token = token.Id, By = node.Id }, turn);
            return;
        }

        if (report.Outcome != NodeOutcome.Finished)
        {
            ExtractUpdates(token, report, 0, turn);
            Raise(new TokenSlept { Token = token.Id, Attempt = input.Attempt, UpdatesHeard = report.Updates?.Count ?? 0 }, turn);
            return;
        }

        switch (node.Kind)
        {
            case NodeKind.EmptyEndEvent or NodeKind.ExecutableEndEvent when !MayLeave(token, turn):
                break;
            case NodeKind.EmptyEndEvent or NodeKind.ExecutableEndEvent:
                Leave(token, report.Values ?? MapValue.Empty, turn);
                break;
            case NodeKind.ParallelGateway or NodeKind.ConditionalParallelGateway:
                Fork(token, node, report.Next, turn);
                break;
            default:
                SetContext(token.Scope, report.Values, turn);
                Place(token, report.Next[0], turn);
                break;
        }
    }

    internal void On(ScopeHydrated input, Turn turn)
    {
        Token? token = State.Tokens.Values.FirstOrDefault(
            token => token.Node == input.ScopeId && token.Phase == TokenPhase.Hydrating);
        if (token is null || State.Scopes[input.ScopeId].Version != input.Version)
        {
            return;
        }

        if (State.Scopes[input.ScopeId].State == NodeStateName.Suspended)
        {
            Raise(new TokenHeld { Token = token.Id, By = input.ScopeId }, turn);
        }
        else if (input.Values is null)
        {
            FailScope(token, input.Error ?? "", turn);
        }
        else
        {
            RenderParams(token, input.Values, turn);
        }
    }

    internal void On(NodeReady input, Turn turn) => Wake(input, turn);

    internal void On(NodeResumed input, Turn turn)
    {
        if (State.Tokens.TryGetValue(input.Token, out Token? token) && token.Node == input.NodeId && token.Step == input.Step
            && token.Phase == TokenPhase.Entered)
        {
            TellEnter(token, turn);
        }
    }

    internal void On(PausePipeline input, Turn turn) => PausePipelineVerb.Apply(this, input, turn);

    internal void On(ResumePipeline input, Turn turn) => ResumePipelineVerb.Apply(this, input, turn);

    internal void On(RevokePipeline input, Turn turn) => RevokePipelineVerb.Apply(this, input, turn);

    internal void On(RetrySubProcess input, Turn turn) => RetrySubProcessVerb.Apply(this, input, turn);

    internal void On(UpdateContext input, Turn turn) => UpdateContextVerb.Apply(this, input, turn);

    internal void On(ScopeTimerFired input, Turn turn) => ResumePipelineVerb.TimerFired(this, input, turn);

    internal void On(CancelPipelineResume input, Turn turn) => ResumePipelineVerb.Cancel(this, input, turn);

    /// <summary>Carries out a verb that is not refused, with a note of who asked and why, and answers.</summary>
    internal void Decide(
        VerbCall call, string scopeId, Func<ScopeState, BambooException?> check, Action<ScopeState> carryOut, Turn turn)
    {
        BambooException? refusal = !State.Scopes.TryGetValue(scopeId, out ScopeState? scope)
            ? ScopeTarget.NotStarted(scopeId)
            : call.CheckVersion(scopeId, scope.Version) ?? check(scope);
        if (refusal is null)
        {
            Note(call, scopeId, turn);
            carryOut(scope!);
        }

        turn.Effects.Add(new Reply(call.Request, refusal));
    }

    /// <summary>Notes who asked for a verb, and why.</summary>
    internal void Note(VerbCall call, string scopeId, Turn turn) => Raise(
        new PipelineVerbTaken
        {
            Time = turn.Now,
            ScopeId = scopeId,
            Verb = call.Verb,
            Operator = call.Operator,
            Reason = call.Reason,
        },
        turn);

    internal void Raise(PipelineEvent change, Turn turn)
    {
        change.Apply(State);
        turn.Events.Add(change);
    }

    /// <summary>Puts a token at a node, its destination included, and enters there.</summary>
    private void Place(Token token, string nodeId, Turn turn)
    {
        if (nodeId == token.Destination)
        {
            Arrive(token, turn);
            return;
        }

        Token moved = token with
        {
            Node = nodeId,
            Step = token.Step + 1,
            Attempt = 1,
            Phase = TokenPhase.Entered,
            Owner = null,
            HeldBy = null,
            Awaited = 0,
            ArrivedStep = 0,
            UpdatesHeard = 0,
        };
        Raise(new TokenMoved { Token = moved }, turn);
        EnterNode(moved, turn);
    }

    // A node is ready again: the token that sleeps or is held there comes to it once more.
    private void Wake(NodeReady input, Turn turn)
    {
        if (!State.Tokens.TryGetValue(input.Token, out Token? token) || token.Node != input.NodeId || token.Step != input.Step
            || input.Attempt <= token.Attempt || token.Phase == TokenPhase.Joining)
        {
            return;
        }

        ExtractUnheard(token, input.Attempt, input.Failure, turn);
        if (input.Inputs is not null)
        {
            Raise(new RawInputsReplaced { NodeId = input.NodeId, Inputs = input.Inputs.Inputs }, turn);
        }

        if (input.Retry is { } retry && Definition.Nodes[input.NodeId].Loop is { } loop
            && State.ContextOf(token.Scope).TryGetValue(loop.OutputsKey, out ContextEntry? rounds))
        {
            IEnumerable<Value> kept = retry == RetryKind.Round && rounds.Value is ListValue list ? list.Take(list.Count - 1) : [];
            SetContext(token.Scope, Value.Map((loop.OutputsKey, Value.List(kept))), turn);
        }

        Reenter(token, input.Attempt, turn);
    }

    // A failure whose report was lost before a verb moved the node on gives the context what it would have given; so does
    // what an operator set after it.
    private void ExtractUnheard(Token token, int attempt, NodeReport? failure, Turn turn)
    {
        if (failure is null || token.Attempt != attempt - 1 || token.Phase is not (TokenPhase.Entered or TokenPhase.Asleep))
        {
            return;
        }

        if (token.Phase == TokenPhase.Entered && failure.Outputs is not null)
        {
            Extract(Definition.Nodes[token.Node], token.Scope, failure.Outputs, turn);
        }

        ExtractUpdates(token, failure, token.UpdatesHeard, turn);
    }

    // The outputs that an operator set at a failed node, without those that were taken already.
    private void ExtractUpdates(Token token, NodeReport report, int heard, Turn turn)
    {
        NodeDefinition node = Definition.Nodes[token.Node];
        for (int index = heard; node.Loop is null && index < report.Updates?.Count; index++)
        {
            Extract(node, token.Scope, report.Updates[index], turn);
        }
    }

    /// <summary>Has a token that slept or was held come to its node once more.</summary>
    internal void Reenter(Token token, int attempt, Turn turn)
    {
        Raise(new TokenWoken { Token = token.Id, Attempt = attempt }, turn);
        EnterNode(State.Tokens[token.Id], turn);
    }

    // A pause or a revocation that came while an end event's code ran holds for the end of the pipeline too.
    private bool MayLeave(Token token, Turn turn)
    {
        if (Root.State == NodeStateName.Revoked)
        {
            End(token, turn);
            return false;
        }

        if (SuspendedAround(token) is { } paused)
        {
            Raise(new TokenHeld { Token = token.Id, By = paused }, turn);
            return false;
        }

        return true;
    }

    // The last of the tokens that one forked takes it along.
    private void End(Token token, Turn turn)
    {
        for (Token? last = token; last is not null;)
        {
            Raise(new TokenEnded { Token = last.Id }, turn);
            last = last.Parent is { } parent && State.Tokens[parent] is { Awaited: 0 } joined ? joined : null;
        }
    }

    private string? SuspendedAround(Token token)
    {
        foreach (string scopeId in token.Stack)
        {
            if (State.Scopes[scopeId].State == NodeStateName.Suspended)
            {
                return scopeId;
            }
        }

        return null;
    }

    // The checks before a node, in the reference's order: is the root revoked, is a pipeline around the token paused, root first.
    private void EnterNode(Token token, Turn turn)
    {
        if (Root.State == NodeStateName.Revoked)
        {
            End(token, turn);
            return;
        }

        if (SuspendedAround(token) is { } paused)
        {
            Raise(new TokenHeld { Token = token.Id, By = paused }, turn);
            return;
        }

        if (Definition.Nodes[token.Node].Kind == NodeKind.SubProcess)
        {
            EnterScope(token, turn);
        }
        else
        {
            TellEnter(token, turn);
        }
    }

    private void TellEnter(Token token, Turn turn)
    {
        NodeDefinition node = Definition.Nodes[token.Node];
        turn.Effects.Add(new TellNode(node.Id, new Enter(
            token.Id,
            token.Step,
            token.Attempt,
            State.Scopes[token.Scope].Run,
            RawInputsOf(node),
            SliceFor(node, token.Scope))));
    }

    // A verb may have moved the node on, and what it told of that been lost.
    private void AskAgain(Token token, Turn turn)
    {
        if (Definition.Nodes[token.Node].Kind != NodeKind.SubProcess)
        {
            turn.Effects.Add(new TellNode(token.Node, new AskedAgain(token.Id, token.Step)));
        }
    }

    private RawInputs RawInputsOf(NodeDefinition node) => State.RawInputs.GetValueOrDefault(node.Id) ?? node.Inputs;

    private IReadOnlyDictionary<string, ContextEntry> SliceFor(NodeDefinition node, string scopeId)
    {
        if (node.Kind is not (NodeKind.EmptyEndEvent or NodeKind.ExecutableEndEvent))
        {
            // Only activities take inputs: what a retry gave a gateway or an event is kept, and does nothing (observed).
            IReadOnlyCollection<string> keys = node.Kind == NodeKind.ServiceActivity ? RawInputsOf(node).References : node.References;
            return keys.Count == 0 ? ReadOnlyDictionary<string, ContextEntry>.Empty : Slice(scopeId, keys);
        }

        // What the values of the outputs refer to as they are now, plain ones too, comes with them (observed).
        IReadOnlyDictionary<string, ContextEntry> context = State.ContextOf(scopeId);
        var slice = new Dictionary<string, ContextEntry>(StringComparer.Ordinal);
        foreach (string key in node.PipelineOutputs)
        {
            if (context.TryGetValue(key, out ContextEntry? entry))
            {
                slice[key] = entry;
                AddTo(slice, context, entry.GetTemplate(Definition.Settings.Expressions).References);
            }
        }

        return slice;
    }

    /// <summary>The entries of a context that some keys name, and those that they refer to.</summary>
    private Dictionary<string, ContextEntry> Slice(string scopeId, IReadOnlyCollection<string> keys)
    {
        var slice = new Dictionary<string, ContextEntry>(StringComparer.Ordinal);
        if (keys.Count > 0)
        {
            AddTo(slice, State.ContextOf(scopeId), keys);
        }

        return slice;
    }

    private static void AddTo(
        Dictionary<string, ContextEntry> slice, IReadOnlyDictionary<string, ContextEntry> context, IReadOnlyCollection<string> keys)
    {
        foreach (string key in keys)
        {
            if (context.TryGetValue(key, out ContextEntry? entry) && slice.TryAdd(key, entry))
            {
                foreach (string reference in entry.References)
                {
                    if (context.TryGetValue(reference, out ContextEntry? referred))
                    {
                        slice.TryAdd(reference, referred);
                    }
                }
            }
        }
    }

    private void EnterScope(Token token, Turn turn)
    {
        int loop = 1;
        int innerLoop = 1;
        int parentRun = State.Scopes[token.Scope].Run;
        bool isReentry = false;
        string? version = null;
        if (State.Scopes.TryGetValue(token.Node, out ScopeState? scope))
        {
            if (scope.State == NodeStateName.Suspended)
            {
                Raise(new TokenHeld { Token = token.Id, By = token.Node }, turn);
                return;
            }

            if (scope.State == NodeStateName.Running && IsOnlyAt(token))
            {
                // It was paused while its params were computed.
                OpenScope(token, turn);
                return;
            }

            if (scope.State is not (NodeStateName.Finished or NodeStateName.Ready))
            {
                Raise(new TokenSlept { Token = token.Id, Attempt = token.Attempt }, turn);
                return;
            }

            isReentry = scope.State == NodeStateName.Finished;
            loop = isReentry ? scope.Loop + 1 : scope.Loop;
            innerLoop = isReentry ? scope.InnerLoopIn(parentRun) + 1 : scope.InnerLoopIn(parentRun);
            version = isReentry ? null : scope.Version;
            if (isReentry)
            {
                Raise(HistoryOf(token.Node, scope), turn);
            }
        }

        Raise(
            new ScopeEntered
            {
                Time = turn.Now,
                ScopeId = token.Node,
                Version = version ?? turn.NewVersion(),
                Loop = loop,
                InnerLoop = innerLoop,
                ParentRun = parentRun,
                IsReentry = isReentry,
            },
            turn);
        OpenScope(token, turn);
    }

    private bool IsOnlyAt(Token token) => State.Tokens.Values.All(
        other => other.Id == token.Id || (other.Node != token.Node && !other.Stack.Contains(token.Node)));

    private void OpenScope(Token token, Turn turn)
    {
        NodeDefinition node = Definition.Nodes[token.Node];
        ScopeState scope = State.Scopes[token.Node];
        Dictionary<string, ContextEntry> slice = Slice(token.Scope, RawInputsOf(node).References);
        if (node.OutputKeys.TryGetValue("_loop", out string? loopKey))
        {
            slice[loopKey] = new ContextEntry(
                loopKey, ContextValueType.Plain, scope.Loop + Definition.Settings.RerunIndexOffset);
        }

        try
        {
            if (Hydration.NeedsUserCode(slice))
            {
                if (token is { Phase: TokenPhase.Hydrating, Owner: { } owner } && !turn.IsLost(owner, token.Node, scope.Version))
                {
                    return;
                }

                Raise(new TokenMoved { Token = token with { Phase = TokenPhase.Hydrating, Owner = turn.Host } }, turn);
                turn.Effects.Add(new Hydrate(token.Node, IsScope: true, scope.Version, slice));
                return;
            }

            RenderParams(token, Hydration.Resolve(slice, Definition.Settings.Expressions), turn);
        }
        catch (HydrationException failure)
        {
            FailScope(token, failure.Message, turn);
        }
    }

    private void RenderParams(Token token, IReadOnlyDictionary<string, Value> values, Turn turn)
    {
        NodeDefinition node = Definition.Nodes[token.Node];
        MapValue inputs;
        try
        {
            inputs = RawInputsOf(node).Render(values);
        }
        catch (BambooException failure)
        {
            FailScope(token, failure.Message, turn);
            return;
        }

        Raise(new ScopeOpened { ScopeId = node.Id, Inputs = inputs }, turn);
        Place(token with { Stack = [.. token.Stack, node.Id] }, Definition.Scopes[node.Id].StartEventId, turn);
    }

    private void FailScope(Token token, string cause, Turn turn)
    {
        Raise(
            new ScopeFailed
            {
                Time = turn.Now,
                ScopeId = token.Node,
                ExData = $"context hydrate failed({cause}), check node log for details.",
            },
            turn);
        Raise(new TokenSlept { Token = token.Id, Attempt = token.Attempt }, turn);
    }

    // The pipeline that the token stands in directly has come to its end.
    private void Leave(Token token, MapValue outputs, Turn turn)
    {
        string scopeId = token.Scope;
        if (token.Stack.Count == 1)
        {
            Raise(new PipelineFinished { Time = turn.Now, RootId = scopeId, Outputs = outputs }, turn);
            Raise(new TokenEnded { Token = token.Id }, turn);
            return;
        }

        ScopeState scope = State.Scopes[scopeId];
        NodeDefinition node = Definition.Nodes[scopeId];
        int offset = Definition.Settings.RerunIndexOffset;
        int innerLoop = scope.InnerLoopIn(State.Scopes[token.Stack[^2]].Run);
        MapValue.Builder all = outputs.ToBuilder();
        all["_loop"] = scope.Loop + offset;
        all["_inner_loop"] = innerLoop + offset;
        MapValue recorded = all.Build();
        Raise(new ScopeFinished { Time = turn.Now, ScopeId = scopeId, Outputs = recorded }, turn);
        IReadOnlyList<string> stack = [.. token.Stack.Take(token.Stack.Count - 1)];
        Extract(node, stack[^1], recorded, turn);
        Place(token with { Stack = stack }, node.FirstTarget, turn);
    }

    private void Fork(Token token, NodeDefinition node, IReadOnlyList<string> targets, Turn turn)
    {
        Token[] children =
        [
            .. targets.Select((target, index) => new Token
            {
                Id = $"{token.Id}.{token.Step}.{index}",
                Node = "",
                Step = token.Step,
                Stack = token.Stack,
                Parent = token.Id,
                Destination = node.ConvergeGatewayId,
            }),
        ];
        Raise(new TokenForked { Token = token.Id, Destination = node.ConvergeGatewayId, Children = children }, turn);
        for (int index = 0; index < children.Length; index++)
        {
            Place(children[index], targets[index], turn);
        }
    }

    private void Arrive(Token token, Turn turn)
    {
        Raise(new TokenArrived { Token = token.Id }, turn);
        Token parent = State.Tokens[token.Parent!];
        if (parent.Awaited == 0)
        {
            Place(parent with { Step = parent.ArrivedStep }, token.Destination!, turn);
        }
    }

    /// <summary>Takes a node's outputs into the context of the scope that it stands in.</summary>
    private void Extract(NodeDefinition node, string scopeId, MapValue outputs, Turn turn)
    {
        if (node.Loop is null)
        {
            if (node.OutputKeys.Count == 0)
            {
                return;
            }

            SetContext(
                scopeId,
                Value.Map(node.OutputKeys
                    .Where(output => outputs.ContainsKey(output.Key))
                    .Select(output => (output.Value, outputs[output.Key]))),
                turn);
            return;
        }

        // A node that loops by itself collects the rounds in one list instead.
        string key = node.Loop.OutputsKey;
        IEnumerable<Value> before =
            State.ContextOf(scopeId).TryGetValue(key, out ContextEntry? entry) && entry.Value is ListValue list ? list : ListValue.Empty;
        SetContext(scopeId, Value.Map((key, Value.List([.. before, LoopRound.Of(outputs)]))), turn);
    }

    private void SetContext(string scopeId, MapValue? values, Turn turn)
    {
        if (values is { Count: > 0 })
        {
            Raise(new ContextChanged { ScopeId = scopeId, Values = values }, turn);
        }
    }

    internal static ScopeHistoryAdded HistoryOf(string scopeId, ScopeState scope) => new() { Entry = scope.ToHistory(scopeId) };
}
