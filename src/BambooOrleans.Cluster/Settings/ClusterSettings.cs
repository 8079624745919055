using BambooOrleans.Storage;

namespace BambooOrleans.Cluster;

/// <summary>
/// What a silo is told: the content of <c>silo.json</c>, over which environment variables go (<see cref="SettingsReader"/>).
/// Every setting but the connection string has a default that suits production. Times are <c>hours:minutes:seconds</c>.
/// </summary>
public sealed record ClusterSettings
{
    /// <summary>Silos and clients with the same cluster id find each other.</summary>
    public string ClusterId { get; init; } = "bamboo";

    /// <summary>Names the service in storage; it outlives the clusters that serve it, and must not change while pipelines are stored.</summary>
    public string ServiceId { get; init; } = "bamboo";

    /// <summary>What this silo is called in logs and in the table of silos; null for the host's name and the silo port.</summary>
    public string? SiloName { get; init; }

    /// <summary>The address or host name at which the other silos and clients reach this one; null for the host's own address.</summary>
    public string? AdvertisedAddress { get; init; }

    /// <summary>The port on which silos talk to this one.</summary>
    public int SiloPort { get; init; } = 11111;

    /// <summary>The port on which clients talk to this one.</summary>
    public int GatewayPort { get; init; } = 30000;

    /// <summary>The port of <c>/health/live</c> and <c>/health/ready</c>.</summary>
    public int HealthPort { get; init; } = 8080;

    /// <summary>The PostgreSQL database, for every part below that names none of its own.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>How silos find each other.</summary>
    public ClusteringSettings Clustering { get; init; } = new();

    /// <summary>Where grains keep their states.</summary>
    public StorageSettings Storage { get; init; } = new();

    /// <summary>Where reminders are kept.</summary>
    public ReminderSettings Reminders { get; init; } = new();

    /// <summary>Where the engine's own tables are: the index, the journal, histories, contexts.</summary>
    public DatabaseSettings Database { get; init; } = new();

    /// <summary>What decides how pipelines behave; every silo of a cluster must say the same.</summary>
    public EngineBehaviorSettings Engine { get; init; } = new();

    /// <summary>What bounds the work of this silo.</summary>
    public LimitSettings Limits { get; init; } = new();

    /// <summary>How fast a silo that died is found out.</summary>
    public FailureDetectionSettings FailureDetection { get; init; } = new();

    /// <summary>How pipelines are found that nobody drives.</summary>
    public WakeSettings Wake { get; init; } = new();

    /// <summary>How long finished pipelines are kept; every silo of a cluster must say the same.</summary>
    public RetentionSettings Retention { get; init; } = new();

    /// <summary>What the built-in components may do that is not safe everywhere.</summary>
    public BuiltInSettings BuiltIn { get; init; } = new();

    /// <summary>How <c>bamboo-silo serve</c> answers over HTTP.</summary>
    public HttpSettings Http { get; init; } = new();

    /// <summary>Where measurements and traces go.</summary>
    public TelemetrySettings Telemetry { get; init; } = new();

    /// <summary>
    /// The files of assemblies whose public components, lazy variables and end events pipelines may name, beside the built-in
    /// ones. A path that is not absolute starts at the settings file.
    /// </summary>
    public IReadOnlyList<string> Components { get; init; } = [];

    /// <summary>What this silo is called: what is set, or the host's name and the silo port.</summary>
    public string NameOfSilo() =>
        SiloName ?? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Environment.MachineName}-{SiloPort}");

    /// <summary>The connection string of the table of silos, in the form that its ADO.NET provider takes.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public string ClusteringConnectionString() => Connection(Clustering.ConnectionString, Clustering.Invariant, "clustering");

    /// <summary>The connection string of the table of grain states, in the form that its ADO.NET provider takes.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public string StorageConnectionString() => Connection(Storage.ConnectionString, Storage.Invariant, "storage");

    /// <summary>The connection string of the table of reminders, in the form that its ADO.NET provider takes.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public string RemindersConnectionString() => Connection(Reminders.ConnectionString, Reminders.Invariant, "reminders");

    /// <summary>The connection string of the engine's own tables, in Npgsql's form.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public string DatabaseConnectionString() => Connection(Database.ConnectionString, AdoNetInvariants.Npgsql, "database");

    // Parts that name the same database get the same text, and so share a pool of connections.
    private string Connection(string? own, string invariant, string part)
    {
        string given = own ?? ConnectionString
            ?? throw new InvalidOperationException($"neither {part}.connectionString nor connectionString is set");
        return invariant == AdoNetInvariants.Npgsql ? PostgresConnectionString.Parse(given) : given;
    }
}

