using BambooOrleans.Hosting.Wire;
using Microsoft.Extensions.DependencyInjection;

namespace BambooOrleans.Cluster;

/// <summary>The Engine API for applications that call a cluster.</summary>
public static class BambooClient
{
    /// <summary>
    /// Adds <see cref="IBambooEngine"/> over the application's Orleans client, which <c>UseOrleansClient</c> adds: every verb, the
    /// reads and the event stream. Calls that do not reach the cluster answer with <see cref="EngineUnavailableException"/>.
    /// </summary>
    public static IServiceCollection AddBambooClient(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddSingleton<IBambooEngine>(provider => Over(provider.GetRequiredService<IClusterClient>()));
        return services;
    }

    /// <summary>The Engine API over a client that is connected already, or will be.</summary>
    public static IBambooEngine Over(IGrainFactory client)
    {
        ArgumentNullException.ThrowIfNull(client);
        IEngineGrain grain = client.GetGrain<IEngineGrain>(0);
        return new RemoteEngine(async (function, arguments, cancellationToken) =>
        {
            byte[] answer = await grain.CallAsync(function, WireJson.ToUtf8(arguments)).WaitAsync(cancellationToken).ConfigureAwait(false);
            return WireJson.Parse(answer);
        });
    }
}
