using BambooOrleans.Hosting;

namespace BambooOrleans.Embedded;

/// <summary>
/// How pipelines that finished are audited: their journal is replayed, and what comes of it compared with what is stored. The counters
/// <c>bamboo_audit_equal</c>, <c>bamboo_audit_different</c>, <c>bamboo_audit_failed</c> and <c>bamboo_audit_passed_over</c> of the meter
/// <c>BambooOrleans.Embedded</c> count what came of it; differences are logged where <see cref="EmbeddedEngineOptions.Services"/> has a log.
/// </summary>
public sealed record AuditOptions
{
    /// <summary>Which share of the pipelines is audited, from 0 for none to 1 for each.</summary>
    public double Fraction { get; init; } = 0.01;

    /// <summary>How many pipelines may wait for their audit; those beyond are passed over.</summary>
    public int WaitingMax { get; init; } = 1024;

    /// <summary>Called with each report, on the auditor's own task; null for nobody.</summary>
    public Action<AuditReport>? OnReport { get; init; }
}
