namespace BambooOrleans.Components.BuiltIn;

/// <summary>What the components <c>http_request</c> and <c>http_poll</c> may do.</summary>
public sealed record HttpComponentOptions
{
    /// <summary>
    /// Whether they may call private, loopback, link-local and other addresses that are not of the public internet. No,
    /// unless said: whoever can submit a pipeline could then reach what only this machine can.
    /// </summary>
    public bool AllowPrivateAddresses { get; init; }

    /// <summary>How long a request may take, its whole response included, where the pipeline does not say. 30 s.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest that a pipeline may ask for. 10 min.</summary>
    public TimeSpan TimeLimitMax { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The largest response body, in bytes; a larger one fails the node. 1 MiB.</summary>
    public int ResponseBytesMax { get; init; } = 1024 * 1024;
}
