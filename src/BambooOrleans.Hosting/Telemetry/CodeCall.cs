using System.Diagnostics;
using BambooOrleans.Core.Definitions;

namespace BambooOrleans.Hosting;

/// <summary>What user code is called for.</summary>
internal enum CodeKind
{
    Execute,
    Poll,
    Callback,
    EndEvent,
    Hydrate,
    Hooks,
}

/// <summary>One call of user code, as long as somebody measures or traces it.</summary>
/// <param name="kind">What it is for.</param>
/// <param name="node">Its node; null for one of a pipeline.</param>
/// <param name="nodeId">The node's id, or the pipeline's.</param>
/// <param name="version">The version under which it runs.</param>
/// <param name="knowsSecrets">Whether it may say one: then its span has no message.</param>
internal sealed class CodeCall(CodeKind kind, NodeDefinition? node, string nodeId, string version, bool knowsSecrets)
{
    private readonly long _asked = Stopwatch.GetTimestamp();
    private long _began;
    private TimeSpan _inCode;
    private Activity? _span;

    public CodeKind Kind => kind;

    public string KindName { get; } = NameOf(kind);

    public string NodeType { get; } = node?.Kind.ToString() ?? "";

    public string Code { get; } = node?.Code ?? "";

    public string CodeVersion { get; } = node?.ComponentVersion ?? "";

    public NodeDefinition? Node => node;

    public string NodeId => nodeId;

    public string Version => version;

    /// <summary>What the code threw, where it did.</summary>
    public Exception? Failure { get; set; }

    public static string NameOf(CodeKind kind) => kind switch
    {
        CodeKind.Execute => "execute",
        CodeKind.Poll => "poll",
        CodeKind.Callback => "callback",
        CodeKind.EndEvent => "end_event",
        CodeKind.Hydrate => "lazy_variables",
        CodeKind.Hooks => "verb_hooks",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    public string? ErrorType(bool isSuccess) => Failure is { } failure ? EngineTelemetry.TypeOf(failure) : isSuccess ? null : "failure";

    /// <summary>It has a slot.</summary>
    public void Begin(Activity? span)
    {
        _began = Stopwatch.GetTimestamp();
        _span = span;
    }

    /// <summary>The code itself has ended, and what was made for it has not gone away yet.</summary>
    public void Return() => _inCode = Stopwatch.GetElapsedTime(_began);

    public void End(EngineMetrics metrics, bool isSuccess)
    {
        if (_began != 0)
        {
            TimeSpan inSlot = Stopwatch.GetElapsedTime(_began);
            metrics.CallEnded(this, isSuccess, Stopwatch.GetElapsedTime(_asked, _began), _inCode == TimeSpan.Zero ? inSlot : _inCode, inSlot);
        }

        if (_span is { } span)
        {
            if (ErrorType(isSuccess) is { } error)
            {
                span.SetTag(SpanNames.ErrorType, error);
                span.SetStatus(ActivityStatusCode.Error, knowsSecrets ? null : Failure?.Message);
            }

            span.Stop();
        }
    }

    /// <summary>Nothing is known of it: it was cut off, and will run again.</summary>
    public void CutOff()
    {
        _span?.SetTag(SpanNames.ErrorType, "cut-off");
        _span?.Stop();
    }
}
