using BambooOrleans.Conformance.Comparing;

namespace BambooOrleans.Conformance;

/// <summary>What became of one scenario, or of one case of a function file.</summary>
/// <param name="Category">The row of the table it counts in.</param>
/// <param name="Name">Its name.</param>
/// <param name="Difference">The first difference; null where it passed.</param>
/// <param name="Deviates">Whether it was compared with our own record instead of the reference's.</param>
public sealed record CaseResult(string Category, string Name, Difference? Difference, bool Deviates = false);
