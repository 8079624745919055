using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using BambooOrleans.Cluster;
using BambooOrleans.Components.BuiltIn;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;
using BambooOrleans.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace BambooOrleans.Silo;

/// <summary>The life of one silo: health first, then the silo, until a signal; then not ready, the silo, and health last.</summary>
internal static partial class SiloProcess
{
    /// <summary>Runs a silo until SIGTERM or SIGINT.</summary>
    /// <returns>0 after a shutdown in time, otherwise 1.</returns>
    /// <exception cref="SiloException">It did not start.</exception>
    public static async Task<int> RunAsync(ClusterSettings settings, ComponentRegistry registry, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        SiloHealth health = new(settings, TimeProvider.System);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);

        WebApplication server = await HealthServer.StartAsync(settings, health, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable untilTheEnd = server.ConfigureAwait(false);
        using OtlpExport? telemetry = SiloTelemetry.Start(settings);
        IClusterStore store;
        try
        {
            store = await OpenAsync(settings, stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            return 0;
        }

        await using ConfiguredAsyncDisposable afterTheSilo = store.ConfigureAwait(false);
        using IHost silo = Build(settings, registry, store, telemetry is not null);
        ILogger logger = silo.Services.GetRequiredService<ILoggerFactory>().CreateLogger("BambooOrleans.Silo");
        SiloPorts.RequireFree(silo.Services.GetRequiredService<IOptions<EndpointOptions>>().Value);
        health.Silo = silo.Services.GetRequiredService<ISiloStatusOracle>();
        try
        {
            await silo.StartAsync(stopping.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (stopping.IsCancellationRequested)
        {
            LogStoppedWhileStarting(logger, failure);
            return 0;
        }
        catch (Exception failure)
        {
            LogNotStarted(logger, failure);
            throw new SiloException($"the silo did not start: {failure.GetBaseException().Message}", failure);
        }

        LogStarted(logger, settings.NameOfSilo(), settings.ClusterId, settings.SiloPort, settings.GatewayPort, settings.HealthPort);
        await Task.Delay(Timeout.Infinite, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await StopAsync(silo, settings.Limits.ShutdownTimeLimit, logger).ConfigureAwait(false) ? 0 : 1;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            health.IsStopping = true;
            stopping.Cancel();
        }
    }

    private static async Task<IClusterStore> OpenAsync(ClusterSettings settings, CancellationToken cancellationToken)
    {
        try
        {
            return await PostgresClusterStore.OpenAsync(
                settings.DatabaseConnectionString(),
                settings.Storage.Kind.ToClusterStates(),
                cancellationToken).ConfigureAwait(false);
        }
        catch (StoreUnavailableException failure)
        {
            string other = settings.Storage.Kind == StorageKind.GroupCommit ? "adonet" : "group-commit";
            string advice = failure.Code == "store.other-states" ? $": set storage.kind to \"{other}\", or let them finish first" : "";
            throw new SiloException($"the silo did not start: {failure.Message}{advice}", failure);
        }
    }

    private static IHost Build(ClusterSettings settings, ComponentRegistry registry, IClusterStore store, bool isTraced)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        SiloLogging.Configure(builder.Logging, LogLevel.Information);
        builder.Services.AddBuiltInComponents(
            new HttpComponentOptions { AllowPrivateAddresses = settings.BuiltIn.AllowPrivateAddresses },
            new ShellOptions { IsEnabled = settings.BuiltIn.AllowShell });
        builder.UseOrleans(silo =>
        {
            silo.AddBamboo(settings, registry, store);
            if (isTraced)
            {
                silo.AddActivityPropagation();
            }
        });
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = settings.Limits.ShutdownTimeLimit);
        return builder.Build();
    }

    // A silo that does not stop in time is left where it stands: its grains are activated elsewhere, as after a death.
    private static async Task<bool> StopAsync(IHost silo, TimeSpan timeLimit, ILogger logger)
    {
        LogStopping(logger, timeLimit);
        using CancellationTokenSource limit = new(timeLimit);
        try
        {
            await silo.StopAsync(limit.Token).WaitAsync(timeLimit + TimeSpan.FromSeconds(1)).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            LogNotStoppedWell(logger, failure);
            return false;
        }

        LogStopped(logger);
        return !limit.IsCancellationRequested;
    }

    [LoggerMessage(LogLevel.Information, "The silo {Silo} of the cluster {Cluster} is active: silo port {SiloPort}, gateway {GatewayPort}, health {HealthPort}.")]
    private static partial void LogStarted(ILogger logger, string silo, string cluster, int siloPort, int gatewayPort, int healthPort);

    [LoggerMessage(LogLevel.Error, "The silo did not start.")]
    private static partial void LogNotStarted(ILogger logger, Exception failure);

    [LoggerMessage(LogLevel.Information, "The silo was told to stop while it started.")]
    private static partial void LogStoppedWhileStarting(ILogger logger, Exception failure);

    [LoggerMessage(LogLevel.Information, "The silo is stopping, within {TimeLimit}.")]
    private static partial void LogStopping(ILogger logger, TimeSpan timeLimit);

    [LoggerMessage(LogLevel.Error, "The silo did not stop as it should.")]
    private static partial void LogNotStoppedWell(ILogger logger, Exception failure);

    [LoggerMessage(LogLevel.Information, "The silo has stopped.")]
    private static partial void LogStopped(ILogger logger);
}
