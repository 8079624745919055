using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Core.Machines.Inputs;

namespace BambooOrleans.Simulation.Hosts;

/// <summary>A place in the life of a turn at which a host can die.</summary>
internal enum CrashPlace
{
    /// <summary>It is decided, and not written.</summary>
    BeforeCommit,

    /// <summary>It is written, and nothing that follows from it is done.</summary>
    AfterCommit,

    /// <summary>Some of what follows from it is done.</summary>
    BetweenEffects,
}

/// <summary>Carries messages to machines, keeps what they decide, and does what they ask for, in one of the ways in which real hosts do.</summary>
internal abstract class SimulatedHost(Simulator world)
{
    /// <summary>The world around.</summary>
    protected Simulator World { get; } = world;

    /// <summary>How many things of its own it has to do.</summary>
    public abstract int Due { get; }

    /// <summary>Does one of the things it has to do.</summary>
    public abstract void DoOne(int index);

    /// <summary>Gives a machine an input.</summary>
    public abstract void Deliver(Mail mail);

    /// <summary>Dies, or has one of its processes die, and starts again.</summary>
    public abstract void Crash(ulong choice);

    /// <summary>Has a process be taken for dead that is not; false where that cannot be.</summary>
    public abstract bool Split(ulong choice);

    /// <summary>
    /// Nothing happens for long, and what is idle leaves memory; true where something there was older than what is stored, as
    /// happens to a machine that was loaded before the last write of a dead host arrived.
    /// </summary>
    public abstract bool LetIdleLeave();

    /// <summary>What is in memory must be what is durable, once nothing is under way.</summary>
    public abstract void CheckMemory();

    /// <summary>Runs one turn of a machine.</summary>
    protected void Handle(Turn turn, NodeMachine? node, PipelineMachine? pipeline, Mail mail)
    {
        turn.Begin(World.Now);
        object? input = World.Bugs.Before(mail, node, pipeline);
        World.Trace?.Input(World.Now, turn.Host, mail);
        if (input is NodeInput nodeInput)
        {
            node!.Handle(nodeInput, turn);
        }
        else if (input is PipelineInput pipelineInput)
        {
            pipeline!.Handle(pipelineInput, turn);
        }

        World.Bugs.After(turn, node, pipeline);
        World.Trace?.Outcome(turn, node);
    }

    /// <summary>The journal row of a turn.</summary>
    protected byte[] Journal(IReadOnlyList<MachineEvent> events) => World.WriteJournal(World.Bugs.Journaled(events));

    /// <summary>What is to be written of the pipeline machine.</summary>
    protected MachineWrite WriteOf(PipelineMachine pipeline, long tag)
    {
        var records = new List<KeyValuePair<PipelineRecord, byte[]?>>(pipeline.State.Changed.Count);
        foreach (PipelineRecord record in pipeline.State.Changed)
        {
            records.Add(new(record, SimulatedStore.Write(pipeline.State, record)));
        }

        pipeline.State.Changed.Clear();
        return World.Bugs.Written(new MachineWrite(pipeline.Definition.RootId, tag, null, records));
    }

    /// <summary>What is to be written of a node.</summary>
    protected static MachineWrite WriteOf(NodeMachine node, long tag) =>
        new(node.Definition.Id, tag, node.State is null ? null : MachineJson.Write(node.State), []);

    /// <summary>A node's machine from the store.</summary>
    protected NodeMachine LoadNode(string id)
    {
        World.Auditor.Loaded(id, World.Store);
        return new NodeMachine(World.Definition.Nodes[id], World.Definition.Settings, World.Store.LoadNode(id));
    }

    /// <summary>The pipeline machine from the store.</summary>
    protected PipelineMachine LoadPipeline()
    {
        World.Auditor.Loaded(World.Definition.RootId, World.Store);
        return new PipelineMachine(World.Definition, World.Store.LoadPipeline(World.Definition));
    }
}
