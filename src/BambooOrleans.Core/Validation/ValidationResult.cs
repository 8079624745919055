namespace BambooOrleans.Core.Validation;

/// <summary>What validation found out about a tree that keeps every rule.</summary>
public sealed record ValidationResult
{
    /// <summary>The converge gateway of each gateway that has one, by gateway id, sub-processes included.</summary>
    public required IReadOnlyDictionary<string, string> ConvergeGateways { get; init; }
}
