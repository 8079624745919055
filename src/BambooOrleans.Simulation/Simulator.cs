using System.Buffers;
using System.Text.Json;
using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Simulation.Checks;
using BambooOrleans.Simulation.Hosts;
using BambooOrleans.Simulation.Planted;
using BambooOrleans.Simulation.Runs;
using BambooOrleans.Simulation.Scenarios;

namespace BambooOrleans.Simulation;

/// <summary>
/// Runs the machines of one pipeline as a scenario says, in virtual time and on one thread: what comes next of messages,
/// writes, answers, timers, verbs and faults is drawn, and one scenario gives one run.
/// </summary>
internal sealed class Simulator : IEffectHandler
{
    private const int StepsMax = 20_000;
    private const int StepsOfNodeMax = 4_000;
    private const int HealsMax = 400;
    private const int RetriesOverLimitMax = 5;
    private static readonly TimeSpan SoonAtMost = TimeSpan.FromSeconds(30);
    private static readonly DateTimeOffset Beginning = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Scenario _scenario;
    private readonly Coverage _coverage;
    private readonly SimulatedHost _host;
    private readonly Operator _operator;
    private readonly CrashPoints? _crashPoints;
    private readonly List<Mail> _mails = [];
    private readonly List<Mail> _late = [];
    private readonly List<RunningCode> _calls = [];
    private readonly List<PendingTimer> _timers = [];
    private readonly bool[] _faultsTaken;
    private readonly ArrayBufferWriter<byte> _journal = new(512);
    private readonly Utf8JsonWriter _journalWriter;
    private readonly int _stepsMax;
    private int _step;
    private int _nextFault;
    private int _faults;
    private int _hosts;
    private int _starts;
    private bool _isHealing;
    private bool _wakesAgain;
    private string _effectHost = "";
    private string _effectOwner = "";
    private string _effectMachine = "";

    /// <summary>Prepares a run.</summary>
    public Simulator(
        Scenario scenario,
        PipelineDefinition definition,
        DrawnCode code,
        Coverage coverage,
        BugSwitch? bugs = null,
        Trace? trace = null,
        CrashPoints? crashPoints = null)
    {
        _scenario = scenario;
        _coverage = coverage;
        _crashPoints = crashPoints;
        _faultsTaken = new bool[scenario.Faults.Count];
        _stepsMax = Math.Max(StepsMax, definition.Nodes.Count * StepsOfNodeMax);
        _journalWriter = MachineJson.CreateWriter(_journal);
        Definition = definition;
        Code = code;
        Bugs = bugs ?? new BugSwitch(Bug.None);
        Trace = trace;
        Random = new SeededRandom(scenario.Schedule);
        Auditor = new Auditor(definition, coverage);
        _operator = new Operator(this, coverage);
        Bugs.Attach(this);
        _host = scenario.Mode == HostMode.Embedded
            ? new EmbeddedHost(this)
            : new ClusterHost(this, scenario.IsShuffled ? Random.Next(1, 4) : 2);
    }

    public PipelineDefinition Definition { get; }

    public DrawnCode Code { get; }

    public BugSwitch Bugs { get; }

    public Trace? Trace { get; }

    public SeededRandom Random { get; }

    public Auditor Auditor { get; }

    public SimulatedStore Store { get; } = new();

    public CountedVersions Versions { get; } = new();

    public DateTimeOffset Now { get; private set; } = Beginning;

    public bool IsShuffled => _scenario.IsShuffled;

    /// <summary>Whether something was lost, so that a durable wake-up has to come.</summary>
    public bool WakeUpOwed { get; set; }

    /// <summary>Runs until nothing is due and every verb was called; then checks that all that waits waits for something nameable.</summary>
    public void Run()
    {
        PostStart();
        int verb = 0;
        while (true)
        {
            Rule.Require(++_step < _stepsMax, "it comes to rest", $"{_stepsMax} steps, and no end");
            if (verb < _scenario.Verbs.Count && _scenario.Verbs[verb].At <= _step)
            {
                _operator.Call(_scenario.Verbs[verb++]);
            }

            TakeFaultsOfNow();
            if (GoOn() || _host.LetIdleLeave() || WakesAgain())
            {
                continue;
            }

            if (verb == _scenario.Verbs.Count)
            {
                break;
            }

            _operator.Call(_scenario.Verbs[verb++]);
        }

        CheckRest();
        CountNodes();
        _coverage.Run(Definition.Nodes.Count, _operator.Calls, _faults);
    }

    /// <summary>Starts the pipeline, and goes on until nothing is due: for a caller that plays the operator.</summary>
    public void Begin()
    {
        PostStart();
        Settle();
    }

