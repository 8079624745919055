using System.Globalization;
using BambooOrleans.Core.Machines;
using BambooOrleans.Storage;
using Orleans.Runtime;
using Orleans.Storage;

namespace BambooOrleans.Cluster;

/// <summary>Grain storage that keeps states in the tables that silos share, so that a write needs no delivery and no log.</summary>
internal interface ITableStorage : IGrainStorage;

/// <summary>
/// Grain storage in the engine's own tables: what many grains decided is committed by one statement a table, each write under the
/// version check of its machine. There is no second copy to deliver: the tables that readers see are the state.
/// </summary>
internal sealed class GroupCommitStorage(IClusterStore store, Deliverer deliverer) : ITableStorage
{
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        GrainState<GrainRecord> state = StateOf(grainState);
        StoredMachine? machine = stateName == NodeGrain.Name
            ? await store.ReadMachineAsync(MachineGrain.IdOf(grainId), CancellationToken.None)
            : null;
        state.RecordExists = machine is not null;
        state.ETag = machine?.Sequence.ToString(CultureInfo.InvariantCulture);
        state.State = machine is null ? new GrainRecord() : new GrainRecord
        {
            Content = new GrainContent(machine.RootId, machine.Root, machine.Sequence)
            {
                State = machine.State,
                Data = machine.Data is { } data ? MachineJson.ReadExecutionData(data.Span) : null,
                IsDataApart = machine.Data is not null,
                Timer = machine.Timer,
            },
        };
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        GrainState<GrainRecord> state = StateOf(grainState);
        MachineWrite write = state.State?.Write
            ?? throw new InvalidOperationException($"the state of {grainId} does not say what is to be written");
        await deliverer.WriteAsync(write);
        state.RecordExists = true;
        state.ETag = write.Sequence.ToString(CultureInfo.InvariantCulture);
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        throw new NotSupportedException("the states of the engine's grains go with their pipeline, not one by one");

    private static GrainState<GrainRecord> StateOf<T>(IGrainState<T> state) => state as GrainState<GrainRecord>
        ?? throw new NotSupportedException($"{typeof(T)} is no state of this engine's grains");
}
