namespace BambooOrleans.Cli;

/// <summary>The command line cannot be carried out as it stands.</summary>
/// <param name="code">The stable code.</param>
/// <param name="message">What is wrong.</param>
/// <param name="path">Where it is wrong; null where that says nothing.</param>
public sealed class CliException(string code, string message, string? path = null) : BambooException(code, message)
{
    /// <summary>Where it is wrong: an option, or a place in a file.</summary>
    public string? Path { get; } = path;
}
