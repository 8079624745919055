using BambooOrleans.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace BambooOrleans.Cluster;

/// <summary>A whole silo by its settings.</summary>
public static class SiloSettingsExtensions
{
    /// <summary>Sets up a silo as <paramref name="settings"/> say, to run the user code of <paramref name="registry"/>.</summary>
    public static ISiloBuilder AddBamboo(this ISiloBuilder silo, ClusterSettings settings, ComponentRegistry registry)
    {
        ArgumentNullException.ThrowIfNull(registry);
        silo.UseBambooProviders(settings);
        silo.Services.AddSingleton(settings);
        silo.Services.AddSingleton(registry);
        return silo;
    }
}
