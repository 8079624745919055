using System.Globalization;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace BambooOrleans.Telemetry;

/// <summary>
/// Sends spans and measurements of this process to an OpenTelemetry collector, as the standard variables <c>OTEL_*</c> and what
/// the program was told say. A collector that is away costs nothing but what it misses.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    private const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string TracesEndpointVariable = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
    private const string MetricsEndpointVariable = "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT";
    private const string ProtocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const int HttpPort = 4318;

    private readonly MeterProvider? _meters;
    private readonly TracerProvider? _traces;

    private OtlpExport(MeterProvider? meters, TracerProvider? traces)
    {
        _meters = meters;
        _traces = traces;
    }

    /// <summary>Starts to send; null where neither the program nor a variable names a collector.</summary>
    /// <param name="service">What the service is called where <c>OTEL_SERVICE_NAME</c> does not say.</param>
    /// <param name="instance">What this process is called among those of the service.</param>
    /// <param name="endpoint">The collector; null for what the variables say.</param>
    /// <param name="protocol"><c>grpc</c> or <c>http/protobuf</c>; null for what the variables say, or else what the port suggests.</param>
    /// <param name="sources">Sources of spans beside the engine's; a * stands for anything.</param>
    /// <param name="meters">Meters beside the engine's.</param>
    /// <param name="attributes">What else is said of this process.</param>
    public static OtlpExport? Start(
        string service,
        string instance,
        Uri? endpoint,
        string? protocol,
        string[] sources,
        string[] meters,
        params KeyValuePair<string, object>[] attributes)
    {
        bool sendsTraces = (endpoint is not null || Says(EndpointVariable) || Says(TracesEndpointVariable)) && !IsNone("OTEL_TRACES_EXPORTER");
        bool sendsMetrics = (endpoint is not null || Says(EndpointVariable) || Says(MetricsEndpointVariable)) && !IsNone("OTEL_METRICS_EXPORTER");
        if (!sendsTraces && !sendsMetrics)
        {
            return null;
        }

        // What the variables say of the service comes last, and holds.
        ResourceBuilder resource = ResourceBuilder.CreateEmpty()
            .AddService(service, serviceVersion: typeof(OtlpExport).Assembly.GetName().Version?.ToString(3), serviceInstanceId: instance)
            .AddAttributes(attributes)
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
        return new OtlpExport(
            !sendsMetrics ? null : Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(resource)
                .AddMeter(["BambooOrleans", "BambooOrleans.*", "Npgsql", "System.Runtime", "System.Net.Http", .. meters])
                .AddOtlpExporter(options => Direct(options, endpoint, protocol, "v1/metrics"))
                .Build(),
            !sendsTraces ? null : Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(resource)
                .AddSource(["BambooOrleans", "BambooOrleans.*", "Npgsql", "System.Net.Http", .. sources])
                .AddOtlpExporter(options => Direct(options, endpoint, protocol, "v1/traces"))
                .Build());
    }

    /// <summary>Where it would send to, in words and as a host and port to try; null where nothing is named.</summary>
    public static Uri? Target(Uri? endpoint) => endpoint
        ?? new[] { EndpointVariable, TracesEndpointVariable, MetricsEndpointVariable }
            .Select(Environment.GetEnvironmentVariable)
            .Where(text => !string.IsNullOrWhiteSpace(text))
            .Select(text => Uri.TryCreate(text, UriKind.Absolute, out Uri? named) ? named : null)
            .FirstOrDefault();

    /// <summary>Sends what is left, for a few seconds at most.</summary>
    public void Dispose()
    {
        _traces?.Dispose();
        _meters?.Dispose();
    }

    // The exporter takes the variables by itself. It adds the path of the signal only to an endpoint that a variable names.
    private static void Direct(OtlpExporterOptions options, Uri? endpoint, string? protocol, string path)
    {
        if (protocol is not null || (endpoint is not null && !Says(ProtocolVariable)))
        {
            options.Protocol = protocol == "http/protobuf" || (protocol is null && endpoint!.Port == HttpPort)
                ? OtlpExportProtocol.HttpProtobuf
                : OtlpExportProtocol.Grpc;
        }

        if (endpoint is not null)
        {
            options.Endpoint = options.Protocol == OtlpExportProtocol.Grpc
                ? endpoint
                : new Uri(string.Create(CultureInfo.InvariantCulture, $"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}"));
        }
    }

    private static bool Says(string variable) => !string.IsNullOrWhiteSpace(Environment.GetEnvironmentVariable(variable));

    private static bool IsNone(string variable) => Environment.GetEnvironmentVariable(variable) == "none";
}
