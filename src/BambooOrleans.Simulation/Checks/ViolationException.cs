namespace BambooOrleans.Simulation.Checks;

/// <summary>A rule of the machines, or of their host, was broken.</summary>
/// <param name="rule">Which one, in a few words.</param>
/// <param name="message">How.</param>
internal sealed class ViolationException(string rule, string message) : Exception(message)
{
    /// <summary>The rule, in a few words: the same for every way to break it.</summary>
    public string Rule { get; } = rule;
}
