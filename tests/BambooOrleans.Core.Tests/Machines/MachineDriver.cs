using System.Buffers;
using System.Text.Json;
using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Core.Validation;
using BambooOrleans.Tests;

namespace BambooOrleans.Core.Tests.Machines;

/// <summary>
/// The smallest host: runs the machines of one pipeline in one thread and in virtual time, and answers calls of user code
/// from scripts. After each turn it holds the tokens against their invariants, and keeps every event.
/// </summary>
internal sealed class MachineDriver : IEffectHandler
{
    private static readonly DateTimeOffset Beginning = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<string, NodeMachine> _nodes = new(StringComparer.Ordinal);
    private readonly Queue<Action> _tells = new();
    private readonly CountedVersions _versions = new();
    private Turn _turn;

    public MachineDriver(TreeSketch sketch, EngineSettings? settings = null, RunPipelineOptions? options = null)
    {
        options ??= new RunPipelineOptions { CycleTolerate = true };
        Pipelines.PipelineTree tree = sketch.Build();
        ValidationResult validation = PipelineValidator.Validate(tree, options.CycleTolerate);
        Definition = PipelineDefinition.Compile(tree, options, validation.ConvergeGateways, settings ?? new EngineSettings());
        Pipeline = new PipelineMachine(Definition, PipelineMachine.InitialState(Definition));
        _turn = new Turn("host-1", _versions);
    }

    public PipelineDefinition Definition { get; }

    public PipelineMachine Pipeline { get; private set; }

    public DateTimeOffset Now { get; set; } = Beginning;

    /// <summary>Whether inputs that machines tell each other are delivered; where not, they are lost, as in a death.</summary>
    public bool Delivers { get; set; } = true;

    /// <summary>Whether what machines are told goes through JSON, as between processes.</summary>
    public bool WritesInputs { get; init; }

    /// <summary>Calls of user code that were asked for and not answered, in order.</summary>
    public List<Effect> Calls { get; } = [];

    /// <summary>Every call of user code that was ever asked for.</summary>
    public List<Effect> AllCalls { get; } = [];

    public List<SetTimer> Timers { get; } = [];

    public List<Reply> Replies { get; } = [];

    /// <summary>Everything that happened, by machine, in order.</summary>
    public List<(string Machine, MachineEvent Event)> Events { get; } = [];

    /// <summary>What components do, by code; success without a schedule where nothing is said.</summary>
    public Dictionary<string, Func<ExecuteComponent, Executed>> Executions { get; } = [];

    /// <summary>What polls and callbacks do, by code; done at once where nothing is said.</summary>
    public Dictionary<string, Func<PollComponent, Polled>> Polls { get; } = [];

    /// <summary>What lazy variables give, by code.</summary>
    public Dictionary<string, Func<LazyCall, Value>> Lazies { get; } = [];

    /// <summary>What end events come to, by code: null or an error.</summary>
    public Dictionary<string, string?> EndEvents { get; } = [];

    /// <summary>Orders waiting calls; the one it answers is answered next. First come, first served where nothing is said.</summary>
    public Func<int, int> Pick { get; set; } = _ => 0;

    public ScopeState Root => Pipeline.State.Scopes[Definition.RootId];

    public NodeState State(string node) => _nodes[node].State!;

    public NodeState? FindState(string node) => _nodes.GetValueOrDefault(node)?.State;

    public IEnumerable<string> NodesWithState => _nodes.Where(node => node.Value.State is not null).Select(node => node.Key).Order(StringComparer.Ordinal);

    public Value Context(string key, string? scope = null) => Pipeline.State.ContextOf(scope ?? Definition.RootId)[key].Value;

    public Token Token(string node) => Assert.Single(Pipeline.State.Tokens.Values, token => token.Node == node);

    public static Executed Success(ExecuteComponent effect, ScheduleKind schedule, params (string, Value)[] outputs) =>
        new(effect.Call.Version, OutcomeOf(effect.Call, true, effect.Inputs, outputs), schedule);

