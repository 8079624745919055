using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Core.Validation;
using BambooOrleans.Tests;

namespace BambooOrleans.Core.Tests.Machines.Races;

/// <summary>What may happen in a race.</summary>
/// <param name="Operator">Whether an operator calls verbs at random.</param>
/// <param name="Faults">Whether hosts die, and messages and answers come late, twice and out of order.</param>
internal sealed record RaceOptions(bool Operator, bool Faults);

/// <summary>
/// Runs the machines of one pipeline as a seed says: what comes next of messages, answers, timers, verbs and deaths is drawn.
/// Time is virtual. One seed gives one run.
/// </summary>
internal sealed class RaceHost : IEffectHandler
{
    private const int StepsMax = 20_000;

    private readonly int _seed;
    private readonly RaceOptions _options;
    private readonly Random _random;
    private readonly PipelineDefinition _definition;
    private readonly RaceRules _rules;
    private readonly Dictionary<string, NodeMachine> _nodes = new(StringComparer.Ordinal);
    private readonly List<(string From, string To, Queue<object> Inputs)> _channels = [];
    private readonly List<(string To, object Input)> _late = [];
    private readonly List<Effect> _calls = [];
    private readonly Dictionary<string, (string Version, DateTimeOffset Due)> _timers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _scopeTimers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _attempts = new(StringComparer.Ordinal);
    private readonly Dictionary<long, BambooException?> _replies = [];
    private readonly Versions _versions = new();
    private readonly bool _deliversAtOnce;
    private PipelineMachine _pipeline;
    private Turn _turn;
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private string _machine = "";
    private int _incarnation = 1;
    private long _request;
    private bool _isHealing;

    public RaceHost(int seed, TreeSketch sketch, RaceOptions options)
    {
        _seed = seed;
        _options = options;
        _random = new Random(seed * 31 + (options.Operator ? 1 : 2));
        Pipelines.PipelineTree tree = sketch.Build();
        ValidationResult validation = PipelineValidator.Validate(tree, cycleTolerate: true);
        _definition = PipelineDefinition.Compile(
            tree, new RunPipelineOptions { CycleTolerate = true }, validation.ConvergeGateways, new EngineSettings());
        _pipeline = new PipelineMachine(_definition, PipelineMachine.InitialState(_definition));
        _turn = new Turn("host-1", _versions);
        _rules = new RaceRules(_definition);
        _deliversAtOnce = !options.Faults || _random.Next(2) == 0;
    }

    /// <summary>What happened, a line each.</summary>
    public List<string> Trace { get; } = [];

    public int Deaths { get; private set; }

    public int VerbsTaken { get; private set; }

    public int VerbsRefused { get; private set; }

    /// <summary>Runs to rest; where an operator acts, helps the pipeline to its end then, and requires that it gets there.</summary>
    public void Run()
    {
        Post("", _definition.RootId, new Start(++_request));
        int verbs = _options.Operator ? _random.Next(1, 25) : 0;
        int deaths = _options.Faults ? _random.Next(0, 4) : 0;
        for (int step = 0; ; step++)
        {
            RaceRules.Require(step < StepsMax, "it never comes to rest");
            int dice = _random.Next(100);
            if (verbs > 0 && dice < 25)
            {
                verbs--;
                CallVerb();
            }
            else if (deaths > 0 && dice is >= 25 and < 28)
            {
                deaths--;
                Die();
            }
            else if (_options.Faults && dice == 28)
            {
                Post("", _definition.RootId, new Drive());
            }
            else if (!GoOn() && verbs == 0)
            {
                break;
            }
        }

        CheckRest();
        if (_options.Operator)
        {
            Heal();
        }
    }

