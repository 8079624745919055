namespace BambooOrleans.Hosting;

/// <summary>A file cannot be read as an exported pipeline.</summary>
/// <param name="code">
/// <c>export.not-an-export</c>: it is something else; <c>export.newer-schema</c>: a newer version wrote it; <c>export.damaged</c>: it is not as it was written.
/// </param>
/// <param name="message">What is wrong, and where.</param>
/// <param name="innerException">What was thrown.</param>
public sealed class PipelineFileException(string code, string message, Exception? innerException = null)
    : BambooException(code, message, innerException);
