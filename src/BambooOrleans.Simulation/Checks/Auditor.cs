using System.Text.Json;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Simulation.Hosts;
using BambooOrleans.Simulation.Runs;

namespace BambooOrleans.Simulation.Checks;

/// <summary>
/// Watches what became durable and what was seen outside, and nothing else: it builds the states of its own from the
/// journal, turn by turn, holds every rule against them, and compares them with what is stored.
/// </summary>
internal sealed class Auditor
{
    private readonly PipelineDefinition _definition;
    private readonly Coverage _coverage;
    private readonly NodeRules _nodeRules;
    private readonly PipelineRules _pipelineRules;
    private readonly Dictionary<string, NodeState> _nodes = new(StringComparer.Ordinal);
    private readonly List<string> _nodeOrder = [];
    private readonly Dictionary<(string Node, string Version, string Owner, int Kind), Value?> _intents = [];
    private readonly HashSet<(string Node, string Version, string Owner, int Kind)> _runs = [];
    private readonly Dictionary<string, bool> _taken = new(StringComparer.Ordinal);
    private readonly HashSet<long> _answered = [];
    private readonly Dictionary<long, string> _callbackVersions = [];
    private readonly List<(string Scope, string Key, string Node)> _owedOutputs = [];

    private const int Execution = -1;
    private const int EndEvent = -2;

    public Auditor(PipelineDefinition definition, Coverage coverage)
    {
        _definition = definition;
        _coverage = coverage;
        State = PipelineMachine.InitialState(definition);
        Pipeline = new PipelineMachine(definition, State);
        _pipelineRules = new PipelineRules(definition, State);
        _nodeRules = new NodeRules(_pipelineRules, coverage);
    }

    /// <summary>A pipeline machine in the durable state, for what reads one.</summary>
    public PipelineMachine Pipeline { get; }

    /// <summary>The durable state of the pipeline machine.</summary>
    public PipelineState State { get; }

    /// <summary>The ids of the nodes that have a durable state, in the order in which they got one.</summary>
    public IReadOnlyList<string> Nodes => _nodeOrder;

    /// <summary>The nodes that wait for a callback.</summary>
    public List<string> WaitingForCallback { get; } = [];

    /// <summary>The root's state; null before it was started.</summary>
    public NodeStateName? Root => State.Scopes.TryGetValue(_definition.RootId, out ScopeState? root) ? root.State : null;

    /// <summary>How many node entries were journaled.</summary>
    public int Entries { get; private set; }

    /// <summary>The durable state of a node; null where it has none.</summary>
    public NodeState? Node(string id) => _nodes.GetValueOrDefault(id);

    /// <summary>An operator calls back under a version.</summary>
    public void CallsBack(long request, string version) => _callbackVersions[request] = version;

    /// <summary>Is given each turn that is durable: the machine, and its facts as they were written; null for nobody.</summary>
    public Action<string, ReadOnlyMemory<byte>>? Journal { get; set; }

    /// <summary>A turn of a machine is durable.</summary>
    /// <param name="machine">The node, or the root.</param>
    /// <param name="journal">Its facts as they were written.</param>
    public void Committed(string machine, ReadOnlyMemory<byte> journal)
    {
        Journal?.Invoke(machine, journal);
        using var document = JsonDocument.Parse(journal);
        IReadOnlyList<MachineEvent> events = MachineJson.ReadEvents(document.RootElement);
        if (machine == _definition.RootId)
        {
            CommittedPipeline(events);
        }
        else
        {
            CommittedNode(machine, events);
        }

        CheckVerbs(machine, events);
    }

