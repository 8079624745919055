namespace BambooOrleans.Server;

/// <summary>The server cannot start as it is told to, or a file of its own cannot be used.</summary>
/// <param name="code">The stable code.</param>
/// <param name="message">What is wrong and where.</param>
/// <param name="innerException">What caused it.</param>
public sealed class ServerException(string code, string message, Exception? innerException = null)
    : BambooException(code, message, innerException);