    public static Executed Failure(ExecuteComponent effect, params (string, Value)[] outputs) =>
        new(effect.Call.Version, OutcomeOf(effect.Call, false, effect.Inputs, outputs), ScheduleKind.None);

    public static Polled Polled(PollComponent effect, bool success, bool done, TimeSpan next = default, params (string, Value)[] outputs) =>
        new(effect.Call.Version, OutcomeOf(effect.Call, success, effect.Inputs, [.. effect.Outputs.Select(o => (o.Key, o.Value)), .. outputs]), done, next);

    /// <summary>Starts the pipeline and answers calls until none is left.</summary>
    public MachineDriver Run()
    {
        Tell(new Start(1));
        return Go();
    }

    /// <summary>Answers calls until none is left.</summary>
    public MachineDriver Go()
    {
        for (int calls = 0; Calls.Count > 0; calls++)
        {
            Assert.True(calls < 100_000, "the pipeline never comes to rest");
            Answer(Calls[Pick(Calls.Count)]);
        }

        return this;
    }

    /// <summary>Starts the pipeline, and fires timers at their time until there are none.</summary>
    public MachineDriver RunThroughTimers()
    {
        Run();
        while (Timers.Count > 0)
        {
            SetTimer timer = Timers.MinBy(timer => timer.Due)!;
            Timers.Remove(timer);
            Now = timer.Due > Now ? timer.Due : Now;
            Tell(timer.NodeId, new TimerFired(timer.Version));
            Go();
        }

        return this;
    }

    /// <summary>Answers one call as its script says.</summary>
    public void Answer(Effect call)
    {
        Assert.True(Calls.Remove(call));
        switch (call)
        {
            case ExecuteComponent execute:
                Tell(execute.Call.Node.Id, Executions.TryGetValue(execute.Call.Node.Code, out Func<ExecuteComponent, Executed>? script)
                    ? script(execute) : Success(execute, ScheduleKind.None));
                break;
            case PollComponent poll:
                Tell(poll.Call.Node.Id, Polls.TryGetValue(poll.Call.Node.Code, out Func<PollComponent, Polled>? answer)
                    ? answer(poll) : Polled(poll, success: true, done: true));
                break;
            case RunEndEvent end:
                Tell(end.Node.Id, new EndEventRan(end.Version, EndEvents.GetValueOrDefault(end.Node.Code)));
                break;
            case Hydrate hydrate:
                Hydrate(hydrate);
                break;
        }
    }

    public void Tell(PipelineInput input)
    {
        Enqueue(() => Take(Definition.RootId, () => Pipeline.Handle(Carried(input), _turn)));
        Drain();
    }

    public void Tell(string node, NodeInput input)
    {
        Enqueue(() => Take(node, () => Machine(node).Handle(Carried(node, input), _turn)));
        Drain();
    }

    /// <summary>
    /// The process dies: undelivered inputs, calls and timers are gone, and the machines come back from JSON on another host.
    /// </summary>
    public void Die(string nextHost = "host-2", bool drive = true, IExecutions? executions = null)
    {
        _tells.Clear();
        Calls.Clear();
        Timers.Clear();
        Delivers = true;
        PipelineState state = PipelineMachine.InitialState(Definition);
        foreach ((string id, ScopeState scope) in Pipeline.State.Scopes)
        {
            state.Scopes[id] = MachineJson.ReadScopeState(MachineJson.Write(scope));
        }

        foreach ((string id, Token token) in Pipeline.State.Tokens)
        {
            state.Tokens[id] = MachineJson.ReadToken(MachineJson.Write(token));
        }

        foreach (string scopeId in Definition.Scopes.Keys)
        {
            foreach (ContextEntry entry in Pipeline.State.ContextOf(scopeId).Values)
            {
                (string scope, ContextEntry read) = MachineJson.ReadContextEntry(MachineJson.Write(scopeId, entry));
                state.SetContext(scope, read);
            }
        }

        Pipeline = new PipelineMachine(Definition, state);
        foreach ((string id, NodeMachine machine) in _nodes.ToList())
        {
            _nodes[id] = new NodeMachine(
                Definition.Nodes[id],
                Definition.Settings,
                machine.State is null ? null : MachineJson.ReadNodeState(MachineJson.Write(machine.State)));
        }

        _turn = new Turn(nextHost, _versions, executions);
        if (drive)
        {
            Tell(new Drive());
        }
    }

