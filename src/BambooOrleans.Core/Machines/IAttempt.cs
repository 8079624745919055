namespace BambooOrleans.Core.Machines;

/// <summary>What the state of a node and of a sub-process have in common: an attempt that a history entry can keep.</summary>
internal interface IAttempt
{
    string Version { get; }

    int Loop { get; }

    int Retry { get; }

    bool Skip { get; }

    DateTimeOffset? StartedTime { get; }

    DateTimeOffset? ArchivedTime { get; }

    MapValue? Inputs { get; }

    MapValue? Outputs { get; }

    long HistoryCount { get; }
}

internal static class Attempts
{
    /// <summary>The history entry of an attempt that a re-entry, a retry or a skip ends.</summary>
    public static NodeHistory ToHistory(this IAttempt attempt, string id) => new()
    {
        Id = attempt.HistoryCount + 1,
        NodeId = id,
        StartedTime = attempt.StartedTime,
        ArchivedTime = attempt.ArchivedTime,
        Loop = attempt.Loop,
        Retry = attempt.Retry,
        Skip = attempt.Skip,
        Version = attempt.Version,
        Inputs = attempt.Inputs ?? MapValue.Empty,
        Outputs = attempt.Outputs ?? MapValue.Empty,
    };
}
