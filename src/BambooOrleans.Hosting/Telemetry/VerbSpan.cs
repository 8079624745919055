using System.Diagnostics;

namespace BambooOrleans.Hosting;

/// <summary>One call of a control verb, as long as somebody measures or traces it.</summary>
internal sealed class VerbSpan(EngineTelemetry telemetry, string verb, Activity? span)
{
    public const string RunPipeline = "run_pipeline";

    private readonly long _began = Stopwatch.GetTimestamp();

    /// <summary>The span, as W3C <c>traceparent</c>; null where the call is not traced.</summary>
    public string? Id => span?.Id;

    public void End(EngineApiResult result)
    {
        telemetry.Metrics.VerbEnded(verb, Stopwatch.GetElapsedTime(_began), result.Result ? null : result.ErrorCode);
        if (!result.Result)
        {
            span?.SetTag(SpanNames.ErrorType, result.ErrorCode);
            span?.SetStatus(ActivityStatusCode.Error, result.Message);
        }

        span?.Stop();
    }

    /// <summary>The call was given up by its caller.</summary>
    public void GiveUp()
    {
        span?.SetTag(SpanNames.ErrorType, "cancelled");
        span?.Stop();
    }
}
