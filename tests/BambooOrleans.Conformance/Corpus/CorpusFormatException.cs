namespace BambooOrleans.Conformance.Corpus;

/// <summary>A file of the corpus is not as FORMAT.md says.</summary>
public sealed class CorpusFormatException(string message) : Exception(message);