    /// <summary>A dry run on the states as they are, at the time as it is, with a turn that gives the versions that are to come.</summary>
    public (DryRun DryRun, Turn Turn) PrepareDryRun()
    {
        var turn = new Turn(_turn.Host, _versions.Copy());
        turn.Begin(Now);
        return (new DryRun(Pipeline, Machine), turn);
    }

    /// <summary>All states as JSON, by kind and id.</summary>
    public SortedDictionary<string, string> Snapshot() => SnapshotOf(
        Pipeline.State, _nodes.Where(node => node.Value.State is not null).ToDictionary(node => node.Key, node => node.Value.State!));

    /// <summary>All states as JSON, made by applying the events to nothing.</summary>
    public SortedDictionary<string, string> Replay()
    {
        PipelineState state = PipelineMachine.InitialState(Definition);
        Dictionary<string, NodeState> nodes = [];
        foreach ((string machine, MachineEvent item) in Events)
        {
            switch (ThroughJson(item))
            {
                case PipelineEvent change:
                    change.Apply(state);
                    break;
                case NodeEvent change:
                    change.Apply(nodes.TryGetValue(machine, out NodeState? node) ? node : nodes[machine] = new NodeState());
                    break;
            }
        }

        return SnapshotOf(state, nodes);
    }

    public static MachineEvent ThroughJson(MachineEvent item)
    {
        using var document = JsonDocument.Parse(JsonOf(item));
        return Assert.Single(MachineJson.ReadEvents(document.RootElement));
    }

    public static string JsonOf(MachineEvent item)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (Utf8JsonWriter writer = MachineJson.CreateWriter(buffer))
        {
            MachineJson.WriteEvents(writer, [item]);
        }

        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    void IEffectHandler.Perform(TellNode effect) => Enqueue(
        () => Take(effect.NodeId, () => Machine(effect.NodeId).Handle(Carried(effect.NodeId, effect.Input), _turn)));

    void IEffectHandler.Perform(TellPipeline effect) => Enqueue(
        () => Take(Definition.RootId, () => Pipeline.Handle(Carried(effect.Input), _turn)));

    void IEffectHandler.Perform(Hydrate effect) => Call(effect);

    void IEffectHandler.Perform(ExecuteComponent effect) => Call(effect);

    void IEffectHandler.Perform(PollComponent effect) => Call(effect);

    void IEffectHandler.Perform(RunEndEvent effect) => Call(effect);

    void IEffectHandler.Perform(SetTimer effect) => Timers.Add(effect);

    void IEffectHandler.Perform(SetScopeTimer effect)
    {
    }

    void IEffectHandler.Perform(RunVerbHooks effect)
    {
    }

    void IEffectHandler.Perform(CancelUserCode effect) =>
        Calls.RemoveAll(call => call is ExecuteComponent execute && execute.Call.Version == effect.Version);

    void IEffectHandler.Perform(Reply effect) => Replies.Add(effect);

    private static CallOutcome OutcomeOf(ComponentCall call, bool success, MapValue inputs, IEnumerable<(string, Value)> outputs)
    {
        var all = Value.Map([.. outputs, ("_result", success), ("_loop", call.Loop), ("_inner_loop", call.InnerLoop)]);
        return new CallOutcome(success, all, inputs, all);
    }

