using System.Net;
using BambooOrleans.Server.Security;

namespace BambooOrleans.Server;

/// <summary>How a <see cref="BambooServer"/> listens, whom it lets in, and its limits.</summary>
public sealed record BambooServerOptions
{
    /// <summary>The port where none is named.</summary>
    public const int DefaultPort = 8420;

    /// <summary>Where it listens. Port 0 takes a free one. Beyond loopback only with authentication.</summary>
    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [new(IPAddress.Loopback, DefaultPort)];

    /// <summary>The file of API keys; null for none. It is read again when it changes.</summary>
    public string? KeyFile { get; init; }

    /// <summary>API keys that are in no file, such as one that lives as long as the process.</summary>
    public IReadOnlyList<ApiKey> Keys { get; init; } = [];

    /// <summary>How bearer tokens of an identity provider are verified; null where none are taken.</summary>
    public JwtOptions? Jwt { get; init; }

    /// <summary>Whether <see cref="BambooServer.LoginUrl"/> lets one browser in, as an admin.</summary>
    public bool HasLoginLink { get; init; }

    /// <summary>The secret of callback tokens, at least 32 bytes; null where there are none.</summary>
    public ReadOnlyMemory<byte>? CallbackSecret { get; init; }

    /// <summary>The largest body of a request, in bytes.</summary>
    public long BodyBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long a body may take to come.</summary>
    public TimeSpan BodyTimeMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a call may take, its waiting included; event streams have no limit.</summary>
    public TimeSpan CallTimeMax { get; init; } = TimeSpan.FromSeconds(330);

    /// <summary>How many requests a second each key, user or, without either, address may make.</summary>
    public int RequestsPerSecond { get; init; } = 500;

    /// <summary>How many requests may come at once before <see cref="RequestsPerSecond"/> holds.</summary>
    public int RequestBurst { get; init; } = 1000;

    /// <summary>How many refused authentications a second one address may have before it is told to wait.</summary>
    public int FailedLoginsPerSecond { get; init; } = 10;

    /// <summary>How many event streams may be open at once.</summary>
    public int EventStreamsMax { get; init; } = 4000;

    /// <summary>How long an event stream may be silent before a comment is sent, so that what stands between does not close it.</summary>
    public TimeSpan EventSilenceMax { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>What an event stream is sent goes at once where nothing went for so long, and otherwise together with what comes until then.</summary>
    public TimeSpan EventInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal bool HasAuthentication => KeyFile is not null || Keys.Count > 0 || Jwt is not null || HasLoginLink;
}
