using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Simulation.Checks;
using BambooOrleans.Simulation.Planted;
using BambooOrleans.Simulation.Scenarios;

namespace BambooOrleans.Simulation.Hosts;

/// <summary>
/// Several processes (silos), each with activations of some machines. A machine is durable before anything that follows
/// from its turn is done; writes of different machines overlap. A write that finds another tag than it expects is
/// refused, and its activation goes. A silo that is taken for dead works on for a while with the activations it has.
/// </summary>
internal sealed class ClusterHost : SimulatedHost
{
    private readonly List<Silo> _silos = [];
    private readonly List<PendingWrite> _writes = [];
    private readonly List<PendingWrite> _lateWrites = [];
    private Silo? _split;

    public ClusterHost(Simulator world, int silos)
        : base(world)
    {
        for (int index = 0; index < silos; index++)
        {
            _silos.Add(NewSilo());
        }
    }

    public override int Due => _writes.Count + _lateWrites.Count + (_split is null ? 0 : 1);

    public override void DoOne(int index)
    {
        if (index < _writes.Count)
        {
            PendingWrite write = _writes[index];
            _writes.RemoveAt(index);
            Complete(write);
        }
        else if ((index -= _writes.Count) < _lateWrites.Count)
        {
            PendingWrite write = _lateWrites[index];
            _lateWrites.RemoveAt(index);
            World.Trace?.Line($"what {write.Activation.Silo.Name} was writing when it died arrives: {write.Write.Machine}");
            TryApply(write);

            // What was to follow from it never did, and the reminder of a pipeline that is not quiet stays.
            World.WakeUpOwed = true;
        }
        else
        {
            Silo split = _split!;
            World.Trace?.Line($"{split.Name}, which was taken for dead, ends");
            Die(split, keepsWrites: false);
        }
    }

    public override void Deliver(Mail mail)
    {
        if (ActivationFor(mail) is not { } activation)
        {
            World.WakeUpOwed = true;
            return;
        }

        // One turn at a time: the next one waits for the write of the one before.
        if (activation.Writing is { } writing)
        {
            _writes.Remove(writing);
            Complete(writing);
            if (!activation.Silo.Activations.ContainsValue(activation))
            {
                World.Repost(mail);
                return;
            }
        }

        Run(activation, mail);
    }

    public override void Crash(ulong choice)
    {
        Silo silo = _silos[(int)(choice % (ulong)_silos.Count)];
        World.Trace?.Line($"{silo.Name} dies");
        Die(silo, keepsWrites: false);
    }

    public override bool Split(ulong choice)
    {
        Silo silo = _silos[(int)(choice % (ulong)_silos.Count)];
        if (_split is not null || silo.Activations.Count == 0)
        {
            return false;
        }

        World.Trace?.Line($"{silo.Name} is taken for dead, and is not");
        _split = silo;
        _silos.Remove(silo);
        _silos.Add(NewSilo());
        World.WakeUpOwed = true;
        return true;
    }

    public override bool LetIdleLeave()
    {
        bool wasStale = false;
        foreach (Silo silo in _silos)
        {
            foreach (Activation activation in silo.Activations.Values)
            {
                wasStale |= activation.Tag != World.Store.TagOf(activation.Machine);
            }

            silo.Activations.Clear();
        }

        World.WakeUpOwed |= wasStale;
        return wasStale;
    }

    public override void CheckMemory()
    {
        Rule.Require(_writes.Count == 0, "stored is journaled", $"{_writes.Count} writes never end");
    }

    private Silo NewSilo()
    {
        string name = World.NextHostName("silo");
        return new Silo(name, new Turn(name, World.Versions, new Executions(this, name)));
    }

