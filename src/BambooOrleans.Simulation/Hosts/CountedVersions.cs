using System.Globalization;
using BambooOrleans.Core.Machines;

namespace BambooOrleans.Simulation.Hosts;

/// <summary>Versions in the order in which they were asked for.</summary>
internal sealed class CountedVersions : IVersionSource
{
    private int _count;

    /// <summary>A version to give instead of a new one; null for none.</summary>
    public string? Instead { get; set; }

    public string NewVersion() => Instead ?? string.Create(CultureInfo.InvariantCulture, $"v{++_count}");
}
