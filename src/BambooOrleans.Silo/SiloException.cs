namespace BambooOrleans.Silo;

/// <summary>The silo program cannot do what it was asked for; the message is one line for whoever runs it.</summary>
internal sealed class SiloException(string message, Exception? cause = null) : Exception(message, cause);
