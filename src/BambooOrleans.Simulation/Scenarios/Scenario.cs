using BambooOrleans.Simulation.Plans;

namespace BambooOrleans.Simulation.Scenarios;

/// <summary>How machines are hosted.</summary>
internal enum HostMode
{
    /// <summary>One process and one log: machines hear of each other before either is durable, and whole chains commit at once.</summary>
    Embedded,

    /// <summary>Several processes: each machine is durable before another hears of what it decided.</summary>
    Cluster,
}

/// <summary>Everything that one run depends on. Drawn from a seed, and made smaller when the run breaks a rule.</summary>
internal sealed record Scenario
{
    private static readonly FaultKind[] EmbeddedFaults =
    [
        FaultKind.Crash, FaultKind.CrashBeforeCommit, FaultKind.CrashAfterCommit, FaultKind.CrashBetweenEffects,
        FaultKind.CommitFails, FaultKind.CommitUnknownWritten, FaultKind.CommitUnknownLost, FaultKind.MessageRepeated,
        FaultKind.MessageDelayed, FaultKind.MessageReordered, FaultKind.TimerLate, FaultKind.LateResult, FaultKind.NeedlessWakeUp,
    ];

    private static readonly FaultKind[] ClusterFaults = Enum.GetValues<FaultKind>();

    private static readonly VerbKind[] Verbs21 = Enum.GetValues<VerbKind>();

    // A revocation ends the story: most runs have none.
    private static readonly VerbKind[] MostVerbs = [.. Verbs21.Where(verb => verb != VerbKind.RevokePipeline)];

    /// <summary>The seed.</summary>
    public required long Seed { get; init; }

    /// <summary>What the order of events is drawn from.</summary>
    public required ulong Schedule { get; init; }

    /// <summary>The pipeline.</summary>
    public required Plan Plan { get; init; }

    /// <summary>How the machines are hosted.</summary>
    public required HostMode Mode { get; init; }

    /// <summary>Whether the order of events is drawn; otherwise what came first is first.</summary>
    public bool IsShuffled { get; init; } = true;

    /// <summary>How often a node may be entered again.</summary>
    public int RerunLimit { get; init; } = 100;

    /// <summary>The operator's calls, in order.</summary>
    public IReadOnlyList<ScriptedVerb> Verbs { get; init; } = [];

    /// <summary>The faults, in order.</summary>
    public IReadOnlyList<ScriptedFault> Faults { get; init; } = [];

    /// <summary>The scenario of a seed.</summary>
    public static Scenario Draw(long seed)
    {
        var random = new SeededRandom(SeededRandom.Mix((ulong)seed));
        Plan plan = Plan.DrawValid(random);
        HostMode mode = random.OnceIn(2) ? HostMode.Embedded : HostMode.Cluster;
        bool hasOperator = !random.OnceIn(4);
        int span = plan.CountNodes() * (mode == HostMode.Cluster ? 8 : 4);
        return new Scenario
        {
            Seed = seed,
            Schedule = random.Next(),
            Plan = plan,
            Mode = mode,
            RerunLimit = random.OnceIn(4) ? 1 : 100,
            Verbs = hasOperator ? DrawVerbs(random, span) : [],
            Faults = random.OnceIn(8) ? [] : DrawFaults(random, span, mode == HostMode.Cluster ? ClusterFaults : EmbeddedFaults),
        };
    }

    /// <summary>The same pipeline undisturbed: no operator, no faults, everything in the order in which it came up.</summary>
    public Scenario Undisturbed() => this with { Mode = HostMode.Embedded, IsShuffled = false, Verbs = [], Faults = [] };

    /// <summary>A scenario for a pipeline that was not drawn: no operator, and faults of some kinds.</summary>
    public static Scenario Draw(long seed, int nodes, IReadOnlyList<FaultKind> faults)
    {
        var random = new SeededRandom(SeededRandom.Mix((ulong)seed));
        HostMode mode = random.OnceIn(2) ? HostMode.Embedded : HostMode.Cluster;
        FaultKind[] kinds = [.. faults.Intersect(mode == HostMode.Cluster ? ClusterFaults : EmbeddedFaults)];
        return new Scenario
        {
            Seed = seed,
            Schedule = random.Next(),
            Plan = new Plan("", []),
            Mode = mode,
            Faults = kinds.Length == 0 ? [] : DrawFaults(random, nodes * (mode == HostMode.Cluster ? 8 : 4), kinds),
        };
    }

    private static ScriptedVerb[] DrawVerbs(SeededRandom random, int span)
    {
        VerbKind[] kinds = random.OnceIn(6) ? Verbs21 : MostVerbs;
        var verbs = new ScriptedVerb[random.Next(4, 20)];
        for (int index = 0; index < verbs.Length; index++)
        {
            verbs[index] = new ScriptedVerb(random.Next(span), random.Draw(kinds), random.Next(), random.OnceIn(5));
        }

        Array.Sort(verbs, static (left, right) => left.At.CompareTo(right.At));
        return verbs;
    }

    private static ScriptedFault[] DrawFaults(SeededRandom random, int span, FaultKind[] kinds)
    {
        var faults = new ScriptedFault[random.Next(4, 16)];
        for (int index = 0; index < faults.Length; index++)
        {
            faults[index] = new ScriptedFault(random.Next(span), random.Draw(kinds), random.Next());
        }

        Array.Sort(faults, static (left, right) => left.At.CompareTo(right.At));
        return faults;
    }
}