    /// <summary>What was stored of a machine must be what its journal says.</summary>
    public void Stored(MachineWrite write)
    {
        if (write.Machine != _definition.RootId)
        {
            byte[]? expected = _nodes.TryGetValue(write.Machine, out NodeState? state) ? MachineJson.Write(state) : null;
            Rule.Require(Same(expected, write.Node), "stored is journaled", $"{write.Machine} is stored as\n{Text(write.Node)}\nand its journal says\n{Text(expected)}");
            return;
        }

        foreach ((PipelineRecord record, byte[]? stored) in write.Records)
        {
            byte[]? expected = SimulatedStore.Write(State, record);
            Rule.Require(Same(expected, stored), "stored is journaled", $"{record} is stored as\n{Text(stored)}\nand the journal says\n{Text(expected)}");
            State.Changed.Remove(record);
        }

        Rule.Require(State.Changed.Count == 0, "stored is journaled", $"the journal changed {State.Changed.First()}, which was not stored");
    }

    /// <summary>What a machine was loaded from must be what its journal says.</summary>
    public void Loaded(string machine, SimulatedStore store)
    {
        if (machine != _definition.RootId)
        {
            byte[]? expected = _nodes.TryGetValue(machine, out NodeState? state) ? MachineJson.Write(state) : null;
            Rule.Require(Same(expected, store.NodeOf(machine)), "loaded is journaled", $"{machine} is loaded as\n{Text(store.NodeOf(machine))}\nand its journal says\n{Text(expected)}");
            return;
        }

        IReadOnlyDictionary<PipelineRecord, byte[]> records = store.RecordsOf(machine);
        int tokens = 0;
        foreach ((PipelineRecord record, byte[] json) in records)
        {
            byte[]? expected = SimulatedStore.Write(State, record);
            tokens += record.Kind == PipelineRecordKind.Token ? 1 : 0;
            Rule.Require(Same(expected, json), "loaded is journaled", $"{record} is loaded as\n{Text(json)}\nand the journal says\n{Text(expected)}");
        }

        Rule.Require(tokens == State.Tokens.Count, "loaded is journaled", $"{tokens} tokens are loaded, and the journal has {State.Tokens.Count}");
    }

    /// <summary>Something that only a durable decision may cause is about to be seen outside.</summary>
    public void Released(Effect effect, string host)
    {
        switch (effect)
        {
            case ExecuteComponent execute:
                RunOnce((execute.Call.Node.Id, execute.Call.Version, host, Execution), null);
                break;
            case PollComponent poll:
                RunOnce((poll.Call.Node.Id, poll.Call.Version, host, poll.Times), poll.CallbackData);
                break;
            case RunEndEvent end:
                RunOnce((end.Node.Id, end.Version, host, EndEvent), null);
                break;
            case Reply reply:
                Answered(reply);
                break;
        }
    }

    /// <summary>At rest nothing that was acknowledged is still owed.</summary>
    public void CheckNothingOwed()
    {
        if (_owedOutputs.Count > 0)
        {
            (string scope, string key, string node) = _owedOutputs[0];
            throw new ViolationException(
                "acknowledged survives", $"update_node_outputs of {node} was acknowledged, and {key} of {scope} was never set");
        }
    }

    /// <summary>Whether a verb that has this request's number was journaled.</summary>
    public bool WasTaken(long request) => _taken.ContainsKey(Number(request));

    private void CommittedNode(string node, IReadOnlyList<MachineEvent> events)
    {
        if (!_nodes.TryGetValue(node, out NodeState? state))
        {
            // A turn that changes nothing makes no state.
            if (!events.Any(item => ((NodeEvent)item).ChangesState))
            {
                return;
            }

            _nodes[node] = state = new NodeState();
            _nodeOrder.Add(node);
        }

        _nodeRules.Begin(node, state);
        foreach (MachineEvent item in events)
        {
            var change = (NodeEvent)item;
            if (item is NodeCallbackAccepted { Data: IntValue request })
            {
                string named = _callbackVersions[(long)request.Value];
                Rule.Require(named == state.Version, "no stale callback", $"{node} took a callback of {named} under {state.Version}");
            }

            if (change.ChangesState)
            {
                _nodeRules.Apply(change);
            }

            switch (item)
            {
                case NodeStarted:
                    Entries++;
                    break;
                case NodeExecutionBegan began:
                    _intents[(node, state.Version, began.Owner, Execution)] = null;
                    break;
                case NodePollBegan began:
                    _intents[(node, state.Version, began.Owner, state.Schedule!.Times)] =
                        state.Schedule.Kind == Components.ScheduleKind.Poll ? null : state.Schedule.Pending[0];
                    break;
                case NodeEndEventBegan began:
                    _intents[(node, state.Version, began.Owner, EndEvent)] = null;
                    break;
                case NodeOutputsUpdated updated:
                    Owe(node, updated.Outputs);
                    break;
            }
        }

        bool waits = state is { State: NodeStateName.Running, Phase: NodePhase.Waiting, Schedule: { Kind: not Components.ScheduleKind.Poll, IsOver: false } };
        if (waits != WaitingForCallback.Contains(node))
        {
            if (waits)
            {
                WaitingForCallback.Add(node);
            }
            else
            {
                WaitingForCallback.Remove(node);
            }
        }
    }

