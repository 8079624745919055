using BambooOrleans.Conformance.Corpus;

namespace BambooOrleans.Conformance.Replay;

/// <summary>
/// Which scenarios are replayed, by the verbs that they call. Submitting (<c>run_pipeline</c>) is always allowed.
/// </summary>
/// <param name="Allows">Whether a verb may be called.</param>
public sealed record VerbSelection(Func<string, bool> Allows)
{
    // What an operator does to a pipeline, and what previews or changes its data: all but callbacks and reads.
    private static readonly HashSet<string> Control = new(StringComparer.Ordinal)
    {
        "pause_pipeline",
        "resume_pipeline",
        "revoke_pipeline",
        "pause_node_appoint",
        "resume_node_appoint",
        "retry_node",
        "retry_subprocess",
        "skip_node",
        "skip_exclusive_gateway",
        "skip_conditional_parallel_gateway",
        "forced_fail_activity",
        "update_context_values",
        "preview_node_inputs",
    };

    /// <summary>Every scenario.</summary>
    public static VerbSelection All { get; } = new(_ => true);

    /// <summary>The scenarios that call no control verb.</summary>
    public static VerbSelection WithoutControlVerbs { get; } = new(verb => !Control.Contains(verb));

    /// <summary>The scenarios that call only these verbs; <c>get_*</c> stands for all verbs that begin so.</summary>
    public static VerbSelection Only(IReadOnlyCollection<string> verbs) => new(verb => verbs.Any(allowed =>
        allowed.EndsWith('*') ? verb.StartsWith(allowed[..^1], StringComparison.Ordinal) : verb == allowed));

    /// <summary>Whether the scenario calls allowed verbs only.</summary>
    public bool Includes(Scenario scenario) => scenario.Verbs.All(Allows);
}
