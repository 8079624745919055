using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines;

namespace BambooOrleans.Simulation.Hosts;

/// <summary>What one turn, or several turns of one machine, write.</summary>
/// <param name="Machine">The node's id, or the root's for the pipeline machine.</param>
/// <param name="ExpectedTag">The tag that the machine's records must have.</param>
/// <param name="Node">A node's state; null where it has none, and of the pipeline machine.</param>
/// <param name="Records">Of the pipeline machine: the records that changed; null for one that is gone.</param>
internal sealed record MachineWrite(string Machine, long ExpectedTag, byte[]? Node, List<KeyValuePair<PipelineRecord, byte[]?>> Records);

/// <summary>
/// What outlives a host: the records of each machine as bytes, under a tag that grows with each write. A write that
/// expects another tag is refused.
/// </summary>
internal sealed class SimulatedStore
{
    private readonly Dictionary<string, Stored> _machines = new(StringComparer.Ordinal);

    public IEnumerable<string> Machines => _machines.Keys;

    public long TagOf(string machine) => _machines.TryGetValue(machine, out Stored? stored) ? stored.Tag : 0;

    public bool Accepts(MachineWrite write) => TagOf(write.Machine) == write.ExpectedTag;

    public void Apply(MachineWrite write)
    {
        if (!_machines.TryGetValue(write.Machine, out Stored? stored))
        {
            _machines[write.Machine] = stored = new Stored();
        }

        stored.Tag++;
        stored.Node = write.Node ?? stored.Node;
        foreach ((PipelineRecord record, byte[]? json) in write.Records)
        {
            if (json is null)
            {
                stored.Records.Remove(record);
            }
            else
            {
                stored.Records[record] = json;
            }
        }
    }

    public byte[]? NodeOf(string machine) => _machines.TryGetValue(machine, out Stored? stored) ? stored.Node : null;

    public IReadOnlyDictionary<PipelineRecord, byte[]> RecordsOf(string machine) =>
        _machines.TryGetValue(machine, out Stored? stored) ? stored.Records : Stored.None;

    /// <summary>The pipeline machine's state as it was written.</summary>
    public PipelineState LoadPipeline(PipelineDefinition definition)
    {
        PipelineState state = PipelineMachine.InitialState(definition);
        foreach ((PipelineRecord record, byte[] json) in RecordsOf(definition.RootId))
        {
            switch (record.Kind)
            {
                case PipelineRecordKind.Scope:
                    state.Scopes[record.Id] = MachineJson.ReadScopeState(json);
                    break;
                case PipelineRecordKind.Token:
                    state.Tokens[record.Id] = MachineJson.ReadToken(json);
                    break;
                case PipelineRecordKind.Context:
                    state.SetContext(record.Id, MachineJson.ReadContextEntry(json).Entry);
                    break;
                case PipelineRecordKind.RawInputs:
                    state.RawInputs[record.Id] = MachineJson.ReadRawInputs(json, definition.Settings.Expressions);
                    break;
            }
        }

        return state;
    }

    /// <summary>A node's state as it was written; null where it has none.</summary>
    public NodeState? LoadNode(string machine) => NodeOf(machine) is { } json ? MachineJson.ReadNodeState(json) : null;

    /// <summary>The bytes of one record of a pipeline machine; null where it is gone.</summary>
    public static byte[]? Write(PipelineState state, PipelineRecord record) => record.Kind switch
    {
        PipelineRecordKind.Scope => MachineJson.Write(state.Scopes[record.Id]),
        PipelineRecordKind.Token => state.Tokens.TryGetValue(record.Id, out Token? token) ? MachineJson.Write(token) : null,
        PipelineRecordKind.Context => MachineJson.Write(record.Id, state.ContextOf(record.Id)[record.Key]),
        PipelineRecordKind.RawInputs => MachineJson.Write(state.RawInputs[record.Id]),
        _ => throw new InvalidOperationException($"unknown record {record}"),
    };

    private sealed class Stored
    {
        public static readonly Dictionary<PipelineRecord, byte[]> None = [];

        public long Tag { get; set; }

        public byte[]? Node { get; set; }

        public Dictionary<PipelineRecord, byte[]> Records { get; } = [];
    }
}
