using BambooOrleans.Cluster;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace BambooOrleans.Cluster.Tests.Faults;

/// <summary>Grain storage whose writes go as a script says.</summary>
internal class ScriptedGrainStorage(IGrainStorage inner, StorageScript script, Lifeline lifeline)
    : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle observer) => (inner as ILifecycleParticipant<ISiloLifecycle>)?.Participate(observer);

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await lifeline.ThroughAsync();
        script.OnOther($"read {grainId.Key}");
        await inner.ReadStateAsync(stateName, grainId, grainState);
        await lifeline.ThroughAsync();
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var record = (GrainRecord)(object)grainState.State!;
        GrainContent content = record.Content ?? GrainRecordJson.Read(record.Json, $"{grainId.Key}").Content;
        var write = new GrainWrite(content.RootId, $"{grainId.Key}"[1..], content.Sequence, record.Json.Length);
        await script.OnGrainWrite(write, async () =>
        {
            await lifeline.ThroughAsync();
            await inner.WriteStateAsync(stateName, grainId, grainState);
            await lifeline.ThroughAsync();
        });
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        inner.ClearStateAsync(stateName, grainId, grainState);
}

/// <summary>The same where the shared tables are the storage.</summary>
internal sealed class ScriptedTableStorage(IGrainStorage inner, StorageScript script, Lifeline lifeline)
    : ScriptedGrainStorage(inner, script, lifeline), ITableStorage;
