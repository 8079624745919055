using BambooOrleans.Hosting;
using Orleans.Runtime;

namespace BambooOrleans.Cluster;

/// <summary>
/// The span of a caller on its way to the cluster. It travels beside the call, so that pipelines know it whether or not Orleans
/// propagates spans.
/// </summary>
internal static class CallerTrace
{
    private const string Key = "bamboo.traceparent";

    /// <summary>Sends the current span with the calls that follow.</summary>
    public static void Send()
    {
        if (TraceParents.Current is { } caller)
        {
            RequestContext.Set(Key, caller);
        }
        else
        {
            RequestContext.Remove(Key);
        }
    }

    /// <summary>The span that came with the call; null for none.</summary>
    public static string? Receive() => RequestContext.Get(Key) as string;
}
