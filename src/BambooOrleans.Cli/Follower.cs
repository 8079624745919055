using System.Diagnostics;
using BambooOrleans.Cli.Progress;
using BambooOrleans.Cli.Reports;

namespace BambooOrleans.Cli;

/// <summary>Follows a pipeline until it has settled.</summary>
internal static class Follower
{
    private static readonly TimeSpan IntervalMin = TimeSpan.FromMilliseconds(100);

    /// <summary>Shows a pipeline until it has settled, and answers how it stands then.</summary>
    /// <exception cref="BambooException">The engine cannot go on.</exception>
    public static async Task<PipelineView> FollowAsync(
        IBambooEngine engine, PipelineOutline outline, IProgressDisplay display, CancellationToken cancellationToken)
    {
        PipelineView? last = null;
        await display.ShowAsync(async show =>
        {
            Task<EngineApiResult> settled = engine.WaitUntilSettledAsync(outline.Tree.Id, cancellationToken);
            while (!settled.IsCompleted)
            {
                TimeSpan cost = await LookAsync(engine, outline, show, cancellationToken).ConfigureAwait(false);

                // Looking at a large pipeline must not be what the machine is busy with.
                TimeSpan interval = cost * 10 > IntervalMin ? cost * 10 : IntervalMin;
                await Task.WhenAny(settled, Task.Delay(interval, cancellationToken)).ConfigureAwait(false);
            }

            (await settled.ConfigureAwait(false)).OrThrow();
            last = await PipelineView.ReadAsync(engine, outline, cancellationToken).ConfigureAwait(false);
            show(last);
        }).ConfigureAwait(false);
        return last!;
    }

    private static async Task<TimeSpan> LookAsync(
        IBambooEngine engine, PipelineOutline outline, Action<PipelineView> show, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            show(await PipelineView.ReadAsync(engine, outline, cancellationToken).ConfigureAwait(false));
        }
        catch (EngineUnavailableException)
        {
            // The engine starts again after its store failed; the wait for the end says if it cannot.
        }

        return Stopwatch.GetElapsedTime(start);
    }
}
