using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Events;

namespace BambooOrleans.Core.Machines;

/// <summary>
/// One turn of a machine: what the host hands it besides the input, and what the machine decided. A host may use one
/// instance for many turns, cleared in between.
/// </summary>
public sealed class Turn
{
    private readonly IVersionSource _versions;

    /// <summary>Makes a turn for a host.</summary>
    /// <param name="host">The host's incarnation: a name that no other process has had or will have.</param>
    /// <param name="versions">Where new versions come from.</param>
    public Turn(string host, IVersionSource versions)
    {
        Host = host;
        _versions = versions;
    }

    /// <summary>The host's incarnation.</summary>
    public string Host { get; }

    /// <summary>The time of this turn, in UTC.</summary>
    public DateTimeOffset Now { get; private set; }

    /// <summary>What happened, in order; applied to the machine's state already.</summary>
    public List<MachineEvent> Events { get; } = [];

    /// <summary>What the machine wants done, in order, once the events are durable.</summary>
    public List<Effect> Effects { get; } = [];

    /// <summary>Clears what was decided and starts again at <paramref name="now"/>.</summary>
    public void Begin(DateTimeOffset now)
    {
        Now = now;
        Events.Clear();
        Effects.Clear();
    }

    internal string NewVersion() => _versions.NewVersion();
}

/// <summary>Where new versions come from: a <c>v</c> and 32 hexadecimal digits that were never used before.</summary>
public interface IVersionSource
{
    /// <summary>A new version.</summary>
    string NewVersion();
}