    /// <summary>Puts a question to a machine, and goes on until nothing is due.</summary>
    /// <param name="to">The node, or the root.</param>
    /// <param name="input">The question.</param>
    /// <param name="request">The number that its answer carries.</param>
    /// <returns>The refusal; null where it was taken.</returns>
    public BambooException? Ask(string to, object input, long request)
    {
        if (input is Callback { Data: IntValue data } callback)
        {
            // The checkers know a callback by a number that it brings.
            Auditor.CallsBack((long)data.Value, callback.Version);
        }

        Post(new Mail(Mail.Operator, to, input));
        Settle();
        Rule.Require(_operator.TryGetAnswer(request, out BambooException? refusal), "every verb is answered", $"request {request} to {to} was not");
        return refusal;
    }

    /// <summary>
    /// Nothing goes wrong any more, and somebody does what the waits name: the pipeline must get to its end, or wait for
    /// something that no verb helps.
    /// </summary>
    public void Heal()
    {
        _isHealing = true;
        Code.IsHealed = true;
        Trace?.Line("everything is healed");
        _operator.TakeBackValues();
        var helps = new Dictionary<string, int>(StringComparer.Ordinal);
        Settle();
        for (int heals = 0; Auditor.Root is not (NodeStateName.Finished or NodeStateName.Revoked); heals++)
        {
            Rule.Require(heals < HealsMax, "what waits can be helped", $"{HealsMax} verbs have not helped");
            WaitInfo? wait = null;
            foreach (WaitInfo candidate in Waits.Of(Auditor.Pipeline, Auditor.Node))
            {
                if (candidate.Kind is WaitKind.Pause or WaitKind.Operator && candidate.Verbs.Count > 0
                    && !(IsOverLimit(candidate) && helps.GetValueOrDefault(candidate.NodeId) > RetriesOverLimitMax))
                {
                    wait = candidate;
                    break;
                }
            }

            if (wait is null)
            {
                // What is left cannot be helped: a failed node that allows neither retry nor skip, one that was made READY, or one over the rerun limit.
                return;
            }

            helps[wait.NodeId] = helps.GetValueOrDefault(wait.NodeId) + 1;
            Trace?.Line($"{wait.Verbs[^1]}, because {wait.Text}");
            _operator.Help(wait);
            Settle();
            _operator.CheckHelped(wait);
            CheckRest();
        }
    }

    /// <summary>Whether a fault of this kind is to happen here and now; the choice that its details are drawn from.</summary>
    public ulong? Takes(FaultKind kind)
    {
        if (_isHealing || _scenario.Faults.Count == 0)
        {
            return null;
        }

        for (int index = _nextFault; index < _scenario.Faults.Count && _scenario.Faults[index].At <= _step; index++)
        {
            ScriptedFault fault = _scenario.Faults[index];
            if (fault.Kind == kind && !_faultsTaken[index])
            {
                Take(index);
                return fault.Choice;
            }
        }

        return null;
    }

    /// <summary>Whether a host dies at a place in the life of a turn.</summary>
    public bool DiesAt(CrashPlace place)
    {
        if (_crashPoints is not null)
        {
            return !_isHealing && _crashPoints.Pass(place);
        }

        return Takes(place switch
        {
            CrashPlace.BeforeCommit => FaultKind.CrashBeforeCommit,
            CrashPlace.AfterCommit => FaultKind.CrashAfterCommit,
            _ => FaultKind.CrashBetweenEffects,
        }) is not null;
    }

    /// <summary>A name that no host before has had.</summary>
    public string NextHostName(string kind) => $"{kind}-{++_hosts}";

    /// <summary>Does what a machine wants done.</summary>
    /// <param name="effect">What.</param>
    /// <param name="host">The host that does it, and takes it along when it dies.</param>
    /// <param name="owner">The host as the machine knows it.</param>
    /// <param name="machine">The machine.</param>
    public void Release(Effect effect, string host, string owner, string machine)
    {
        (_effectHost, _effectOwner, _effectMachine) = (host, owner, machine);
        if (Bugs.Releases(effect))
        {
            effect.Perform(this);
        }
    }

    /// <summary>Sends an input to a machine.</summary>
    public void Post(Mail mail)
    {
        if (mail.From != Mail.Operator && mail.Input is not (Drive or SetTimersAgain or Start))
        {
            if (Takes(FaultKind.MessageDelayed) is not null)
            {
                Trace?.Line($"a message from {mail.From} to {mail.To} is delayed");
                _late.Add(mail);
                return;
            }

            if (Takes(FaultKind.MessageRepeated) is not null)
            {
                Trace?.Line($"a message from {mail.From} to {mail.To} will come twice");
                _late.Add(mail);
            }
        }

        if (Bugs.Delivers(mail))
        {
            _mails.Add(mail);
        }
    }

