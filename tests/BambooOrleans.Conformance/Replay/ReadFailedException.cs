namespace BambooOrleans.Conformance.Replay;

/// <summary>A read that the runner itself makes, and that must answer, did not.</summary>
public sealed class ReadFailedException(string read, Exception? cause)
    : Exception($"{read} answered false: {cause?.GetType().Name}: {cause?.Message}", cause);
