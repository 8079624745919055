using BambooOrleans.Core;
using BambooOrleans.Hosting;

namespace BambooOrleans.Embedded;

/// <summary>How an embedded engine runs.</summary>
public sealed record EmbeddedEngineOptions
{
    /// <summary>The user code that pipelines may name.</summary>
    public ComponentRegistry Registry { get; init; } = new();

    /// <summary>Where user code gets what its constructors ask for; null for nothing.</summary>
    public IServiceProvider? Services { get; init; }

    /// <summary>The settings that decide how pipelines behave.</summary>
    public EngineSettings Settings { get; init; } = new();

    /// <summary>The limits within which user code runs.</summary>
    public UserCodeOptions UserCode { get; init; } = new();

    /// <summary>How long closing waits for running components; what runs longer is cut off, and runs again at the next opening.</summary>
    public TimeSpan CloseTimeLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a pipeline that does nothing stays in memory.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long to wait before trying again after the store failed; doubled each time up to a minute.</summary>
    public TimeSpan StoreRetryTime { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// How long finished and revoked pipelines are kept; then they are removed, with all that is kept of them. Null, the default, is for ever.
    /// </summary>
    public TimeSpan? Retention { get; init; }

    /// <summary>How often the engine looks for pipelines that were kept long enough.</summary>
    public TimeSpan RetentionInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether and how pipelines that finished are audited; null, the default, for not at all.</summary>
    public AuditOptions? Audit { get; init; }

    /// <summary>How much the engine takes on at once; what is beyond is refused with <c>engine-overloaded</c>.</summary>
    public EngineLimits Limits { get; init; } = new();

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
