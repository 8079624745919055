namespace BambooOrleans.Hosting.Wire;

/// <summary>
/// A failure of an engine in another process for which there is no type here: one of a type that only that process has, or one
/// that the engine did not foresee (<c>internal</c>). Code and message are those of the failure there.
/// </summary>
/// <param name="code">The stable code.</param>
/// <param name="message">What is wrong and where, for a person.</param>
public sealed class RemoteFailureException(string code, string message) : BambooException(code, message);
