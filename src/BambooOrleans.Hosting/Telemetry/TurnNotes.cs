using System.Diagnostics;

namespace BambooOrleans.Hosting;

/// <summary>
/// What the facts of a batch are to be counted, traced and logged as, once the batch is durable. Dropped where it never is, so
/// that nothing is told that did not happen, and nothing twice that is decided again after a failure.
/// </summary>
public sealed class TurnNotes
{
    private readonly EngineTelemetry _telemetry;
    private readonly List<EndedAttempt> _attempts = [];
    private readonly List<(string RootId, string State, TimeSpan? Duration, DateTimeOffset Ended, string? TraceParent)> _pipelines = [];
    private int _submitted;

    internal TurnNotes(EngineTelemetry telemetry) => _telemetry = telemetry;

    internal void Add(in EndedAttempt attempt) => _attempts.Add(attempt);

    internal void AddSubmitted() => _submitted++;

    internal void AddEnded(string rootId, string state, TimeSpan? duration, DateTimeOffset ended, string? traceParent) =>
        _pipelines.Add((rootId, state, duration, ended, traceParent));

    /// <summary>What was noted is durable. Whatever listens and throws is passed over: it must not hold up the engine.</summary>
    public void Release()
    {
        try
        {
            Tell();
        }
        catch (Exception)
        {
        }
    }

    private void Tell()
    {
        if (_submitted > 0)
        {
            _telemetry.Metrics.Submitted(_submitted);
        }

        foreach (EndedAttempt attempt in _attempts)
        {
            _telemetry.Ended(attempt);
        }

        foreach ((string rootId, string state, TimeSpan? duration, DateTimeOffset ended, string? traceParent) in _pipelines)
        {
            _telemetry.Ended(rootId, state, duration, ended, traceParent);
        }
    }
}

/// <summary>An attempt of a node that has ended.</summary>
internal readonly record struct EndedAttempt
{
    public required string RootId { get; init; }

    public required string ScopeId { get; init; }

    public required string NodeId { get; init; }

    public required string NodeType { get; init; }

    public required string Code { get; init; }

    public required string CodeVersion { get; init; }

    public required string Version { get; init; }

    public required int Loop { get; init; }

    public required int Retry { get; init; }

    public required string State { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required DateTimeOffset Ended { get; init; }

    public string? Error { get; init; }

    public string? TraceParent { get; init; }

    public string? Link { get; init; }

    /// <summary>Its span, where one was begun in this process.</summary>
    public Activity? Span { get; init; }

    public TimeSpan Duration => Ended > Started ? Ended - Started : TimeSpan.Zero;
}
