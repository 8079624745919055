namespace BambooOrleans.Conformance.Comparing;

/// <summary>The first thing in which an engine's record differs from the corpus.</summary>
/// <param name="Where">The step, or the check after the last step.</param>
/// <param name="Path">Where in the record, such as <c>a.outputs._result</c>; empty for the whole of it.</param>
/// <param name="Expected">What the corpus has.</param>
/// <param name="Actual">What the engine gave.</param>
public sealed record Difference(string Where, string Path, string Expected, string Actual);
