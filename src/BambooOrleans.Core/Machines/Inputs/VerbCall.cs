namespace BambooOrleans.Core.Machines.Inputs;

/// <summary>Who called a verb, and how the answer finds back.</summary>
/// <param name="Request">The number of the request that is to be answered.</param>
/// <param name="Verb">The verb's name in the Engine API.</param>
/// <param name="Operator">Who asks; null where nobody says.</param>
/// <param name="Reason">Why; null where nobody says.</param>
/// <param name="ExpectedVersion">The version that the node or pipeline must have; null for any.</param>
/// <param name="TraceParent">The caller's span, as W3C <c>traceparent</c>, kept for hosts; null where nobody says.</param>
public sealed record VerbCall(
    long Request,
    string Verb,
    string? Operator = null,
    string? Reason = null,
    string? ExpectedVersion = null,
    string? TraceParent = null)
{
    /// <summary>The refusal where the version is not the expected one; null where it is, or none is expected.</summary>
    internal StateVersionMismatchException? CheckVersion(string id, string? version) =>
        ExpectedVersion is null || ExpectedVersion == version
            ? null
            : new StateVersionMismatchException($"state version({version ?? "none"}) of {id} not match {ExpectedVersion}");
}