    /// <summary>What is to be seen in the end, but for versions, times and steps.</summary>
    public SortedDictionary<string, string> Outcome()
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string id, NodeMachine node) in _nodes)
        {
            if (node.State is { } state)
            {
                all[$"node {id}"] = $"{state.State} {state.Loop} {state.InnerLoop} {state.Retry} {state.Inputs?.ToJson()} {state.Outputs?.ToJson()}";
            }
        }

        foreach ((string id, ScopeState scope) in _pipeline.State.Scopes)
        {
            all[$"scope {id}"] = $"{scope.State} {scope.Loop} {scope.InnerLoop} {scope.Inputs?.ToJson()} {scope.Outputs?.ToJson()}";
            foreach (ContextEntry entry in _pipeline.State.ContextOf(id).Values)
            {
                all[$"context {id} {entry.Key}"] = $"{entry.Type} {entry.Value.ToJson()}";
            }
        }

        foreach (Token token in _pipeline.State.Tokens.Values)
        {
            all[$"token {token.Node} {token.Phase}"] = "";
        }

        return all;
    }

    void IEffectHandler.Perform(TellNode effect) => Post(_machine, effect.NodeId, effect.Input);

    void IEffectHandler.Perform(TellPipeline effect) => Post(_machine, _definition.RootId, effect.Input);

    void IEffectHandler.Perform(Hydrate effect) => _calls.Add(effect);

    void IEffectHandler.Perform(ExecuteComponent effect) => _calls.Add(effect);

    void IEffectHandler.Perform(PollComponent effect) => _calls.Add(effect);

    void IEffectHandler.Perform(RunEndEvent effect) => _calls.Add(effect);

    void IEffectHandler.Perform(SetTimer effect) => _timers[effect.NodeId] = (effect.Version, effect.Due);

    void IEffectHandler.Perform(SetScopeTimer effect) => _scopeTimers[effect.ScopeId] = effect.Due;

    void IEffectHandler.Perform(RunVerbHooks effect)
    {
    }

    void IEffectHandler.Perform(CancelUserCode effect)
    {
        // Code may heed the cancellation or answer all the same.
        if (_random.Next(2) == 0)
        {
            _calls.RemoveAll(call => call is ExecuteComponent execute && execute.Call.Version == effect.Version);
        }
    }

    void IEffectHandler.Perform(Reply effect)
    {
        _replies.TryAdd(effect.Request, effect.Error);
        Trace.Add($"    reply {effect.Request}: {effect.Error?.Message ?? "done"}");
    }

    // One thing that is due, drawn; false where nothing is.
    private bool GoOn()
    {
        List<int> open = [.. Enumerable.Range(0, _channels.Count).Where(index => _channels[index].Inputs.Count > 0)];
        List<string> waiting = [.. _nodes.Where(node => node.Value.State is { State: NodeStateName.Running, Phase: NodePhase.Waiting, Schedule: { Kind: not ScheduleKind.Poll, IsOver: false } }).Select(node => node.Key)];
        int timers = _timers.Count + _scopeTimers.Count > 0 ? 1 : 0;
        int all = open.Count + _late.Count + _calls.Count + waiting.Count + timers;
        if (all == 0)
        {
            return false;
        }

        int drawn = _random.Next(all);
        if (drawn < open.Count)
        {
            (_, string to, Queue<object> inputs) = _channels[open[drawn]];
            object input = inputs.Dequeue();
            Repeat(to, input);
            Deliver(to, input);
        }
        else if ((drawn -= open.Count) < _late.Count)
        {
            (string to, object input) = _late[drawn];
            _late.RemoveAt(drawn);
            Deliver(to, input);
        }
        else if ((drawn -= _late.Count) < _calls.Count)
        {
            Effect call = _calls[drawn];
            _calls.RemoveAt(drawn);
            Answer(call);
        }
        else if ((drawn -= _calls.Count) < waiting.Count)
        {
            NodeState state = _nodes[waiting[drawn]].State!;
            Post("", waiting[drawn], new Callback(new VerbCall(++_request, "callback"), state.Version, _request));
        }
        else
        {
            Fire();
        }

        return true;
    }

    private void Fire()
    {
        string? node = _timers.Count == 0 ? null : _timers.MinBy(timer => timer.Value.Due).Key;
        string? scope = _scopeTimers.Count == 0 ? null : _scopeTimers.MinBy(timer => timer.Value).Key;
        if (node is not null && (scope is null || _timers[node].Due <= _scopeTimers[scope]))
        {
            (string version, DateTimeOffset due) = _timers[node];
            _timers.Remove(node);
            _now = due > _now ? due : _now;
            Post("", node, new TimerFired(version));
            Repeat(node, new TimerFired(version));
        }
        else
        {
            _now = _scopeTimers[scope!] > _now ? _scopeTimers[scope!] : _now;
            _scopeTimers.Remove(scope!);
            Post("", _definition.RootId, new ScopeTimerFired(scope!));
        }
    }

    private void Answer(Effect call)
    {
        (string to, object input) = call switch
        {
            ExecuteComponent execute => (execute.Call.Node.Id, (object)Execute(execute)),
            PollComponent poll => (poll.Call.Node.Id, Poll(poll)),
            RunEndEvent end => (end.Node.Id, new EndEventRan(end.Version, Fails(end.Node.Id, 0, end.Version, 6) ? "no" : null)),
            Hydrate hydrate => (hydrate.IsScope ? _definition.RootId : hydrate.Id, Compute(hydrate)),
            _ => throw new InvalidOperationException(call.GetType().Name),
        };
        Repeat(to, input);
        Post("", to, input);
    }

    private static Executed Done(ExecuteComponent call, bool success, ScheduleKind kind, MapValue outputs) => new(
        call.Call.Version, new CallOutcome(success, outputs, call.Inputs, outputs), kind);

    private Executed Execute(ExecuteComponent call)
    {
        NodeDefinition node = call.Call.Node;
        bool fails = node.Code == "flaky" && Fails(node.Id, call.Call.Loop, call.Call.Version, 2);
        ScheduleKind kind = node.Code switch
        {
            "poll" => ScheduleKind.Poll,
            "wait" => ScheduleKind.Callback,
            "multi" => ScheduleKind.MultipleCallback,
            _ => ScheduleKind.None,
        };
        return Done(call, !fails, fails ? ScheduleKind.None : kind, OutputsOf(call.Call, call.Inputs, !fails));
    }

    private Polled Poll(PollComponent call)
    {
        int wanted = call.Call.Node.Code == "wait" ? 1 : 1 + Hash(call.Call.Node.Id, call.Call.Loop) % 3;
        bool done = call.Times + 1 >= wanted;
        bool fails = done && Fails(call.Call.Node.Id, call.Call.Loop, call.Call.Version, 6);
        MapValue outputs = OutputsOf(call.Call, call.Inputs, !fails).With("times", call.Times + 1);
        return new Polled(
            call.Call.Version,
            new CallOutcome(!fails, outputs, call.Inputs, outputs),
            done,
            TimeSpan.FromSeconds(Hash(call.Call.Node.Id, call.Times) % 4),
            call.Times);
    }

    private object Compute(Hydrate call)
    {
        IReadOnlyDictionary<string, Value>? values = null;
        string? error = Fails(call.Id, 0, call.Version, 4) ? "no value" : null;
        if (error is null)
        {
            var hydration = new Hydration(call.Slice, _definition.Settings.Expressions);
            while (hydration.NextLazy() is { } lazy)
            {
                hydration.Supply($"value of {lazy.Key}");
            }

            values = hydration.Values;
        }

        return call.IsScope ? new ScopeHydrated(call.Id, call.Version, values, error) : new Hydrated(call.Version, values, error);
    }

    private MapValue OutputsOf(ComponentCall call, MapValue inputs, bool success) => Value.Map(
        ("out", $"{call.Node.Id} {call.Loop} {success} of {Hash(inputs.ToJson(), call.Loop)}"),
        ("_result", success),
        ("_loop", call.Loop),
        ("_inner_loop", call.InnerLoop));

    // The same for the same attempt, also after a death; the first attempt of a loop does the same in every race of a seed.
    private bool Fails(string node, int loop, string version, int chance)
    {
        string place = $"{node} {loop}";
        if (!_attempts.TryGetValue(place, out List<string>? versions))
        {
            _attempts[place] = versions = [];
        }

        if (!versions.Contains(version))
        {
            versions.Add(version);
        }

        return !_isHealing && Hash(place, versions.IndexOf(version)) % chance == 0;
    }

    private int Hash(string text, int number)
    {
        uint hash = (uint)_seed * 2654435761 + (uint)number * 40503;
        foreach (char letter in text)
        {
            hash = (hash ^ letter) * 16777619;
        }

        return (int)((hash ^ (hash >> 15)) % 1_000_003);
    }

    private void Repeat(string to, object input)
    {
        if (_options.Faults && _random.Next(12) == 0 && input is Enter or AskedAgain or NodeReported or NodeReady or NodeResumed
            or Executed or Polled or Hydrated or ScopeHydrated or EndEventRan or TimerFired or ScopeTimerFired)
        {
            _late.Add((to, input));
        }
    }

    private void Post(string from, string to, object input)
    {
        int channel = _channels.FindIndex(channel => channel.From == from && channel.To == to);
        if (channel < 0)
        {
            channel = _channels.Count;
            _channels.Add((from, to, new Queue<object>()));
        }

        _channels[channel].Inputs.Enqueue(input);
        if (_deliversAtOnce && from == "")
        {
            DrainChain();
        }
    }

    private void DrainChain()
    {
        while (_channels.FindIndex(channel => channel.Inputs.Count > 0) is var index and >= 0)
        {
            object input = _channels[index].Inputs.Dequeue();
            Repeat(_channels[index].To, input);
            Deliver(_channels[index].To, input);
        }
    }

    private void Deliver(string to, object input)
    {
        string text = input is Enter enter ? $"Enter {enter.Token} step {enter.Step} attempt {enter.Attempt}"
            : input is NodeReported reported ? $"NodeReported {reported.NodeId} {reported.Token} step {reported.Step} attempt {reported.Attempt} {reported.Report.Outcome}"
            : input.ToString()!;
        Trace.Add($"{_now:mm:ss} {to} <- {text}");
        _turn.Begin(_now);
        _machine = to;
        NodeStateName? root = _pipeline.State.Scopes.TryGetValue(_definition.RootId, out ScopeState? scope) ? scope.State : null;
        if (input is NodeInput node)
        {
            NodeMachine machine = Machine(to);
            if (node is ResumeNode && machine.State is { State: NodeStateName.Failed })
            {
                // It would make the node READY with nobody to enter it, as in the reference: the races leave that out.
                return;
            }

            if (node is Callback callback)
            {
                string? current = machine.State?.Version;
                machine.Handle(callback, _turn);
                RaceRules.Require(
                    current == callback.Version || !_turn.Events.Exists(item => item is NodeCallbackAccepted),
                    $"{to} took a callback of {callback.Version} under {current}");
            }
            else
            {
                machine.Handle(node, _turn);
            }
        }
        else
        {
            _pipeline.Handle((PipelineInput)input, _turn);
        }

        Trace.AddRange(_turn.Events.Select(item => $"    {(item is NodeHistoryAdded or ScopeHistoryAdded ? item.GetType().Name : item)}"));
        if (input is NodeInput)
        {
            _rules.AfterNodeTurn(to, _turn);
            Trace.Add($"    = {Machine(to).State?.State} {Machine(to).State?.Phase} {Machine(to).State?.Version}");
        }
        else
        {
            _rules.AfterPipelineTurn(_pipeline.State, _turn, root);
        }

        foreach (Effect effect in _turn.Effects.ToList())
        {
            effect.Perform(this);
        }
    }

    private NodeMachine Machine(string node) => _nodes.TryGetValue(node, out NodeMachine? machine)
        ? machine
        : _nodes[node] = new NodeMachine(_definition.Nodes[node], _definition.Settings, null);

    // What was on its way and what ran is gone; what was decided is there.
    private void Die()
    {
        Deaths++;
        Trace.Add("the host dies");
        _channels.Clear();
        _calls.Clear();
        _timers.Clear();
        _scopeTimers.Clear();
        PipelineState state = PipelineMachine.InitialState(_definition);
        foreach ((string id, ScopeState scope) in _pipeline.State.Scopes)
        {
            state.Scopes[id] = MachineJson.ReadScopeState(MachineJson.Write(scope));
        }

        foreach ((string id, Token token) in _pipeline.State.Tokens)
        {
            state.Tokens[id] = MachineJson.ReadToken(MachineJson.Write(token));
        }

        foreach ((string id, RawInputs inputs) in _pipeline.State.RawInputs)
        {
            state.RawInputs[id] = inputs;
        }

        foreach (string scopeId in _definition.Scopes.Keys)
        {
            foreach (ContextEntry entry in _pipeline.State.ContextOf(scopeId).Values)
            {
                state.SetContext(scopeId, MachineJson.ReadContextEntry(MachineJson.Write(scopeId, entry)).Entry);
            }
        }

        _pipeline = new PipelineMachine(_definition, state);
        foreach ((string id, NodeMachine machine) in _nodes.ToList())
        {
            _nodes[id] = new NodeMachine(
                _definition.Nodes[id],
                _definition.Settings,
                machine.State is null ? null : MachineJson.ReadNodeState(MachineJson.Write(machine.State)));
        }

        _turn = new Turn($"host-{++_incarnation}", _versions);
        if (_pipeline.State.Scopes.Count == 0)
        {
            Post("", _definition.RootId, new Start(++_request));
        }

        Post("", _definition.RootId, new Drive());
        foreach (string id in _nodes.Keys.Where(id => _nodes[id].State?.NextTimer is not null).ToList())
        {
            Post("", id, new SetTimersAgain());
        }
    }

    private void CallVerb()
    {
        List<string> nodes = [.. _definition.Nodes.Values.Where(node => node.Kind != NodeKind.SubProcess).Select(node => node.Id)];
        List<string> reached = [.. _pipeline.State.Tokens.Values.Select(token => token.Node).Where(nodes.Contains)];
        List<string> scopes = [.. _definition.Scopes.Keys];
        string node = Draw(reached.Count > 0 && _random.Next(4) > 0 ? reached : nodes);
        string scope = Draw(scopes);
        VerbCall call = new(++_request, "verb");
        DateTimeOffset? at = _random.Next(3) == 0 ? _now.AddSeconds(_random.Next(1, 6)) : null;
        (string to, object input) = _random.Next(16) switch
        {
            0 => (node, new PauseNode(call)),
            1 => (node, new PauseNode(call)),
            2 => (node, new ResumeNode(call, at)),
            3 => (node, (object)new ResumeNode(call)),
            4 => (node, new RetryNode(call, _random.Next(3) == 0 ? RawInputs.Empty : null, false)),
            5 => (node, new SkipNode(call, false)),
            6 => (node, new ForceFail(call, "forced")),
            7 => SkipGateway(node, call),
            8 => (node, new Callback(call, _random.Next(2) == 0 ? "v1" : Machine(node).State?.Version ?? "", 1)),
            9 => (node, new UpdateOutputs(call, Value.Map(("out", "set")))),
            10 => (_definition.RootId, new PausePipeline(call, scope)),
            11 => (_definition.RootId, new ResumePipeline(call, scope, at)),
            12 => (_definition.RootId, new ResumePipeline(call, scope)),
            13 => (_definition.RootId, new RetrySubProcess(call, scope, null)),
            14 => _random.Next(6) == 0 ? (_definition.RootId, new RevokePipeline(call, scope)) : (_definition.RootId, new CancelPipelineResume(call, scope)),
            _ => (node, new CancelNodeResume(call)),
        };
        Post("", to, input);
        if (_random.Next(4) == 0)
        {
            Post("", to, input);
        }
    }

    private (string To, object Input) SkipGateway(string node, VerbCall call)
    {
        NodeDefinition definition = _definition.Nodes[node];
        return definition.Kind switch
        {
            NodeKind.ExclusiveGateway => (node, new SkipExclusiveGateway(call, Draw([.. definition.Targets.Keys]))),
            NodeKind.ConditionalParallelGateway => (node, new SkipConditionalParallelGateway(call, [.. definition.Targets.Keys], definition.ConvergeGatewayId)),
            _ => (node, new SkipNode(call, false)),
        };
    }

    private string Draw(IReadOnlyList<string> items) => items[_random.Next(items.Count)];

    // Nothing is due: each token waits for something that is so.
    private void CheckRest()
    {
        bool isRevoked = _pipeline.State.Scopes[_definition.RootId].State == NodeStateName.Revoked;
        foreach (WaitInfo wait in Waits.Of(_pipeline, id => _nodes.TryGetValue(id, out NodeMachine? node) ? node.State : null))
        {
            RaceRules.Require(
                wait.Kind is WaitKind.Pause or WaitKind.Operator or WaitKind.Children,
                $"at rest, {wait.TokenId} {wait.Kind}: {wait.Text}");
            if (wait.Kind == WaitKind.Pause && !isRevoked)
            {
                NodeStateName? by = _pipeline.State.Scopes.TryGetValue(wait.PausedBy!, out ScopeState? scope)
                    ? scope.State : _nodes[wait.PausedBy!].State?.State;
                RaceRules.Require(by == NodeStateName.Suspended, $"{wait.TokenId} is held by {wait.PausedBy}, which is {by}");
                RaceRules.Require(wait.Due is null, $"{wait.TokenId} is due at {wait.Due} and nobody wakes it");
            }
        }
    }

    // An operator that does what the waits say gets every pipeline to its end, unless it was revoked.
    private void Heal()
    {
        _isHealing = true;
        for (int round = 0; _pipeline.State.Scopes[_definition.RootId].State is not (NodeStateName.Finished or NodeStateName.Revoked); round++)
        {
            RaceRules.Require(round < 300, "it cannot be healed");
            foreach (WaitInfo wait in Waits.Of(_pipeline, id => _nodes.TryGetValue(id, out NodeMachine? node) ? node.State : null))
            {
                if (wait.Kind is not (WaitKind.Pause or WaitKind.Operator))
                {
                    continue;
                }

                RaceRules.Require(wait.Verbs.Count > 0, $"no verb helps {wait.TokenId}: {wait.Text}");
                VerbCall call = new(++_request, "heal");
                string verb = wait.Verbs[^1];
                Trace.Add($"heal: {verb} because {wait.Text}");
                (string to, object input) = verb switch
                {
                    "resume_pipeline" => (_definition.RootId, (object)new ResumePipeline(call, wait.PausedBy!)),
                    "resume_node_appoint" => (wait.PausedBy!, new ResumeNode(call)),
                    "retry_subprocess" => (_definition.RootId, new RetrySubProcess(call, wait.NodeId, null)),
                    "retry_node" => (wait.NodeId, new RetryNode(call, null, false)),
                    _ => SkipGateway(wait.NodeId, call),
                };
                Post("", to, input);
                while (GoOn())
                {
                }

                RaceRules.Require(_replies[call.Request] is null, $"{verb} was refused: {_replies[call.Request]?.Message}, though {wait.Text}");
                CheckRest();
                break;
            }
        }

        foreach ((long _, BambooException? refusal) in _replies)
        {
            _ = refusal is null ? VerbsTaken++ : VerbsRefused++;
        }
    }

    private sealed class Versions : IVersionSource
    {
        private int _count;

        public string NewVersion() => $"v{++_count}";
    }
}
