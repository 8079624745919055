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
using Orleans.Serialization;
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
    public TimeSpan CloseTimeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The largest tree that is taken in, as JSON, in bytes.</summary>
    public int SubmissionBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>How often the cluster looks for pipelines whose silo is gone and for timers that come due.</summary>
    public TimeSpan WakeScanPeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long pipelines are kept that finished or were revoked, before they are removed with all that belongs to them; null for ever.</summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>How often the cluster looks for pipelines that have been kept long enough.</summary>
    public TimeSpan RetentionInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>The engine on a silo.</summary>
public static class BambooSilo
{
    /// <summary>Sets up a silo as <paramref name="settings"/> say, and adds the engine's grains.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="registry">The user code that pipelines may name.</param>
    /// <param name="store">The tables that the silos share, opened; whoever opened them disposes them after the silo.</param>
    public static ISiloBuilder AddBamboo(this ISiloBuilder silo, ClusterSettings settings, ComponentRegistry registry, IClusterStore store)
    {
        ArgumentNullException.ThrowIfNull(settings);
        silo.UseBambooProviders(settings);
        silo.Services.AddSingleton(settings);
        return silo.AddBamboo(store, new BambooSiloOptions
        {
            Registry = registry,
            Settings = new EngineSettings
            {
                NodeRerunLimit = settings.Engine.NodeRerunLimit,
                ExclusiveGatewayStrategy = settings.Engine.ExclusiveGatewayStrategy,
                RerunIndexOffset = settings.Engine.RerunIndexOffset,
            },
            UserCode = new UserCodeOptions
            {
                ConcurrencyMax = settings.Limits.UserCodeConcurrencyMax,
                TimeLimit = settings.Limits.ComponentTimeLimit,
            },
            CloseTimeLimit = settings.Limits.CloseTimeLimit,
            SubmissionBytesMax = settings.Limits.SubmissionBytesMax,
            WakeScanPeriod = settings.Wake.ScanPeriod,
            Retention = settings.Retention.KeepFinished,
            RetentionInterval = settings.Retention.Interval,
        });
    }

    /// <summary>
    /// Adds the engine's grains. The silo needs besides: grain storage under <see cref="BambooProviders.StorageName"/>, whose serializer
    /// is <see cref="CreateStorageSerializer"/>, and reminders.
    /// </summary>
    /// <param name="silo">The silo.</param>
    /// <param name="store">The tables that the silos share, opened; whoever opened them disposes them after the silo.</param>
    /// <param name="options">How the engine runs.</param>
    public static ISiloBuilder AddBamboo(this ISiloBuilder silo, IClusterStore store, BambooSiloOptions? options = null)
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
        services.AddSingleton(KeeperOptions.Default with
        {
            Period = given.WakeScanPeriod, Retention = given.Retention, RetentionInterval = given.RetentionInterval,
        });
        services.AddSingleton(provider => new SiloParts(
            provider.GetRequiredKeyedService<IGrainStorage>(BambooProviders.StorageName),
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

        // The engine's own exceptions go from silo to silo as what they are.
        services.Configure<ExceptionSerializationOptions>(exceptions => exceptions.SupportedNamespacePrefixes.Add(nameof(BambooOrleans)));
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
            _ => executions.StopAsync(options.CloseTimeLimit));
    }
}
