using BambooOrleans.Core;
using BambooOrleans.Hosting;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;

namespace BambooOrleans.Cluster;

/// <summary>How the engine runs on a silo.</summary>
public sealed record BambooSiloOptions
{
    /// <summary>The user code that pipelines may name; every silo of a cluster has the same.</summary>
    public ComponentRegistry Registry { get; init; } = new();

    /// <summary>The settings that decide how pipelines behave; every silo of a cluster has the same.</summary>
    public EngineSettings Settings { get; init; } = new();

    /// <summary>The limits within which user code runs.</summary>
    public UserCodeOptions UserCode { get; init; } = new();

    /// <summary>How long a shutdown waits for running components; what runs longer is cut off, and another silo runs it again.</summary>
    public TimeSpan ShutdownTimeLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How often the cluster looks for pipelines whose silo is gone and for timers that come due.</summary>
    public TimeSpan WakeScanPeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>The engine on a silo.</summary>
public static class BambooSilo
{
    /// <summary>The name of the grain storage that the grains use; whoever builds the silo adds one under it.</summary>
    public const string StorageName = SiloParts.StorageName;

    /// <summary>
    /// Adds the engine's grains. The silo needs besides: grain storage under <see cref="StorageName"/>, whose serializer is
    /// <see cref="CreateStorageSerializer"/>, and reminders.
    /// </summary>
    /// <param name="silo">The silo.</param>
    /// <param name="store">Makes the tables that the silos share; the silo disposes them.</param>
    /// <param name="options">How the engine runs.</param>
    public static ISiloBuilder AddBamboo(
        this ISiloBuilder silo, Func<IServiceProvider, IClusterStore> store, BambooSiloOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentNullException.ThrowIfNull(store);
        BambooSiloOptions given = options ?? new BambooSiloOptions();
        IServiceCollection services = silo.Services;
        services.AddSingleton(store);
        services.AddSingleton(given);
        services.AddSingleton(provider => new UserCode(given.Registry, provider, given.UserCode, given.Settings));
        services.AddSingleton(new SubmissionCheck(given.Registry, given.Settings));
        services.AddSingleton<Executions>();
        services.AddSingleton<IExecutionsClient, ExecutionsClient>();
        services.AddSingleton<Deliverer>();
        services.AddSingleton<Definitions>();
        services.AddSingleton<LivePipelines>();
        services.AddSingleton(KeeperOptions.Default with { Period = given.WakeScanPeriod });
        services.AddSingleton(provider => new SiloParts(
            provider.GetRequiredKeyedService<IGrainStorage>(StorageName),
            provider.GetRequiredService<IClusterStore>(),
            provider.GetRequiredService<Deliverer>(),
            provider.GetRequiredService<Executions>(),
            provider.GetRequiredService<IExecutionsClient>(),
            provider.GetRequiredService<Definitions>(),
            provider.GetRequiredService<SubmissionCheck>(),
            provider.GetRequiredService<LivePipelines>(),
            given.Settings,
            given.Time,
            provider.GetRequiredService<ILoggerFactory>().CreateLogger<MachineGrain>()));
        services.TryAddSingleton(_ => new EngineDispatcher(given.Time));
        services.AddSingleton<SiloEngine>();
        services.AddHostedService<DeathWatch>();
        silo.AddGrainService<ExecutionsService>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, Shutdown>();
        return silo;
    }

    /// <summary>What writes the states of the engine's grains: JSON without type names, with a schema number in it.</summary>
    public static IGrainStorageSerializer CreateStorageSerializer() => new GrainRecordSerializer();

    // Running components end before the grains that they answer go away.
    private sealed class Shutdown(Executions executions, BambooSiloOptions options) : ILifecycleParticipant<ISiloLifecycle>
    {
        public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
            nameof(BambooSilo),
            ServiceLifecycleStage.Active,
            _ => Task.CompletedTask,
            _ => executions.StopAsync(options.ShutdownTimeLimit));
    }
}
