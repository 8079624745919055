namespace BambooOrleans.Conformance.Hosts;

/// <summary>The hosts that <c>--host</c> can name. A new host is one more line here.</summary>
public static class ConformanceHosts
{
    /// <summary>What makes a host for each scenario, by name; the first is the default.</summary>
    public static IReadOnlyDictionary<string, Func<IConformanceHost>> Known { get; } = new Dictionary<string, Func<IConformanceHost>>(StringComparer.Ordinal)
    {
        ["embedded"] = () => new EmbeddedHost(),
        ["remote"] = () => new RemoteHost(),
    };
}
