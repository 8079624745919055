namespace BambooOrleans.Conformance.Hosts;

/// <summary>
/// A way to run the engine, for one scenario. Every scenario has a host of its own, with a fresh store, so that ids can
/// be used as they were recorded. Disposing it closes the engine and removes its store.
/// </summary>
public interface IConformanceHost : IAsyncDisposable
{
    /// <summary>Starts a fresh engine on which the corpus's components, lazy variables and end events are registered.</summary>
    Task<IBambooEngine> StartAsync(EngineSettings settings);
}
