using BambooOrleans.Cluster;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace BambooOrleans.Silo;

/// <summary>Sends measurements and traces of Orleans, the database driver, the runtime and this engine to an OpenTelemetry collector.</summary>
internal sealed class SiloTelemetry : IDisposable
{
    private readonly MeterProvider? _meters;
    private readonly TracerProvider? _traces;

    private SiloTelemetry(MeterProvider meters, TracerProvider traces)
    {
        _meters = meters;
        _traces = traces;
    }

    /// <summary>Starts to send; null where the settings name no collector. A collector that is away costs nothing but what it misses.</summary>
    public static SiloTelemetry? Start(ClusterSettings settings)
    {
        if (settings.Telemetry.OtlpEndpoint is not { } endpoint)
        {
            return null;
        }

        Uri collector = new(endpoint);
        ResourceBuilder resource = ResourceBuilder.CreateDefault()
            .AddService(settings.ServiceId, serviceInstanceId: settings.NameOfSilo())
            .AddAttributes([KeyValuePair.Create<string, object>("bamboo.cluster.id", settings.ClusterId)]);
        return new SiloTelemetry(
            Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(resource)
                .AddMeter("Microsoft.Orleans", "BambooOrleans", "BambooOrleans.*", "Npgsql", "System.Runtime")
                .AddOtlpExporter(options => options.Endpoint = collector)
                .Build(),
            Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(resource)
                .AddSource("Microsoft.Orleans.*", "BambooOrleans", "BambooOrleans.*", "Npgsql")
                .AddOtlpExporter(options => options.Endpoint = collector)
                .Build());
    }

    /// <summary>Sends what is left, for a few seconds at most.</summary>
    public void Dispose()
    {
        _meters?.Dispose();
        _traces?.Dispose();
    }
}