    private void CommittedPipeline(IReadOnlyList<MachineEvent> events)
    {
        _pipelineRules.Apply(events, _coverage);
        foreach (MachineEvent item in events)
        {
            if (item is ContextChanged changed && _owedOutputs.Count > 0)
            {
                _owedOutputs.RemoveAll(owed => owed.Scope == changed.ScopeId && changed.Values.ContainsKey(owed.Key));
            }
        }
    }

    private void Owe(string node, MapValue outputs)
    {
        NodeDefinition definition = _definition.Nodes[node];
        if (definition.Loop is null)
        {
            foreach ((string output, string key) in definition.OutputKeys)
            {
                if (outputs.ContainsKey(output))
                {
                    _owedOutputs.Add((definition.ScopeId, key, node));
                }
            }
        }
    }

    private void CheckVerbs(string machine, IReadOnlyList<MachineEvent> events)
    {
        for (int index = 0; index < events.Count; index++)
        {
            (string verb, string? reason) = events[index] switch
            {
                NodeVerbTaken taken => (taken.Verb, taken.Reason),
                PipelineVerbTaken taken => (taken.Verb, taken.Reason),
                _ => ("", null),
            };
            if (reason is not null)
            {
                Rule.Require(_taken.TryAdd(reason, true), "a verb is taken once", $"{verb}, request {reason}, was taken twice");
                Rule.Require(VerbFacts.Follow(verb, events, index), "a verb does what it says", $"{verb} was taken by {machine}, and did nothing: {string.Join(", ", events.Select(item => item.GetType().Name))}");
            }
        }
    }

    private void RunOnce((string Node, string Version, string Owner, int Kind) run, Value? data)
    {
        Rule.Require(_intents.TryGetValue(run, out Value? expected), "no execution without a durable intent", $"{run} runs, and nothing durable says so");
        Rule.Require(Equals(expected, data), "callbacks in order", $"{run} is handed {data}, and {expected} is next");
        Rule.Require(_runs.Add(run), "no execution twice without a death", $"{run} runs twice without a death");
    }

    private void Answered(Reply reply)
    {
        Rule.Require(_answered.Add(reply.Request), "one answer", $"request {reply.Request} is answered twice");
        Rule.Require(
            reply.Error is not null || (reply.Request < 0 && Root is not null) || _taken.ContainsKey(Number(reply.Request)),
            "acknowledged survives",
            $"request {reply.Request} was acknowledged, and nothing durable says that it was taken");
        Rule.Require(
            reply.Error is null || !_taken.ContainsKey(Number(reply.Request)),
            "acknowledged survives",
            $"request {reply.Request} was refused ({reply.Error?.Message}), and taken");
    }

    private static string Number(long request) => request.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private static bool Same(byte[]? left, byte[]? right) =>
        left is null || right is null ? left is null && right is null : left.AsSpan().SequenceEqual(right);

    private static string Text(byte[]? json) => json is null ? "nothing" : System.Text.Encoding.UTF8.GetString(json);
}
