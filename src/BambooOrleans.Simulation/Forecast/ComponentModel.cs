using BambooOrleans.Components;

namespace BambooOrleans.Simulation;

/// <summary>What is known of a component without running it.</summary>
/// <param name="Schedule">How it goes on after its execution; null where that is not known, and then it is drawn.</param>
/// <param name="Outputs">Gives the outputs from the inputs, where they follow from those alone; null where they are drawn.</param>
public sealed record ComponentModel(Schedule? Schedule = null, Func<MapValue, MapValue>? Outputs = null)
{
    /// <summary>Nothing is known.</summary>
    public static ComponentModel Unknown { get; } = new();
}
