using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Simulation.Checks;
using BambooOrleans.Simulation.Planted;
using BambooOrleans.Simulation.Scenarios;

namespace BambooOrleans.Simulation.Hosts;

/// <summary>
/// One process, one log: what machines tell each other is delivered at once, a batch holds whole chains of turns, and one
/// batch is written while the next one fills. After a failure everything starts again from the store under a new name.
/// </summary>
internal sealed class EmbeddedHost : SimulatedHost
{
    private readonly Dictionary<string, NodeMachine> _nodes = new(StringComparer.Ordinal);
    private readonly Queue<Mail> _tells = new();
    private PipelineMachine _pipeline;
    private Turn _turn;
    private Batch _next = new();
    private Batch? _committing;

    public EmbeddedHost(Simulator world)
        : base(world)
    {
        _turn = NewTurn();
        _pipeline = LoadPipeline();
    }

    public override int Due => _committing is not null || !_next.IsEmpty ? 1 : 0;

    public override void DoOne(int index)
    {
        if (_committing is { } batch)
        {
            Commit(batch);
        }
        else
        {
            Seal();
        }
    }

    public override void Deliver(Mail mail)
    {
        if (mail.Host is { } host && host != _turn.Host)
        {
            return;
        }

        Run(mail);
        while (_tells.TryDequeue(out Mail? tell))
        {
            Run(tell);
        }
    }

    public override void Crash(ulong choice)
    {
        World.Trace?.Line($"{_turn.Host} dies");
        Restart();
    }

    public override bool Split(ulong choice) => false;

    public override bool LetIdleLeave() => false;

    public override void CheckMemory()
    {
        foreach ((string id, NodeMachine node) in _nodes)
        {
            byte[]? state = node.State is null ? null : MachineJson.Write(node.State);
            Rule.Require(
                state is null ? World.Store.NodeOf(id) is null : state.AsSpan().SequenceEqual(World.Store.NodeOf(id)),
                "stored is journaled",
                $"{id} is in memory as it is not stored");
        }

        Rule.Require(_pipeline.State.Changed.Count == 0, "stored is journaled", $"changes of the pipeline were never stored");
    }

    private Turn NewTurn() => new(World.NextHostName("host"), World.Versions);

    private void Run(Mail mail)
    {
        NodeMachine? node = null;
        if (mail.To != World.Definition.RootId && !_nodes.TryGetValue(mail.To, out node))
        {
            _nodes[mail.To] = node = new NodeMachine(World.Definition.Nodes[mail.To], World.Definition.Settings, null);
        }

        Handle(_turn, node, _pipeline, mail);
        if (_turn.Events.Count > 0)
        {
            _next.Turns.Add((mail.To, Journal(_turn.Events)));
            if (node is not null)
            {
                _next.Nodes.Add(mail.To);
            }
        }

        foreach (Effect effect in _turn.Effects)
        {
            switch (effect)
            {
                case TellNode tell:
                    _tells.Enqueue(new Mail(mail.To, tell.NodeId, tell.Input));
                    break;
                case TellPipeline tell:
                    _tells.Enqueue(new Mail(mail.To, World.Definition.RootId, tell.Input));
                    break;
                case SetTimer or SetScopeTimer:
                    World.Release(effect, _turn.Host, _turn.Host, mail.To);
                    break;
                default:
                    if (World.Bugs.Is(Bug.ReleaseBeforeCommit))
                    {
                        World.Release(effect, _turn.Host, _turn.Host, mail.To);
                    }
                    else
                    {
                        _next.Releases.Add((mail.To, effect));
                    }

                    break;
            }
        }
    }

    private void Seal()
    {
        Batch batch = _next;
        _next = new Batch();
        foreach (string node in batch.Nodes)
        {
            batch.Writes.Add(WriteOf(_nodes[node], World.Store.TagOf(node)));
        }

        if (_pipeline.State.Changed.Count > 0)
        {
            batch.Writes.Add(WriteOf(_pipeline, World.Store.TagOf(World.Definition.RootId)));
        }

        _committing = batch;
    }

    private void Commit(Batch batch)
    {
        _committing = null;
        if (World.DiesAt(CrashPlace.BeforeCommit))
        {
            Crash(0);
            return;
        }

        if (batch.Turns.Count > 0)
        {
            if (World.Takes(FaultKind.CommitFails) is not null)
            {
                World.Trace?.Line("the commit fails");
                if (World.Bugs.Is(Bug.TakeFailedCommitForDone))
                {
                    Release(batch);
                    return;
                }

                Restart();
                return;
            }

            if (World.Takes(FaultKind.CommitUnknownLost) is not null)
            {
                World.Trace?.Line("whether the commit was written is not known: it was not");
                Restart();
                return;
            }
        }

        bool isUnknown = batch.Turns.Count > 0 && World.Takes(FaultKind.CommitUnknownWritten) is not null;
        Apply(batch);
        if (isUnknown)
        {
            World.Trace?.Line("whether the commit was written is not known: it was");
            if (World.Bugs.Is(Bug.GoOnAfterUnknownCommit))
            {
                // Takes it for lost, tells nobody, and stays in memory.
                return;
            }

            Restart();
            return;
        }

        Release(batch);
    }

    private void Apply(Batch batch)
    {
        foreach (MachineWrite write in batch.Writes)
        {
            World.Store.Apply(write);
        }

        foreach ((string machine, byte[] journal) in batch.Turns)
        {
            World.Auditor.Committed(machine, journal);
        }

        foreach (MachineWrite write in batch.Writes)
        {
            World.Auditor.Stored(write);
        }
    }

    private void Release(Batch batch)
    {
        if (World.DiesAt(CrashPlace.AfterCommit))
        {
            Crash(0);
            return;
        }

        for (int index = 0; index < batch.Releases.Count; index++)
        {
            if (index > 0 && World.DiesAt(CrashPlace.BetweenEffects))
            {
                Crash(0);
                return;
            }

            (string machine, Effect effect) = batch.Releases[index];
            World.Release(effect, _turn.Host, _turn.Host, machine);
        }
    }

    private void Restart()
    {
        World.AllHostsDied();
        if (!World.Bugs.Is(Bug.KeepNameAfterDeath))
        {
            _turn = NewTurn();
        }

        _next = new Batch();
        _committing = null;
        _tells.Clear();
        _nodes.Clear();
        _pipeline = LoadPipeline();
        foreach (string id in World.Store.Machines)
        {
            if (id != World.Definition.RootId)
            {
                _nodes[id] = LoadNode(id);
            }
        }

        World.WakeUp();
    }

    private sealed class Batch
    {
        public List<(string Machine, byte[] Journal)> Turns { get; } = [];

        public HashSet<string> Nodes { get; } = new(StringComparer.Ordinal);

        public List<MachineWrite> Writes { get; } = [];

        public List<(string Machine, Effect Effect)> Releases { get; } = [];

        public bool IsEmpty => Turns.Count == 0 && Releases.Count == 0;
    }
}
