namespace BambooOrleans.Conformance.Hosts;

/// <summary>The hosts that <c>--host</c> can name. A new host is one more line here.</summary>
public static class ConformanceHosts
{
    private static readonly Dictionary<string, Func<IConformanceHost>> Known = new(StringComparer.Ordinal)
    {
        ["embedded"] = () => new EmbeddedHost(),
        ["remote"] = () => new RemoteHost(),
    };

    /// <summary>The names.</summary>
    public static IEnumerable<string> Names => Known.Keys;

    /// <summary>What makes a host of this name for each scenario; null where there is none of this name.</summary>
    public static Func<IConformanceHost>? Find(string name) => Known.GetValueOrDefault(name);
}
