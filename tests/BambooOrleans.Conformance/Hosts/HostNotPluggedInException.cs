namespace BambooOrleans.Conformance.Hosts;

/// <summary>The host is known by name, but there is no engine behind it yet.</summary>
public sealed class HostNotPluggedInException(string host)
    : Exception($"there is no engine behind the {host} host yet");
