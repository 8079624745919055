using BambooOrleans.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;

namespace BambooOrleans.Benchmarks;

/// <summary>A grain that does nothing but write its state: what an engine that writes a grain a step cannot be faster than.</summary>
public interface IRawGrain : IGrainWithStringKey
{
    /// <summary>Writes the state a number of times, one after the other.</summary>
    Task WriteAsync(int times);
}

/// <inheritdoc cref="IRawGrain"/>
public sealed class RawGrain([FromKeyedServices(RawGrain.StorageName)] IGrainStorage storage) : Grain, IRawGrain
{
    internal const string StorageName = "raw";

    private const int StateBytes = 1500;

    private readonly GrainState<GrainRecord> _state = new(new GrainRecord());

    /// <inheritdoc/>
    public async Task WriteAsync(int times)
    {
        byte[] state = new byte[StateBytes];
        Array.Fill(state, (byte)'x');
        for (int time = 0; time < times; time++)
        {
            _state.State = new GrainRecord { Json = state };
            await storage.WriteStateAsync("raw", this.GetGrainId(), _state);
        }
    }
}
