using System.Globalization;
using BambooOrleans.Core;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;

namespace BambooOrleans.Cli.Doctor;

/// <summary>Pipelines that do not go on by themselves.</summary>
internal static class PipelineChecks
{
    private const int PipelinesMax = 2000;
    private const int NamedMax = 5;

    /// <summary>Looks at every pipeline that is unfinished.</summary>
    /// <param name="store">Where they are.</param>
    /// <param name="registry">The code that there is.</param>
    /// <param name="hasOtherCode">Whether they run where there is other code than in <paramref name="registry"/>.</param>
    /// <param name="now">The time.</param>
    /// <param name="longWait">From when on a wait is long.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<List<Check>> OfAsync(
        IStoreInspector store, ComponentRegistry registry, bool hasOtherCode, DateTimeOffset now, TimeSpan longWait, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> unfinished = await store.ReadUnfinishedAsync(cancellationToken).ConfigureAwait(false);
        var check = new SubmissionCheck(registry, new EngineSettings());
        var broken = new List<string>();
        var unknown = new List<string>();
        var failed = new List<string>();
        var stuck = new List<string>();
        var waiting = new List<string>();
        foreach (string rootId in unfinished.Take(PipelinesMax))
        {
            if (await store.LoadAsync(rootId, cancellationToken).ConfigureAwait(false) is not { } stored)
            {
                continue; // finished meanwhile, and removed
            }

            LoadedPipeline pipeline;
            try
            {
                pipeline = LoadedPipeline.Load(stored, check.Compile(stored));
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                broken.Add($"{rootId} ({failure.Message})");
                continue;
            }

            if (!hasOtherCode && Refusal(pipeline, registry) is { } refusal)
            {
                unknown.Add($"{rootId} ({refusal})");
            }

            foreach (WaitInfo wait in StateReads.WaitsOf(pipeline))
            {
                string named = $"{wait.NodeId} of {rootId}";
                switch (wait.Kind)
                {
                    case WaitKind.Operator:
                        failed.Add(named);
                        break;
                    case WaitKind.Stuck:
                        stuck.Add(named);
                        break;
                    case WaitKind.Callback or WaitKind.Pause when wait is { Due: null, Since: { } since } && now - since > longWait:
                        waiting.Add($"{named} since {ApiTime.Text(since)}");
                        break;
                }
            }
        }

        string looked = unfinished.Count > PipelinesMax
            ? $"{Number(unfinished.Count)} pipelines are unfinished; the oldest {Number(PipelinesMax)} were looked at"
            : unfinished.Count == 1 ? "1 pipeline is unfinished" : $"{Number(unfinished.Count)} pipelines are unfinished";
        return
        [
            Check.Ok("pipelines", looked),
            Found("pipelines.unreadable", CheckStatus.Problem, broken, "cannot be loaded, so that the engine would set them aside", "Replay one from an export, or revoke it; and tell us."),
            Found("pipelines.unknown_code", CheckStatus.Warning, unknown, "name code that bamboo has not", "Nodes of it will fail here. Run them with the program that has it."),
            Found("pipelines.failed", CheckStatus.Warning, failed, "failed and wait for somebody", "bamboo why ID says what would move each: retry, skip or fail it, or revoke its pipeline."),
            Found("pipelines.stuck", CheckStatus.Problem, stuck, "hold a token that nothing can move", "Revoke the pipeline, or skip the node; and tell us."),
            Found(
                "pipelines.waiting",
                CheckStatus.Warning,
                waiting,
                $"wait for longer than {longWait.TotalHours.ToString("0.#", CultureInfo.InvariantCulture)} h",
                "See whether the callback or the end of the pause will still come; bamboo why ID tells more."),
        ];
    }

    private static string? Refusal(LoadedPipeline pipeline, ComponentRegistry registry)
    {
        try
        {
            UnknownCode.Check(pipeline.Definition, registry);
            return null;
        }
        catch (BambooException refusal)
        {
            return refusal.Message;
        }
    }

    private static Check Found(string name, CheckStatus status, List<string> found, string text, string advice) => found.Count == 0
        ? Check.Ok(name, "none")
        : new Check(
            name,
            status,
            $"{Number(found.Count)} {text}: {string.Join(", ", found.Take(NamedMax))}{(found.Count > NamedMax ? ", …" : "")}",
            advice);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
