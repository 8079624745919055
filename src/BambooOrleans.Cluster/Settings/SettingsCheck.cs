using System.Net;
using BambooOrleans.Storage;

namespace BambooOrleans.Cluster;

/// <summary>What types alone do not say about settings: ranges, and how they go together.</summary>
internal static class SettingsCheck
{
    /// <summary>The first setting that is wrong, and what is wrong with it; nulls where there is none.</summary>
    public static (string? Setting, string? Problem) Find(ClusterSettings settings) => Problems(settings).FirstOrDefault();

    private static IEnumerable<(string? Setting, string? Problem)> Problems(ClusterSettings settings)
    {
        LimitSettings limits = settings.Limits;
        FailureDetectionSettings detection = settings.FailureDetection;
        return
        [
            .. Name("clusterId", settings.ClusterId),
            .. Name("serviceId", settings.ServiceId),
            .. Name("siloName", settings.SiloName),
            .. Name("advertisedAddress", settings.AdvertisedAddress),
            .. When(
                settings.AdvertisedAddress is { } address && IPAddress.TryParse(address, out IPAddress? ip) && ip.Equals(IPAddress.Any),
                "advertisedAddress", $"is {settings.AdvertisedAddress}, at which nobody can reach a silo"),
            .. Port("siloPort", settings.SiloPort),
            .. Port("gatewayPort", settings.GatewayPort),
            .. Port("healthPort", settings.HealthPort),
            .. When(settings.GatewayPort == settings.SiloPort, "gatewayPort", $"is {settings.GatewayPort}, and siloPort too"),
            .. When(settings.HealthPort == settings.SiloPort, "healthPort", $"is {settings.HealthPort}, and siloPort too"),
            .. When(settings.HealthPort == settings.GatewayPort, "healthPort", $"is {settings.HealthPort}, and gatewayPort too"),
            .. Postgres("connectionString", settings.ConnectionString),
            .. settings.Clustering.Kind == ClusteringKind.AdoNet
                ? AdoNet(settings, "clustering", settings.Clustering.Invariant, settings.Clustering.ConnectionString)
                : [],
            .. settings.Storage.Kind == StorageKind.AdoNet
                ? AdoNet(settings, "storage", settings.Storage.Invariant, settings.Storage.ConnectionString)
                : When(
                    settings.Storage.ConnectionString is not null,
                    "storage.connectionString", "is given, but storage.kind \"group-commit\" keeps states in the tables of database.connectionString"),
            .. AdoNet(settings, "reminders", settings.Reminders.Invariant, settings.Reminders.ConnectionString),
            .. AdoNet(settings, "database", AdoNetInvariants.Npgsql, settings.Database.ConnectionString),
            .. AtLeast("engine.nodeRerunLimit", settings.Engine.NodeRerunLimit, 0),
            .. AtLeast("engine.rerunIndexOffset", settings.Engine.RerunIndexOffset, 0),
            .. AtLeast("limits.userCodeConcurrencyMax", limits.UserCodeConcurrencyMax, 1),
            .. Time("limits.componentTimeLimit", limits.ComponentTimeLimit, TimeSpan.FromSeconds(1)),
            .. Time("limits.closeTimeLimit", limits.CloseTimeLimit, TimeSpan.Zero),
            .. Time("limits.shutdownTimeLimit", limits.ShutdownTimeLimit, TimeSpan.FromSeconds(1)),
            .. When(
                limits.ShutdownTimeLimit <= limits.CloseTimeLimit,
                "limits.shutdownTimeLimit", $"is {limits.ShutdownTimeLimit}, and has to be longer than limits.closeTimeLimit ({limits.CloseTimeLimit})"),

            // Orleans looks for idle grains once a minute, and refuses an age that is not longer.
            .. Time("limits.grainCollectionAge", limits.GrainCollectionAge, TimeSpan.FromSeconds(61)),
            .. AtLeast("limits.submissionBytesMax", limits.SubmissionBytesMax, 1024),
            .. Time("failureDetection.probeTimeout", detection.ProbeTimeout, TimeSpan.FromMilliseconds(100)),
            .. AtLeast("failureDetection.missedProbesMax", detection.MissedProbesMax, 1),
            .. Time("failureDetection.aliveUpdatePeriod", detection.AliveUpdatePeriod, TimeSpan.FromSeconds(1)),
            .. Time("failureDetection.joinTimeLimit", detection.JoinTimeLimit, TimeSpan.FromSeconds(1)),
            .. When(
                detection.JoinTimeLimit <= 3 * detection.AliveUpdatePeriod,
                "failureDetection.joinTimeLimit",
                $"is {detection.JoinTimeLimit}, and has to be longer than three times failureDetection.aliveUpdatePeriod ({detection.AliveUpdatePeriod}), "
                    + "so that silos that are all gone do not keep new ones from joining"),
            .. Time("wake.scanPeriod", settings.Wake.ScanPeriod, TimeSpan.FromMilliseconds(100)),
            .. When(settings.Retention.KeepFinished < TimeSpan.Zero, "retention.keepFinished", $"is {settings.Retention.KeepFinished}, and has to be 00:00:00 or more"),
            .. Time("retention.interval", settings.Retention.Interval, TimeSpan.FromMilliseconds(100)),
            .. When(
                !(IPEndPoint.TryParse(settings.Http.Listen, out IPEndPoint? at) && settings.Http.Listen.EndsWith($":{at.Port}", StringComparison.Ordinal)),
                "http.listen", $"is \"{settings.Http.Listen}\", and has to be an address and a port, such as 127.0.0.1:8420 or [::]:8420"),
            .. Name("http.keyFile", settings.Http.KeyFile),
            .. Name("http.callbackSecretFile", settings.Http.CallbackSecretFile),
            .. AtLeast("http.requestsPerSecond", settings.Http.RequestsPerSecond, 1),
            .. Jwt(settings.Http.Jwt),
            .. When(
                settings.Telemetry.OtlpEndpoint is { } endpoint
                    && !(Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https"),
                "telemetry.otlpEndpoint", $"is \"{settings.Telemetry.OtlpEndpoint}\", and has to be a URL that starts with http:// or https://"),
            .. settings.Components.SelectMany((file, index) => Name($"components.{index}", file)),
        ];
    }

    private static IEnumerable<(string? Setting, string? Problem)> When(bool isWrong, string setting, string problem) =>
        isWrong ? [(setting, problem)] : [];

    private static IEnumerable<(string? Setting, string? Problem)> Name(string setting, string? value) =>
        When(value is not null && string.IsNullOrWhiteSpace(value), setting, "is empty");

    private static IEnumerable<(string? Setting, string? Problem)> Port(string setting, int value) =>
        When(value is < 1 or > 65535, setting, $"is {value}, and a port is from 1 to 65535");

    private static IEnumerable<(string? Setting, string? Problem)> AtLeast(string setting, int value, int least) =>
        When(value < least, setting, $"is {value}, and has to be {least} or more");

    private static IEnumerable<(string? Setting, string? Problem)> Time(string setting, TimeSpan value, TimeSpan least)
    {
        // Timers of the platform go no further.
        TimeSpan most = TimeSpan.FromDays(49);
        return When(value < least || value > most, setting, $"is {value}, and has to be from {least} to {most}");
    }

    private static IEnumerable<(string? Setting, string? Problem)> Jwt(JwtSettings jwt) =>
    [
        .. Name("http.jwt.keyFile", jwt.KeyFile),
        .. Name("http.jwt.issuer", jwt.Issuer),
        .. Name("http.jwt.audience", jwt.Audience),
        .. Name("http.jwt.roleClaim", jwt.RoleClaim),
        .. When(jwt.KeyFile is null && (jwt.Issuer ?? jwt.Audience) is not null, "http.jwt.keyFile", "is missing, but http.jwt.issuer or http.jwt.audience is given"),
        .. When(jwt.KeyFile is not null && jwt.Issuer is null, "http.jwt.issuer", "is missing: http.jwt.keyFile needs it"),
        .. When(jwt.KeyFile is not null && jwt.Audience is null, "http.jwt.audience", "is missing: http.jwt.keyFile needs it"),
    ];

    private static IEnumerable<(string? Setting, string? Problem)> AdoNet(ClusterSettings settings, string part, string invariant, string? own)
    {
        string setting = $"{part}.connectionString";
        if (!AdoNetInvariants.Drivers.ContainsKey(invariant))
        {
            return [($"{part}.invariant", $"is \"{invariant}\", and has to be one of {string.Join(", ", AdoNetInvariants.Drivers.Keys.Select(name => $"\"{name}\""))}")];
        }

        if (invariant != AdoNetInvariants.Npgsql)
        {
            return string.IsNullOrWhiteSpace(own)
                ? [(setting, $"is missing: {part}.invariant is \"{invariant}\", and the shared connectionString is PostgreSQL's")]
                : [];
        }

        return own is null && settings.ConnectionString is null
            ? [("connectionString", $"is missing: it names the PostgreSQL database, and {setting} does not either")]
            : Postgres(setting, own);
    }

    private static IEnumerable<(string? Setting, string? Problem)> Postgres(string setting, string? value)
    {
        if (string.IsNullOrWhiteSpace(value))
        {
            return Name(setting, value);
        }

        try
        {
            PostgresConnectionString.Parse(value);
            return [];
        }
        catch (ArgumentException failure)
        {
            return [(setting, $"is wrong: {failure.Message.Split(" (Parameter", 2)[0].ReplaceLineEndings(" ")}")];
        }
    }
}