    /// <summary>A message finds its machine gone, and goes on to the next activation.</summary>
    public void Repost(Mail mail) => _mails.Insert(0, mail);

    /// <summary>Whether user code of a machine runs on a host, or its answer is under way from there.</summary>
    public bool RunsCodeFor(string machine, string host) =>
        _calls.Exists(call => call.Machine == machine && call.Host == host)
        || _mails.Exists(mail => mail.To == machine && mail.Host == host && mail.Code is not null)
        || _late.Exists(mail => mail.To == machine && mail.Host == host && mail.Code is not null);

    /// <summary>Whether user code of an attempt runs on a host, or its answer is under way.</summary>
    public bool MayRunCode(string host, string id, string version) =>
        _calls.Exists(call => call.Host == host && call.Id == id && call.Version == version)
        || _mails.Exists(mail => mail.Host == host && mail.Code == (id, version))
        || _late.Exists(mail => mail.Host == host && mail.Code == (id, version));

    /// <summary>A host of several died: what it ran is gone, and some of what was on its way to it.</summary>
    public void HostDied(string host, Predicate<string> served)
    {
        _calls.RemoveAll(call => call.Host == host);
        _timers.RemoveAll(timer => timer.Host == host);
        _mails.RemoveAll(mail => mail.Host == host || (mail.Host is null && served(mail.To) && (!IsShuffled || Random.OnceIn(2))));
        _late.RemoveAll(mail => mail.Host == host);
        WakeUpOwed = true;
    }

    /// <summary>The only host died: everything that was not durable is gone.</summary>
    public void AllHostsDied()
    {
        _calls.Clear();
        _timers.Clear();
        _mails.Clear();
        _late.Clear();
    }

    /// <summary>Has the pipeline go on after a loss, as something durable makes every real host do.</summary>
    public void WakeUp()
    {
        WakeUpOwed = false;

        // A wake-up may find nothing to do yet, or a machine that is older than what is stored. The reminders of a cluster
        // go on until a pipeline is quiet: one more comes when nothing else is under way.
        _wakesAgain = _scenario.Mode == HostMode.Cluster;
        if (Bugs.Is(Bug.ForgetWakeUp))
        {
            return;
        }

        if (Auditor.Root is null)
        {
            // The caller was not told that it was taken, and asks again.
            PostStart();
            return;
        }

        _mails.Add(new Mail(Mail.WakeUp, Definition.RootId, new Drive()));
        if (Bugs.Is(Bug.LoseTimersOnLoad))
        {
            return;
        }

        foreach (string node in Auditor.Nodes)
        {
            if (Auditor.Node(node)!.NextTimer is not null)
            {
                _mails.Add(new Mail(Mail.WakeUp, node, new SetTimersAgain()));
            }
        }
    }

    /// <summary>The journal row of a turn.</summary>
    public byte[] WriteJournal(IReadOnlyList<MachineEvent> events)
    {
        _journal.ResetWrittenCount();
        _journalWriter.Reset(_journal);
        MachineJson.WriteEvents(_journalWriter, events);
        _journalWriter.Flush();
        return _journal.WrittenSpan.ToArray();
    }

    void IEffectHandler.Perform(TellNode effect) => Post(new Mail(_effectMachine, effect.NodeId, effect.Input));

    void IEffectHandler.Perform(TellPipeline effect) => Post(new Mail(_effectMachine, Definition.RootId, effect.Input));

    void IEffectHandler.Perform(Hydrate effect) => RunCode(effect, effect.Version);

    void IEffectHandler.Perform(ExecuteComponent effect) => RunCode(effect, effect.Call.Version);

    void IEffectHandler.Perform(PollComponent effect) => RunCode(effect, effect.Call.Version);

    void IEffectHandler.Perform(RunEndEvent effect) => RunCode(effect, effect.Version);

    void IEffectHandler.Perform(SetTimer effect) => Set(new PendingTimer(_effectHost, effect.NodeId, effect.Version, null, effect.Due));

    void IEffectHandler.Perform(SetScopeTimer effect) =>
        Set(new PendingTimer(_effectHost, Definition.RootId, "", effect.ScopeId, effect.Due));

    void IEffectHandler.Perform(RunVerbHooks effect)
    {
        // Hooks around verbs change nothing that is kept.
    }