/// <summary>How silos find each other.</summary>
public sealed record ClusteringSettings
{
    /// <summary>A table that all silos read and write, or this machine only.</summary>
    public ClusteringKind Kind { get; init; } = ClusteringKind.AdoNet;

    /// <summary>The ADO.NET provider of the table of silos.</summary>
    public string Invariant { get; init; } = AdoNetInvariants.Npgsql;

    /// <summary>The database with the table of silos; null for the shared one.</summary>
    public string? ConnectionString { get; init; }
}

/// <summary>The ways in which silos find each other.</summary>
public enum ClusteringKind
{
    /// <summary>A database has the table of silos.</summary>
    AdoNet,

    /// <summary>Silos of this machine only, the first of them at port 11111 with the table in its memory. For development.</summary>
    Localhost,
}

/// <summary>Where grains keep their states.</summary>
public sealed record StorageSettings
{
    /// <summary>How states are written.</summary>
    public StorageKind Kind { get; init; } = StorageKind.AdoNet;

    /// <summary>The ADO.NET provider of the table of states.</summary>
    public string Invariant { get; init; } = AdoNetInvariants.Npgsql;

    /// <summary>The database with the table of states; null for the shared one.</summary>
    public string? ConnectionString { get; init; }
}

/// <summary>The ways in which states are written.</summary>
public enum StorageKind
{
    /// <summary>Orleans' ADO.NET grain storage: one statement and one commit a write.</summary>
    AdoNet,

    /// <summary>The engine's own tables (<see cref="ClusterSettings.Database"/>): many grains' writes in one commit, and no second copy.</summary>
    GroupCommit,
}

/// <summary>What a way to write states means for the engine's own tables.</summary>
public static class StorageKinds
{
    /// <summary>Where a cluster with this storage has its states.</summary>
    public static ClusterStates ToClusterStates(this StorageKind kind) =>
        kind == StorageKind.GroupCommit ? ClusterStates.InTables : ClusterStates.InGrainStorage;
}

/// <summary>Where reminders are kept.</summary>
public sealed record ReminderSettings
{
    /// <summary>How reminders are kept.</summary>
    public ReminderKind Kind { get; init; } = ReminderKind.AdoNet;

    /// <summary>The ADO.NET provider of the table of reminders.</summary>
    public string Invariant { get; init; } = AdoNetInvariants.Npgsql;

    /// <summary>The database with the table of reminders; null for the shared one.</summary>
    public string? ConnectionString { get; init; }
}

/// <summary>The ways in which reminders are kept.</summary>
public enum ReminderKind
{
    /// <summary>A database has the table of reminders.</summary>
    AdoNet,
}

/// <summary>Where the engine's own tables are.</summary>
public sealed record DatabaseSettings
{
    /// <summary>The PostgreSQL database with the engine's own tables; null for the shared one.</summary>
    public string? ConnectionString { get; init; }
}

/// <summary>What decides how pipelines behave.</summary>
public sealed record EngineBehaviorSettings
{
    /// <summary>How many times a node may be entered again.</summary>
    public int NodeRerunLimit { get; init; } = 100;

    /// <summary>Which branches an exclusive gateway that says nothing itself takes.</summary>
    public Core.ExclusiveGatewayStrategy ExclusiveGatewayStrategy { get; init; } = Core.ExclusiveGatewayStrategy.Only;

    /// <summary>Added to the loop numbers that inputs show.</summary>
    public int RerunIndexOffset { get; init; }
}

