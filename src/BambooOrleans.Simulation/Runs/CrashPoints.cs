using BambooOrleans.Simulation.Hosts;

namespace BambooOrleans.Simulation.Runs;

/// <summary>The places of a run at which a host can die, numbered as they come up; it dies at the given ones.</summary>
/// <param name="deaths">The numbers, from 0.</param>
internal sealed class CrashPoints(params IReadOnlyList<int> deaths)
{
    /// <summary>How many places there were.</summary>
    public int Count { get; private set; }

    /// <summary>How many deaths there were.</summary>
    public int Deaths { get; private set; }

    /// <summary>A place is passed; true where the host dies there.</summary>
    public bool Pass(CrashPlace place)
    {
        bool dies = false;
        foreach (int death in deaths)
        {
            dies |= death == Count;
        }

        Count++;
        Deaths += dies ? 1 : 0;
        return dies;
    }
}
