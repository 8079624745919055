using BambooOrleans.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace BambooOrleans.Cluster;

/// <summary>Adds the engine to a silo.</summary>
public static class BambooSilo
{
    /// <summary>Sets up the silo as <paramref name="settings"/> say, and has it run the user code of <paramref name="registry"/>.</summary>
    public static ISiloBuilder AddBamboo(this ISiloBuilder silo, ClusterSettings settings, ComponentRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        silo.UseBambooProviders(settings);
        silo.Services.AddSingleton(settings);
        silo.Services.AddSingleton(registry);
        return silo;
    }
}
