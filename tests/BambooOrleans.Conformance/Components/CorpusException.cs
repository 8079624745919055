namespace BambooOrleans.Conformance.Components;

/// <summary>What the corpus's components throw on purpose; the message is the one that the corpus records.</summary>
public sealed class CorpusException(string message) : Exception(message);