/// <summary>What bounds the work of one silo.</summary>
public sealed record LimitSettings
{
    /// <summary>How many calls of user code run at once; the others wait.</summary>
    public int UserCodeConcurrencyMax { get; init; } = 256;

    /// <summary>The longest that a component may run that does not say so itself.</summary>
    public TimeSpan ComponentTimeLimit { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a silo that shuts down waits for running components; those that run longer are cut off, and run again elsewhere.</summary>
    public TimeSpan CloseTimeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest that a shutdown may take from the signal on; a pod's grace period must be longer.</summary>
    public TimeSpan ShutdownTimeLimit { get; init; } = TimeSpan.FromSeconds(25);

    /// <summary>How long a grain that does nothing stays in memory.</summary>
    public TimeSpan GrainCollectionAge { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The largest submission in bytes of its JSON.</summary>
    public int SubmissionBytesMax { get; init; } = 16 * 1024 * 1024;
}

/// <summary>How fast a silo that died is found out.</summary>
public sealed record FailureDetectionSettings
{
    /// <summary>How often each silo asks others whether they are there, and how long it waits for the answer.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many answers in a row may be missing before a silo is voted dead.</summary>
    public int MissedProbesMax { get; init; } = 3;

    /// <summary>How often each silo writes that it is there. One that has not for three times as long does not keep others from joining.</summary>
    public TimeSpan AliveUpdatePeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a silo tries to join before its program ends with an error.</summary>
    public TimeSpan JoinTimeLimit { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>How pipelines are found that nobody drives.</summary>
public sealed record WakeSettings
{
    /// <summary>How often each silo looks for pipelines whose silo died and for timers that are due.</summary>
    public TimeSpan ScanPeriod { get; init; } = TimeSpan.FromSeconds(5);
}

/// <summary>How long finished pipelines are kept.</summary>
public sealed record RetentionSettings
{
    /// <summary>How long pipelines are kept that finished or were revoked, before they are removed with all that belongs to them; null for ever.</summary>
    public TimeSpan? KeepFinished { get; init; }

    /// <summary>How often the cluster looks for pipelines that have been kept long enough.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);
}

/// <summary>What the built-in components may do that is not safe everywhere: whoever can submit a pipeline can do it.</summary>
public sealed record BuiltInSettings
{
    /// <summary>Whether <c>shell</c> may run commands.</summary>
    public bool AllowShell { get; init; }

    /// <summary>Whether <c>http_request</c> and <c>http_poll</c> may call private, loopback and link-local addresses.</summary>
    public bool AllowPrivateAddresses { get; init; }
}

/// <summary>How a server before the cluster answers over HTTP. Files that are not absolute start at the settings file.</summary>
public sealed record HttpSettings
{
    /// <summary>An address and a port. Beyond loopback only with <see cref="KeyFile"/> or <see cref="Jwt"/>.</summary>
    public string Listen { get; init; } = "127.0.0.1:8420";

    /// <summary>The file of API keys that <c>bamboo key</c> made; null for none.</summary>
    public string? KeyFile { get; init; }

    /// <summary>A file of at least 32 random bytes, so that outside systems call back with a token instead of a key; null for none.</summary>
    public string? CallbackSecretFile { get; init; }

    /// <summary>How many requests a second each key, user or address may make.</summary>
    public int RequestsPerSecond { get; init; } = 500;

    /// <summary>Tokens of an identity provider.</summary>
    public JwtSettings Jwt { get; init; } = new();
}

/// <summary>How JSON Web Tokens are verified; none are taken where no key file is named.</summary>
public sealed record JwtSettings
{
    /// <summary>The keys that sign them: a key set (JWKS), or PEM.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Who must have issued them.</summary>
    public string? Issuer { get; init; }

    /// <summary>Whom they must be for.</summary>
    public string? Audience { get; init; }

    /// <summary>The claim that has the role: viewer, operator or admin.</summary>
    public string RoleClaim { get; init; } = "role";
}

/// <summary>Where measurements and traces go.</summary>
public sealed record TelemetrySettings
{
    /// <summary>The URL of an OpenTelemetry collector; null for what the variables <c>OTEL_*</c> say.</summary>
    public string? OtlpEndpoint { get; init; }
}
