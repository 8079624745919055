namespace BambooOrleans.Components.BuiltIn;

/// <summary>A request could not be made, took too long, or was answered with too much.</summary>
/// <param name="message">What happened.</param>
/// <param name="innerException">What caused it.</param>
public sealed class HttpCallException(string message, Exception? innerException = null)
    : BambooException("http.failed", message, innerException);
