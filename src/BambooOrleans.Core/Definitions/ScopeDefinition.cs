namespace BambooOrleans.Core.Definitions;

/// <summary>A root pipeline or a sub-process as the machines need it.</summary>
public sealed record ScopeDefinition
{
    /// <summary>The id of the root pipeline, or of the sub-process's activity.</summary>
    public required string Id { get; init; }

    /// <summary>The id of the scope around it; null for the root.</summary>
    public required string? ParentId { get; init; }

    /// <summary>The id of its start event.</summary>
    public required string StartEventId { get; init; }

    /// <summary>The context keys that the tree marks as secret.</summary>
    public IReadOnlyCollection<string> SecretKeys { get; init; } = [];

    /// <summary>The context it starts with.</summary>
    public required IReadOnlyList<ContextEntry> InitialContext { get; init; }
}