    private static SortedDictionary<string, string> SnapshotOf(PipelineState state, Dictionary<string, NodeState> nodes)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string id, ScopeState scope) in state.Scopes)
        {
            all[$"scope {id}"] = Text(MachineJson.Write(scope));
            foreach (ContextEntry entry in state.ContextOf(id).Values)
            {
                all[$"context {id} {entry.Key}"] = Text(MachineJson.Write(id, entry));
            }
        }

        foreach ((string id, Token token) in state.Tokens)
        {
            all[$"token {id}"] = Text(MachineJson.Write(token));
        }

        foreach ((string id, NodeState node) in nodes)
        {
            all[$"node {id}"] = Text(MachineJson.Write(node));
        }

        return all;
    }

    private static string Text(byte[] json) => System.Text.Encoding.UTF8.GetString(json);

    private NodeMachine Machine(string node) => _nodes.TryGetValue(node, out NodeMachine? machine)
        ? machine
        : _nodes[node] = new NodeMachine(Definition.Nodes[node], Definition.Settings, null);

    private PipelineInput Carried(PipelineInput input) =>
        WritesInputs ? InputJson.ReadPipeline(InputJson.Write(input), Definition) : input;

    private NodeInput Carried(string node, NodeInput input) => WritesInputs
        ? InputJson.ReadNode(InputJson.Write(input, Definition.Nodes[node]), Definition.Nodes[node], Definition.Settings.Expressions)
        : input;

    private void Call(Effect call)
    {
        Calls.Add(call);
        AllCalls.Add(call);
    }

    private void Hydrate(Hydrate call)
    {
        IReadOnlyDictionary<string, Value>? values = null;
        string? error = null;
        try
        {
            var hydration = new Hydration(call.Slice, Definition.Settings.Expressions);
            while (hydration.NextLazy() is { } lazy)
            {
                hydration.Supply(Lazies[lazy.Code](lazy));
            }

            values = hydration.Values;
        }
        catch (Exception failure)
        {
            error = failure.Message;
        }

        if (call.IsScope)
        {
            Tell(new ScopeHydrated(call.Id, call.Version, values, error));
        }
        else
        {
            Tell(call.Id, new Hydrated(call.Version, values, error));
        }
    }

    private void Enqueue(Action tell) => _tells.Enqueue(tell);

    private void Drain()
    {
        // What is told from outside is the first; what it leads to can be lost.
        for (bool isFirst = true; _tells.TryDequeue(out Action? tell); isFirst = false)
        {
            if (isFirst || Delivers)
            {
                tell();
            }
        }
    }

    private void Take(string machine, Action handle)
    {
        _turn.Begin(Now);
        handle();
        Events.AddRange(_turn.Events.Select(item => (machine, item)));
        CheckTokens();
        foreach (Effect effect in _turn.Effects.ToList())
        {
            effect.Perform(this);
        }
    }

    // A token is never lost or doubled: each stands at one node, or waits for just the tokens that it forked.
    private void CheckTokens()
    {
        Dictionary<string, Token> tokens = Pipeline.State.Tokens;
        if (Pipeline.State.Scopes.Count > 0)
        {
            // In a revoked pipeline each token ends before its next node, and the others do not hear of it.
            if (Root.State == NodeStateName.Revoked)
            {
                return;
            }

            Assert.Equal(Root.State != NodeStateName.Finished, tokens.Count > 0);
        }

        foreach (Token token in tokens.Values)
        {
            int children = tokens.Values.Count(child => child.Parent == token.Id);
            Assert.Equal(token.Phase == TokenPhase.Joining ? token.Awaited : 0, children);
            Assert.True(token.Phase != TokenPhase.Joining || token.Awaited > 0, $"{token.Id} waits for nobody");
            Assert.Equal(token.Parent is null, token.Destination is null);
            Assert.True(token.Parent is null || tokens.ContainsKey(token.Parent), $"{token.Id} has lost its parent");
            Assert.Equal(Definition.Nodes[token.Node].ScopeId, token.Scope);
        }

        Assert.Equal(
            tokens.Values.Count(token => token.Phase != TokenPhase.Joining),
            tokens.Values.Where(token => token.Phase != TokenPhase.Joining).Select(token => token.Node).Distinct().Count());
        Assert.True(tokens.Count == 0 || tokens.Values.Count(token => token.Parent is null) == 1);
    }

    private sealed class CountedVersions : IVersionSource
    {
        private int _count;

        public string NewVersion() => $"v{++_count}";

        /// <summary>One that will give the same versions.</summary>
        public CountedVersions Copy() => new() { _count = _count };
    }
}
