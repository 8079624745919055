using System.Diagnostics;
using BambooOrleans.Simulation.Scenarios;

namespace BambooOrleans.Simulation.Runs;

/// <summary>Runs seeds on every core.</summary>
/// <param name="from">The first seed.</param>
/// <param name="count">How many.</param>
/// <param name="limit">When to stop all the same; null for never.</param>
internal sealed class ParallelRuns(long from, long count, TimeSpan? limit)
{
    private const int ViolationsMax = 20;

    private readonly Lock _lock = new();
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private long _taken;

    /// <summary>What was come across.</summary>
    public Coverage Coverage { get; } = new();

    /// <summary>How many seeds were run.</summary>
    public long Seeds { get; private set; }

    /// <summary>The seeds that broke a rule, the first of them in order.</summary>
    public List<Violation> Violations { get; } = [];

    /// <summary>Runs them.</summary>
    public void Run(int workers)
    {
        var threads = new Thread[workers];
        for (int index = 0; index < workers; index++)
        {
            // Deep pipelines recurse while they are made smaller; a megabyte would do too.
            threads[index] = new Thread(Work, 4 * 1024 * 1024) { IsBackground = true };
            threads[index].Start();
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        Violations.Sort(static (left, right) => left.Scenario.Seed.CompareTo(right.Scenario.Seed));
    }

    private void Work()
    {
        var coverage = new Coverage();
        long seeds = 0;
        while ((limit is null || _watch.Elapsed < limit) && Violations.Count < ViolationsMax)
        {
            long taken = Interlocked.Increment(ref _taken) - 1;
            if (taken >= count)
            {
                break;
            }

            seeds++;
            if (SeedRun.Run(Scenario.Draw(from + taken), coverage) is { } violation)
            {
                lock (_lock)
                {
                    Violations.Add(violation);
                }
            }
        }

        lock (_lock)
        {
            Coverage.Add(coverage);
            Seeds += seeds;
        }
    }
}