    void IEffectHandler.Perform(CancelUserCode effect)
    {
        // Code may heed the cancellation, or answer all the same.
        if (Takes(FaultKind.LateResult) is null && (!IsShuffled || Random.OnceIn(2)))
        {
            _calls.RemoveAll(call => call.Machine == effect.NodeId && call.Version == effect.Version);
        }
    }

    void IEffectHandler.Perform(Reply effect)
    {
        Trace?.Line($"request {effect.Request} is answered: {effect.Error?.Message ?? "done"}");
        Auditor.Released(effect, _effectOwner);
        _operator.Answered(effect);
    }

    private void PostStart() => _mails.Add(new Mail(Mail.WakeUp, Definition.RootId, new Start(-++_starts)));

    private void RunCode(Effect effect, string version)
    {
        Auditor.Released(effect, _effectOwner);
        string id = effect is Hydrate hydrate ? hydrate.Id : _effectMachine;
        _calls.Add(new RunningCode(_effectHost, _effectMachine, id, version, effect));
    }

    private void Set(PendingTimer timer)
    {
        _timers.RemoveAll(old => old.Host == timer.Host && old.Machine == timer.Machine && old.ScopeId == timer.ScopeId);
        _timers.Add(timer);
    }

    private void Take(int index)
    {
        _faultsTaken[index] = true;
        _faults++;
        _coverage.Fault(_scenario.Faults[index].Kind);
        while (_nextFault < _faultsTaken.Length && _faultsTaken[_nextFault])
        {
            _nextFault++;
        }
    }

    private bool WakesAgain()
    {
        if (!_wakesAgain)
        {
            return false;
        }

        WakeUp();
        _wakesAgain = false;
        return true;
    }

    // A loop that is longer than the rerun limit allows, of a node that cannot be skipped: no retry gets through it.
    private static bool IsOverLimit(WaitInfo wait) =>
        wait.Verbs[^1] == "retry_node" && wait.Error?.Contains("rerun limit", StringComparison.Ordinal) == true;

    private void Settle()
    {
        while (GoOn() || _host.LetIdleLeave() || WakesAgain())
        {
            Rule.Require(++_step < 2 * _stepsMax, "it comes to rest", $"{2 * _stepsMax} steps, and no end");
        }
    }

    // Faults that need no occasion.
    private void TakeFaultsOfNow()
    {
        if (_nextFault >= _scenario.Faults.Count)
        {
            return;
        }

        if (Takes(FaultKind.Crash) is { } crash)
        {
            _host.Crash(crash);
        }

        if (Takes(FaultKind.TwoActivations) is { } split)
        {
            _host.Split(split);
        }

        if (Takes(FaultKind.NeedlessWakeUp) is not null)
        {
            Trace?.Line("a wake-up comes that nobody needs");
            WakeUp();
        }
    }

    // One thing that is due; false where nothing is.
    private bool GoOn()
    {
        Now += TimeSpan.FromMilliseconds(IsShuffled ? Random.Next(200) : 1);
        int waiting = CountCallers();
        int total = _mails.Count + _late.Count + _host.Due + _calls.Count + waiting + (_timers.Count > 0 ? 1 : 0) + (WakeUpOwed ? 1 : 0);
        if (total == 0)
        {
            return false;
        }

        int drawn = IsShuffled ? Random.Next(total) : 0;
        if (drawn < _host.Due)
        {
            _host.DoOne(drawn);
        }
        else if ((drawn -= _host.Due) < _mails.Count)
        {
            Deliver(drawn);
        }
        else if ((drawn -= _mails.Count) < _calls.Count)
        {
            Answer(drawn);
        }
        else if ((drawn -= _calls.Count) < _late.Count)
        {
            Mail mail = _late[drawn];
            _late.RemoveAt(drawn);
            _host.Deliver(mail);
        }
        else if ((drawn -= _late.Count) < waiting)
        {
            CallBack(drawn);
        }
        else if (WakeUpOwed && drawn == waiting)
        {
            WakeUp();
        }
        else
        {
            Fire(total);
        }

        return true;
    }

    private void Deliver(int drawn)
    {
        Mail mail = _mails[drawn];
        int first = 0;
        while (_mails[first].From != mail.From || _mails[first].To != mail.To)
        {
            first++;
        }

        if (first == drawn && _mails.Count > 1 && Takes(FaultKind.MessageReordered) is { } choice)
        {
            // The last of its pair, or any other, overtakes.
            first = _mails.FindLastIndex(other => other.From == mail.From && other.To == mail.To);
            first = first == drawn ? (int)(choice % (ulong)_mails.Count) : first;
            Trace?.Line("a message overtakes others");
        }

        mail = _mails[first];
        _mails.RemoveAt(first);
        _host.Deliver(mail);
    }

