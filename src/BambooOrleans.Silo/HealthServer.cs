using System.Net.Sockets;
using BambooOrleans.Cluster;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace BambooOrleans.Silo;

/// <summary>
/// Answers <c>/health/live</c> and <c>/health/ready</c>. It is a host of its own, so that it answers while the silo joins and while it
/// shuts down.
/// </summary>
internal static class HealthServer
{
    /// <summary>Starts to answer.</summary>
    /// <exception cref="SiloException">The port is taken.</exception>
    public static async Task<WebApplication> StartAsync(ClusterSettings settings, SiloHealth health, CancellationToken cancellationToken)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options => options.ListenAnyIP(settings.HealthPort));
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        SiloLogging.Configure(builder.Logging, LogLevel.Warning);

        WebApplication server = builder.Build();
        server.MapGet("/health/live", () => Results.Text("live"));
        server.MapGet("/health/ready", async (CancellationToken aborted) =>
        {
            HealthReport report = await health.ReportAsync(aborted);
            return Results.Json(
                report, statusCode: report.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        });
        try
        {
            await server.StartAsync(cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch (Exception failure) when (failure is IOException or SocketException)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw new SiloException($"healthPort {settings.HealthPort} cannot be listened on: {failure.Message}", failure);
        }
    }

    // The signals are the silo's.
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
