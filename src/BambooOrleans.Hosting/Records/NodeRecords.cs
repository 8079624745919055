using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Events;
using BambooOrleans.Storage;

namespace BambooOrleans.Hosting;

/// <summary>One node's machine, and what of it has changed since it was last sealed into a batch.</summary>
public sealed class NodeRecords
{
    // Execution data up to this size stands in the node's own record; more is kept apart, so that a state change does not rewrite it.
    private const int InlineDataBytesMax = 2048;

    private readonly long _root;
    private NodeExecutionData? _apart;
    private List<NodeHistory>? _histories;

    /// <summary>Makes the records of a machine whose state is as it was kept.</summary>
    /// <param name="root">The number of its root pipeline in the store.</param>
    /// <param name="machine">The machine.</param>
    /// <param name="apart">Its execution data, where a record of its own holds that.</param>
    public NodeRecords(long root, NodeMachine machine, NodeExecutionData? apart = null)
    {
        _root = root;
        Machine = machine;
        _apart = apart;
    }

    /// <summary>The machine.</summary>
    public NodeMachine Machine { get; }

    /// <summary>Whether something changed since it was last sealed.</summary>
    public bool IsChanged { get; private set; }

    /// <summary>Takes note of a turn of the machine.</summary>
    /// <returns>Whether it is the first since it was last sealed.</returns>
    public bool Record(IReadOnlyList<MachineEvent> events)
    {
        for (int index = 0; index < events.Count; index++)
        {
            if (events[index] is NodeHistoryAdded added)
            {
                (_histories ??= []).Add(added.Entry);
            }
        }

        bool isFirst = !IsChanged;
        IsChanged = true;
        return isFirst;
    }

    /// <summary>Puts what changed into a batch, and starts again.</summary>
    public void Seal(CommitBatch batch)
    {
        if (!IsChanged)
        {
            return;
        }

        IsChanged = false;
        PipelineRecords.Seal(_histories, _root, batch);
        if (Machine.State is not { } state)
        {
            return;
        }

        string key = Machine.Definition.Id;
        bool apart = _apart is not null
            || !ValueSize.IsAtMost(InlineDataBytesMax, state.RunningInputs, state.Inputs, state.Outputs);
        batch.Records.Add(new RecordWrite(RecordKind.Node, _root, key, MachineJson.Write(state, withData: !apart)));
        if (apart && !(_apart is { } written
            && ReferenceEquals(written.RunningInputs, state.RunningInputs)
            && ReferenceEquals(written.Inputs, state.Inputs)
            && ReferenceEquals(written.Outputs, state.Outputs)))
        {
            _apart = new NodeExecutionData(state.RunningInputs, state.Inputs, state.Outputs);
            batch.Records.Add(new RecordWrite(RecordKind.Data, _root, key, MachineJson.Write(_apart)));
        }
    }
}
