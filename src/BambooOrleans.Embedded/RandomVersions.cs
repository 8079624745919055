using BambooOrleans.Core.Machines;

namespace BambooOrleans.Embedded;

/// <summary>Versions from random numbers.</summary>
internal sealed class RandomVersions : IVersionSource
{
    public string NewVersion() => string.Concat("v", Guid.NewGuid().ToString("N"));
}
