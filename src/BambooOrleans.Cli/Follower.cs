using System.Diagnostics;
using BambooOrleans.Cli.Progress;
using BambooOrleans.Cli.Reports;

namespace BambooOrleans.Cli;

/// <summary>Follows a pipeline until it has settled.</summary>
internal static class Follower
{
    private static readonly TimeSpan IntervalMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan IntervalMax = TimeSpan.FromHours(1);

    /// <summary>
    /// Waits until a pipeline has settled and no resume of it is appointed for later: what is still to come in it then needs a
    /// call from outside.
    /// </summary>
    public static async Task<EngineApiResult> WaitAsync(
        IBambooEngine engine, string rootId, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            EngineApiResult settled = await engine.WaitUntilSettledAsync(rootId, cancellationToken).ConfigureAwait(false);
            if (!settled.Result)
            {
                return settled;
            }

            // A pause that no verb can end, as its pipeline was revoked, is not ended by a time either.
            DateTimeOffset? due = (await engine.GetWaitsAsync(rootId, cancellationToken).ConfigureAwait(false)).OrThrow()
                .Where(wait => wait.Kind == WaitKind.Pause && wait.Verbs.Count > 0)
                .Min(wait => wait.Due);
            if (due is null)
            {
                return settled;
            }

            TimeSpan left = due.Value - time.GetUtcNow();
            await Task.Delay(left < IntervalMin ? IntervalMin : left < IntervalMax ? left : IntervalMax, time, cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Shows a pipeline until it has settled, and answers how it stands then.</summary>
    /// <exception cref="BambooException">The engine cannot go on.</exception>
    public static Task<PipelineView> FollowAsync(
        IBambooEngine engine, PipelineOutline outline, IProgressDisplay display, CancellationToken cancellationToken) =>
        FollowAsync(engine, outline, display, engine.WaitUntilSettledAsync, cancellationToken);

    /// <summary>Shows a pipeline until what <paramref name="wait"/> gives has ended, and answers how it stands then.</summary>
    /// <exception cref="BambooException">The engine cannot go on.</exception>
    public static async Task<PipelineView> FollowAsync(
        IBambooEngine engine,
        PipelineOutline outline,
        IProgressDisplay display,
        Func<string, CancellationToken, Task<EngineApiResult>> wait,
        CancellationToken cancellationToken)
    {
        PipelineView? last = null;
        await display.ShowAsync(async show =>
        {
            Task<EngineApiResult> settled = wait(outline.Tree.Id, cancellationToken);
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
