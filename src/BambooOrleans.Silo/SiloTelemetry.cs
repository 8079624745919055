using BambooOrleans.Cluster;
using BambooOrleans.Telemetry;

namespace BambooOrleans.Silo;

/// <summary>What a silo sends to a collector beside what every program of the engine does: Orleans, and which cluster it is.</summary>
internal static class SiloTelemetry
{
    /// <summary>Starts to send; null where neither the settings nor the standard variables name a collector.</summary>
    public static OtlpExport? Start(ClusterSettings settings) => OtlpExport.Start(
        settings.ServiceId,
        settings.NameOfSilo(),
        settings.Telemetry.OtlpEndpoint is { } endpoint ? new Uri(endpoint) : null,
        protocol: null,
        ["Microsoft.Orleans.*"],
        ["Microsoft.Orleans"],
        KeyValuePair.Create<string, object>("bamboo.cluster.id", settings.ClusterId));
}
