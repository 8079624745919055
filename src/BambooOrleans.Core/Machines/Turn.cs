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
    private readonly IExecutions? _executions;

    /// <summary>Makes a turn for a host.</summary>
    /// <param name="host">The host's incarnation: a name that no other process has had or will have.</param>
    /// <param name="versions">Where new versions come from.</param>
    /// <param name="executions">What knows of user code that runs; null for a host that is alone: what it took on it runs, and nobody else runs anything.</param>
    public Turn(string host, IVersionSource versions, IExecutions? executions = null)
    {
        Host = host;
        _versions = versions;
        _executions = executions;
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

    /// <summary>Whether user code that an owner took on ended without telling: it is to run again.</summary>
    internal bool IsLost(string owner, string id, string version) =>
        _executions is null ? owner != Host : !_executions.MayRun(owner, id, version);
}

/// <summary>
/// What knows of the user code that hosts run. A machine asks it about what somebody took on and has not answered, and has
/// it run again, under the same version, where the answer is no.
/// </summary>
public interface IExecutions
{
    /// <summary>
    /// Whether the user code may still run, or its result may still be on its way to the machine. It has to become false
    /// at some time where the result never comes, or the machine would wait for ever; where it is false too early the code runs twice at once.
    /// </summary>
    /// <param name="owner">The incarnation of the host that took it on.</param>
    /// <param name="id">The node, or the sub-process whose lazy variables are computed.</param>
    /// <param name="version">The version of the attempt.</param>
    bool MayRun(string owner, string id, string version);
}

/// <summary>Where new versions come from: a <c>v</c> and 32 hexadecimal digits that were never used before.</summary>
public interface IVersionSource
{
    /// <summary>A new version.</summary>
    string NewVersion();
}
