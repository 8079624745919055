namespace BambooOrleans.Embedded;

/// <summary>
/// How much an engine takes on at once. A call beyond is refused with <see cref="EngineOverloadedException"/> before anything of
/// it is carried out; what was taken goes on, and makes room.
/// </summary>
public sealed record EngineLimits
{
    /// <summary>
    /// How many pipelines may be in memory when another is submitted. Those that only wait leave it to make room; what is left
    /// has components running or something to commit. Pipelines that are stored and wait are not limited.
    /// </summary>
    public int ActivePipelines { get; init; } = 50_000;

    /// <summary>How many calls (submissions, verbs and reads) may wait for their answer.</summary>
    public int WaitingCalls { get; init; } = 50_000;

    /// <summary>How many bytes of trees and options submissions may have that are not durable yet. One alone may be larger.</summary>
    public long SubmittedBytes { get; init; } = 256L * 1024 * 1024;
}
