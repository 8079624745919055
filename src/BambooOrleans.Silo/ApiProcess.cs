using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using BambooOrleans.Cluster;
using BambooOrleans.Server;
using BambooOrleans.Server.Security;
using BambooOrleans.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Orleans.Runtime;

namespace BambooOrleans.Silo;

/// <summary>The HTTP API before a cluster: a client of the silos that keeps nothing itself.</summary>
internal static partial class ApiProcess
{
    /// <summary>Answers until SIGTERM or SIGINT.</summary>
    /// <exception cref="SiloException">It did not reach the cluster in time, or a file that the settings name cannot be read.</exception>
    /// <exception cref="ServerException">It cannot listen as the settings say.</exception>
    public static async Task RunAsync(ClusterSettings settings, CancellationToken cancellationToken)
    {
        using CancellationTokenSource stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        BambooServerOptions options = OptionsOf(settings.Http);
        using OtlpExport? telemetry = SiloTelemetry.Start(settings);
        using IHost client = Build(settings);
        ILogger logger = client.Services.GetRequiredService<ILoggerFactory>().CreateLogger("BambooOrleans.Silo");
        try
        {
            await client.StartAsync(stopping.Token).ConfigureAwait(false);
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure)
        {
            throw new SiloException($"the cluster {settings.ClusterId} cannot be reached: {Reason(failure.GetBaseException())}", failure);
        }

        try
        {
            BambooServer server = await BambooServer.StartAsync(
                client.Services.GetRequiredService<IBambooEngine>(), options, client.Services.GetRequiredService<ILoggerProvider>(), stopping.Token)
                .ConfigureAwait(false);
            await using ConfiguredAsyncDisposable untilTheEnd = server.ConfigureAwait(false);
            LogStarted(logger, settings.ClusterId, server.Addresses[0]);
            await Task.Delay(Timeout.Infinite, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        finally
        {
            await client.StopAsync(CancellationToken.None).ConfigureAwait(false);
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stopping.Cancel();
        }
    }

    private static IHost Build(ClusterSettings settings)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        SiloLogging.Configure(builder.Logging, LogLevel.Information);
        builder.UseOrleansClient(client =>
        {
            client.UseBambooClustering(settings);
            client.UseConnectionRetryFilter(new Patience(settings.FailureDetection.JoinTimeLimit).AllowsAsync);
            if (settings.Telemetry.OtlpEndpoint is not null)
            {
                client.AddActivityPropagation();
            }
        });
        builder.Services.AddBambooClient();
        return builder.Build();
    }

    private static string Reason(Exception failure) => failure switch
    {
        SiloUnavailableException => $"no silo of it is in the table of silos, or none answers; is one running with this clusterId and this database? ({failure.Message})",
        PostgresException { SqlState: PostgresErrorCodes.UndefinedTable } => "its database has no table of silos: run bamboo-silo migrate",
        _ => failure.Message,
    };

    private static BambooServerOptions OptionsOf(HttpSettings http) => new()
    {
        Listen = [IPEndPoint.Parse(http.Listen)],
        KeyFile = http.KeyFile is not { } keys || File.Exists(keys)
            ? http.KeyFile
            : throw new SiloException($"http.keyFile is \"{keys}\", which is not there; bamboo key add makes it"),
        CallbackSecret = Secret(http.CallbackSecretFile),
        RequestsPerSecond = http.RequestsPerSecond,
        Jwt = http.Jwt is { KeyFile: { } file, Issuer: { } issuer, Audience: { } audience } jwt
            ? new JwtOptions { KeyFile = file, Issuer = issuer, Audience = audience, RoleClaim = jwt.RoleClaim }
            : null,
    };

    private static ReadOnlyMemory<byte>? Secret(string? file)
    {
        if (file is null)
        {
            return null;
        }

        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new SiloException($"http.callbackSecretFile is \"{file}\", which cannot be read: {failure.Message}", failure);
        }
    }

    [LoggerMessage(LogLevel.Information, "The cluster {Cluster} answers over HTTP at {Address}.")]
    private static partial void LogStarted(ILogger logger, string cluster, Uri address);

    // Silos may still be joining when this starts beside them.
    private sealed class Patience(TimeSpan limit)
    {
        private readonly long _begin = TimeProvider.System.GetTimestamp();

        public async Task<bool> AllowsAsync(Exception failure, CancellationToken cancellationToken)
        {
            if (TimeProvider.System.GetElapsedTime(_begin) >= limit)
            {
                return false;
            }

            await Task.Delay(TimeSpan.FromSeconds(1), cancellationToken).ConfigureAwait(false);
            return true;
        }
    }
}
