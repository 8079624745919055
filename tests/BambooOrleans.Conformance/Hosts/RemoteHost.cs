using BambooOrleans.Hosting.Wire;

namespace BambooOrleans.Conformance.Hosts;

/// <summary>The engine in this process, called as from another one: every call and every answer goes through UTF-8 JSON.</summary>
public sealed class RemoteHost : IConformanceHost
{
    private readonly EmbeddedHost _host = new();
    private readonly EngineDispatcher _dispatcher = new();

    /// <inheritdoc/>
    public async Task<IBambooEngine> StartAsync(EngineSettings settings)
    {
        IBambooEngine engine = await _host.StartAsync(settings);
        return new RemoteEngine(async (function, arguments, cancellationToken) =>
            WireJson.Parse(await _dispatcher.CallAsync(engine, function, WireJson.ToUtf8(arguments), cancellationToken)));
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