    private Activation? ActivationFor(Mail mail)
    {
        if (mail.Host is { } name)
        {
            if (_split?.Name == name)
            {
                World.WakeUpOwed = true;
                return _split.Activations.GetValueOrDefault(mail.To);
            }

            if (!_silos.Exists(silo => silo.Name == name))
            {
                return null;
            }
        }

        if (_split is not null && mail.From is not (Mail.WakeUp or Mail.Operator or Mail.UserCode) && _split.Activations.TryGetValue(mail.To, out Activation? stale)
            && World.Random.OnceIn(2))
        {
            // What it makes of the message may be refused, or nothing at all: somebody has to say it again.
            World.WakeUpOwed = true;
            return stale;
        }

        foreach (Silo silo in _silos)
        {
            if (silo.Activations.TryGetValue(mail.To, out Activation? activation))
            {
                return activation;
            }
        }

        return Activate(mail.To);
    }

    private Activation Activate(string machine)
    {
        Silo silo = _silos[World.IsShuffled ? World.Random.Next(_silos.Count) : (int)(SeededRandom.Mix(0, machine, 0) % (ulong)_silos.Count)];
        bool isPipeline = machine == World.Definition.RootId;
        var activation = new Activation(machine, silo)
        {
            Tag = World.Store.TagOf(machine),
            Pipeline = isPipeline ? LoadPipeline() : null,
            Node = isPipeline ? null : LoadNode(machine),
        };
        silo.Activations[machine] = activation;
        return activation;
    }

    private void Run(Activation activation, Mail mail)
    {
        Turn turn = activation.Silo.Turn;
        Handle(turn, activation.Node, activation.Pipeline, mail);
        List<Effect> effects = [.. turn.Effects];
        if (turn.Events.Count == 0)
        {
            Release(activation, effects);
            Rest(activation);
            return;
        }

        MachineWrite write = activation.Node is { } node ? WriteOf(node, activation.Tag) : WriteOf(activation.Pipeline!, activation.Tag);
        var pending = new PendingWrite(activation, write, Journal(turn.Events), effects, mail);
        activation.Writing = pending;
        if (World.Bugs.Is(Bug.ReleaseBeforeCommit))
        {
            Release(activation, effects);
            effects.Clear();
        }

        _writes.Add(pending);
    }

    private void Complete(PendingWrite write)
    {
        Activation activation = write.Activation;
        activation.Writing = null;
        if (World.Takes(FaultKind.CrashWithLateCommit) is not null)
        {
            World.Trace?.Line($"{activation.Silo.Name} dies while it writes {write.Write.Machine}");
            _lateWrites.Add(write);
            Die(activation.Silo, keepsWrites: true);
            TellAgain(write.Mail);
            return;
        }

        if (World.DiesAt(CrashPlace.BeforeCommit))
        {
            World.Trace?.Line($"{activation.Silo.Name} dies before it has written {write.Write.Machine}");
            Die(activation.Silo, keepsWrites: false);
            TellAgain(write.Mail);
            return;
        }

        if (World.Takes(FaultKind.CommitFails) is not null)
        {
            World.Trace?.Line($"the write of {write.Write.Machine} fails");
            if (World.Bugs.Is(Bug.TakeFailedCommitForDone))
            {
                Release(activation, write.Effects);
                return;
            }

            Drop(activation, write.Mail);
            return;
        }

        if (World.Takes(FaultKind.CommitUnknownLost) is not null)
        {
            World.Trace?.Line($"whether {write.Write.Machine} was written is not known: it was not");
            Drop(activation, write.Mail);
            return;
        }

        bool isUnknown = World.Takes(FaultKind.CommitUnknownWritten) is not null;
        if (!TryApply(write))
        {
            Drop(activation, write.Mail);
            return;
        }

        activation.Tag = World.Store.TagOf(write.Write.Machine);
        if (isUnknown)
        {
            World.Trace?.Line($"whether {write.Write.Machine} was written is not known: it was");
            if (!World.Bugs.Is(Bug.GoOnAfterUnknownCommit))
            {
                Drop(activation, write.Mail);
            }

            return;
        }

        if (World.DiesAt(CrashPlace.AfterCommit))
        {
            World.Trace?.Line($"{activation.Silo.Name} dies when it has written {write.Write.Machine}");
            Die(activation.Silo, keepsWrites: false);
            return;
        }

        Release(activation, write.Effects);
        Rest(activation);
    }

