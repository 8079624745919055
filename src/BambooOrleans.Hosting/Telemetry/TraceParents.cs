using System.Diagnostics;

namespace BambooOrleans.Hosting;

/// <summary>
/// The span of a caller as text that can be kept: W3C <c>traceparent</c>, which outlives the process of the caller and of the engine.
/// </summary>
public static class TraceParents
{
    /// <summary>
    /// The span that whoever calls now is in; null where there is none. Spans that nobody will ever see, because nothing listens to
    /// their source, are passed over for the one that they were made for.
    /// </summary>
    public static string? Current
    {
        get
        {
            Activity? current = Activity.Current;
            while (current is { Parent: { } parent } && !current.Source.HasListeners())
            {
                current = parent;
            }

            string? id = current is null ? null
                : current.Source.HasListeners() ? current.Id
                : current.ParentId ?? current.Id;
            return ActivityContext.TryParse(id, null, out _) ? id : null;
        }
    }

    /// <summary>The span that a caller names, or else the one that it is in; null where there is none.</summary>
    /// <param name="given">What the caller gave; anything that is no W3C <c>traceparent</c> is passed over.</param>
    public static string? Of(string? given) => ActivityContext.TryParse(given, null, out _) ? given : Current;

    /// <summary>
    /// Lets what is called from here on know the span of a caller in another process, where no other span is current. Ends when what
    /// this gives is disposed; that is null, and nothing is to be ended, where a span is current or the text names none.
    /// </summary>
    /// <param name="traceParent">What the caller sent; anything that is no W3C <c>traceparent</c> is passed over.</param>
    public static IDisposable? Enter(string? traceParent) =>
        Activity.Current is null && ActivityContext.TryParse(traceParent, null, out _)
            ? new Activity("BambooOrleans.Caller").SetParentId(traceParent!).Start()
            : null;

    /// <summary>The span that a text names; the default where it names none.</summary>
    internal static ActivityContext Parse(string? traceParent) =>
        ActivityContext.TryParse(traceParent, null, isRemote: true, out ActivityContext context) ? context : default;
}
