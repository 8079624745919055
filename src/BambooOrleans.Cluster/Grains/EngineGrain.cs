using BambooOrleans.Hosting.Wire;
using Orleans.Concurrency;

namespace BambooOrleans.Cluster;

/// <summary>Where callers outside of the cluster come in: the functions of the Engine API by name, on whichever silo they reach.</summary>
public interface IEngineGrain : IGrainWithIntegerKey
{
    /// <summary>Calls a function of the Engine API.</summary>
    /// <param name="function">Its name.</param>
    /// <param name="arguments">Its arguments by name, as one JSON object in UTF-8.</param>
    /// <returns>The answer, as JSON in UTF-8; see <see cref="EngineDispatcher"/>.</returns>
    [ResponseTimeout("00:01:00")]
    Task<byte[]> CallAsync(string function, [Immutable] byte[] arguments);
}

/// <inheritdoc cref="IEngineGrain"/>
[StatelessWorker]
[Reentrant]
internal sealed class EngineGrain(SiloEngine engine, EngineDispatcher dispatcher) : Grain, IEngineGrain
{
    // On the pool: checking a large tree is not to hold up those who come in after it.
    public Task<byte[]> CallAsync(string function, byte[] arguments) =>
        Task.Run(() => dispatcher.CallAsync(engine, function, arguments.AsMemory()));
}