    private bool TryApply(PendingWrite write)
    {
        if (!World.Store.Accepts(write.Write) && !World.Bugs.Is(Bug.ForgetToFence))
        {
            World.Trace?.Line($"the write of {write.Write.Machine} by {write.Activation.Silo.Name} is refused: somebody else wrote it");
            return false;
        }

        World.Store.Apply(write.Write);
        World.Auditor.Committed(write.Write.Machine, write.Journal);
        World.Auditor.Stored(write.Write);
        return true;
    }

    private void Release(Activation activation, List<Effect> effects)
    {
        for (int index = 0; index < effects.Count; index++)
        {
            if (index > 0 && World.DiesAt(CrashPlace.BetweenEffects))
            {
                World.Trace?.Line($"{activation.Silo.Name} dies when it has done {index} of {effects.Count} things");
                Die(activation.Silo, keepsWrites: false);
                return;
            }

            World.Release(effects[index], activation.Silo.Name, activation.Silo.Turn.Host, activation.Machine);
        }
    }

    // An activation that has nothing to do may leave memory at any time.
    private void Rest(Activation activation)
    {
        if (World.IsShuffled && World.Random.OnceIn(24) && activation.Writing is null && !World.RunsCodeFor(activation.Machine, activation.Silo.Name))
        {
            activation.Silo.Activations.Remove(activation.Machine);
        }
    }

    private void Drop(Activation activation, Mail mail)
    {
        activation.Silo.Activations.Remove(activation.Machine);
        World.WakeUpOwed = true;
        TellAgain(mail);
    }

    // Who ran user code tells what it came to until somebody has kept it.
    private void TellAgain(Mail mail)
    {
        if (mail.From == Mail.UserCode && _silos.Exists(silo => silo.Name == mail.Host))
        {
            World.Repost(mail);
        }
    }

    private void Die(Silo silo, bool keepsWrites)
    {
        if (silo == _split)
        {
            _split = null;
        }
        else
        {
            _silos.Remove(silo);
            _silos.Add(NewSilo());
        }

        foreach (PendingWrite write in _writes.FindAll(write => write.Activation.Silo == silo))
        {
            _writes.Remove(write);
            if (keepsWrites)
            {
                _lateWrites.Add(write);
            }
            else if (World.IsShuffled && World.Random.OnceIn(2))
            {
                TryApply(write);
            }

            TellAgain(write.Mail);
        }

        World.HostDied(silo.Name, silo.Activations.ContainsKey);
        silo.Activations.Clear();
    }

    /// <summary>
    /// What a silo knows of user code that runs: its own, and that of silos that live. One that was taken for dead counts as
    /// dead for all but itself. Code runs until somebody has kept its answer.
    /// </summary>
    private sealed class Executions(ClusterHost cluster, string silo) : IExecutions
    {
        public bool MayRun(string owner, string id, string version) =>
            (owner == silo || cluster._silos.Exists(other => other.Name == owner))
            && (cluster.World.MayRunCode(owner, id, version)
                || cluster._writes.Exists(write => write.Mail.Host == owner && write.Mail.Code == (id, version)));
    }

    private sealed class Silo(string name, Turn turn)
    {
        public string Name { get; } = name;

        public Dictionary<string, Activation> Activations { get; } = new(StringComparer.Ordinal);

        public Turn Turn { get; } = turn;
    }

    private sealed class Activation(string machine, Silo silo)
    {
        public string Machine { get; } = machine;

        public Silo Silo { get; } = silo;

        public long Tag { get; set; }

        public NodeMachine? Node { get; init; }

        public PipelineMachine? Pipeline { get; init; }

        public PendingWrite? Writing { get; set; }
    }

    private sealed record PendingWrite(Activation Activation, MachineWrite Write, byte[] Journal, List<Effect> Effects, Mail Mail);
}