    private void Answer(int index)
    {
        RunningCode call = _calls[index];
        if (IsShuffled && call.Effect is ExecuteComponent slow && Code.IsSlow(slow.Call.Node) && !Random.OnceIn(4))
        {
            return;
        }

        _calls.RemoveAt(index);
        object answer = call.Effect switch
        {
            ExecuteComponent execute => Code.Execute(execute),
            PollComponent poll => Code.Poll(poll),
            RunEndEvent end => Code.EndEvent(end),
            Hydrate hydrate => Code.Hydrate(hydrate),
            _ => throw new InvalidOperationException(call.Effect.GetType().Name),
        };
        Post(new Mail(Mail.UserCode, call.Machine, answer, call.Host, (call.Id, call.Version)));
    }

    private void Fire(int total)
    {
        int first = 0;
        for (int index = 1; index < _timers.Count; index++)
        {
            if (_timers[index].Due < _timers[first].Due)
            {
                first = index;
            }
        }

        PendingTimer timer = _timers[first];
        if (IsShuffled && total > 1 && timer.Due - Now > SoonAtMost && !Random.OnceIn(8))
        {
            // It is far off, and other things come first.
            return;
        }

        _timers.RemoveAt(first);
        if (timer.Due > Now)
        {
            Now = timer.Due;
        }

        if (Takes(FaultKind.TimerLate) is not null)
        {
            Trace?.Line("a timer comes late");
            Now += TimeSpan.FromMinutes(1);
        }

        Post(new Mail(
            Mail.Timer,
            timer.Machine,
            timer.ScopeId is { } scope ? new ScopeTimerFired(scope) : new TimerFired(timer.Version),
            timer.Host));
    }

    private int CountCallers()
    {
        int count = 0;
        foreach (string node in Auditor.WaitingForCallback)
        {
            count += Code.IsCalledBack(Definition.Nodes[node], Auditor.Node(node)!.Loop) ? 1 : 0;
        }

        return count;
    }

    private void CallBack(int drawn)
    {
        foreach (string node in Auditor.WaitingForCallback)
        {
            if (Code.IsCalledBack(Definition.Nodes[node], Auditor.Node(node)!.Loop) && drawn-- == 0)
            {
                _operator.CallBack(node);
                return;
            }
        }
    }

    // Nothing is due: each token waits for something that is so.
    private void CheckRest()
    {
        const string rule = "what waits waits for something nameable";
        _host.CheckMemory();
        Auditor.CheckNothingOwed();
        Rule.Require(Auditor.Root is not null, rule, $"the pipeline was never started");
        if (Auditor.Root == NodeStateName.Revoked)
        {
            return;
        }

        foreach (WaitInfo wait in Waits.Of(Auditor.Pipeline, Auditor.Node))
        {
            switch (wait.Kind)
            {
                case WaitKind.Children or WaitKind.Operator:
                    break;
                case WaitKind.Callback:
                    Rule.Require(
                        !Code.IsCalledBack(Definition.Nodes[wait.NodeId], Auditor.Node(wait.NodeId)!.Loop),
                        rule,
                        $"at rest, {wait.TokenId} {wait.Text}");
                    break;
                case WaitKind.Stuck:
                    Rule.Require(_operator.MadeReady(wait.NodeId), rule, $"at rest, {wait.TokenId} {wait.Text}");
                    break;
                case WaitKind.Pause:
                    NodeStateName? by = Auditor.State.Scopes.TryGetValue(wait.PausedBy!, out ScopeState? scope)
                        ? scope.State : Auditor.Node(wait.PausedBy!)?.State;
                    Rule.Require(by == NodeStateName.Suspended, rule, $"{wait.TokenId} is held by {wait.PausedBy}, which is {by}");
                    Rule.Require(wait.Due is null, rule, $"{wait.TokenId} is due at {ApiTime.Text(wait.Due)} and nobody wakes it");
                    break;
                default:
                    throw new ViolationException(rule, $"at rest, {wait.TokenId} {wait.Kind}: {wait.Text}");
            }
        }
    }

    private void CountNodes()
    {
        foreach (string node in Auditor.Nodes)
        {
            _coverage.Node(Definition.Nodes[node].Kind);
        }

        foreach (string scope in Auditor.State.Scopes.Keys)
        {
            if (scope != Definition.RootId)
            {
                _coverage.Node(NodeKind.SubProcess);
            }
        }
    }

    private sealed record RunningCode(string Host, string Machine, string Id, string Version, Effect Effect);

    private sealed record PendingTimer(string Host, string Machine, string Version, string? ScopeId, DateTimeOffset Due);
}
