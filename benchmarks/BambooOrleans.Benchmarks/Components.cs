using System.Collections.Concurrent;
using System.Diagnostics;
using BambooOrleans.Components;

namespace BambooOrleans.Benchmarks;

/// <summary>When activities were executed.</summary>
public sealed class ExecutionTimes
{
    private readonly ConcurrentQueue<long> _timestamps = new();

    internal void Add() => _timestamps.Enqueue(Stopwatch.GetTimestamp());

    /// <summary>Forgets what was noted.</summary>
    internal void Clear() => _timestamps.Clear();

    /// <summary>The time from each execution to the next.</summary>
    internal TimeSpan[] Intervals()
    {
        long[] timestamps = [.. _timestamps];
        return [.. timestamps.Skip(1).Select((timestamp, index) => Stopwatch.GetElapsedTime(timestamps[index], timestamp))];
    }
}

/// <summary>Does nothing, and succeeds.</summary>
[Component(Code)]
public sealed class NoOp(ExecutionTimes times) : Component
{
    internal const string Code = "no_op";

    private static readonly Task<ComponentResult> Ok = Task.FromResult(ComponentResult.Ok);

    /// <inheritdoc/>
    public override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken)
    {
        times.Add();
        return Ok;
    }
}

/// <summary>Waits for a callback that does not come.</summary>
[Component(Code)]
public sealed class Wait : Component
{
    internal const string Code = "wait";

    private static readonly Task<ComponentResult> Ok = Task.FromResult(ComponentResult.Ok);

    /// <inheritdoc/>
    public override Schedule Schedule => Schedule.Callback;

    /// <inheritdoc/>
    public override Task<ComponentResult> ExecuteAsync(ComponentContext context, CancellationToken cancellationToken) => Ok;
}
