using System.Diagnostics;
using BambooOrleans.Embedded;
using BambooOrleans.Storage;

namespace BambooOrleans.Kills;

/// <summary>Starts the victim, kills it at a moment of its own, starts it again, and in the end looks at what is kept.</summary>
internal static class KillRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <returns>0 where everything that was acknowledged is there once and has ended right, otherwise 1.</returns>
    public static async Task<int> RunAsync(string where, int kills)
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        var acknowledged = new List<string>();
        for (int kill = 1; kill <= kills; kill++)
        {
            // One in four falls while the engine goes on with what it found; the others under full load.
            await KillOnceAsync(where, acknowledged, untilFirst: random.Next(4) > 0, random.Next(0, 400));
            if (kill % 10 == 0)
            {
                Console.WriteLine($"{kill} kills, {acknowledged.Count} pipelines acknowledged");
            }
        }

        List<string> problems = await ProblemsAsync(where, acknowledged);
        problems.ForEach(Console.WriteLine);
        Console.WriteLine($"{kills} kills (seed {seed}), {acknowledged.Count} pipelines, {problems.Count} problems");
        return problems.Count == 0 && acknowledged.Count > 0 ? 0 : 1;
    }

    private static async Task KillOnceAsync(string where, List<string> acknowledged, bool untilFirst, int milliseconds)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
        {
            start.ArgumentList.Add(typeof(KillRun).Assembly.Location);
        }

        start.ArgumentList.Add("victim");
        start.ArgumentList.Add(where);
        using Process victim = Process.Start(start)!;
        string? open = await victim.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        if (open != "open")
        {
            throw new InvalidOperationException($"the engine did not open: {open}");
        }

        string first = untilFirst ? await victim.StandardOutput.ReadLineAsync().WaitAsync(Patience) + "\n" : "";
        Task<string> rest = victim.StandardOutput.ReadToEndAsync();
        await Task.Delay(milliseconds);
        victim.Kill();
        await victim.WaitForExitAsync();

        // A line that the kill cut off acknowledged nothing.
        string said = first + await rest;
        acknowledged.AddRange(said[..(said.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line["taken ".Length..]));
    }

    private static async Task<List<string>> ProblemsAsync(string where, List<string> acknowledged)
    {
        var problems = new List<string>();
        EmbeddedEngine engine = await EmbeddedEngine.OpenAsync(Victim.StoreAt(where), new EmbeddedEngineOptions { Registry = Victim.Registry });
        await using (engine)
        {
            EngineApiResult<IReadOnlyList<PipelineSummary>> list = await engine.ListPipelinesAsync(limit: int.MaxValue);
            HashSet<string> kept = new(list.Data!.Select(pipeline => pipeline.RootId), StringComparer.Ordinal);
            problems.AddRange(acknowledged.Where(id => !kept.Contains(id)).Select(id => $"{id} was acknowledged and is lost"));
            foreach (string id in kept)
            {
                await engine.WaitUntilSettledAsync(id).WaitAsync(Patience);
                NodeStateInfo root = (await engine.GetPipelineStatesAsync(id)).Data![id];
                problems.AddRange(root.Children.Values.Append(root).Where(node => node.State != NodeStateName.Finished)
                    .Select(node => $"{node.Id} of {id} is {node.State}"));
            }

            // No node is entered twice in these trees: each begins and ends once, and no position is missing.
            var seen = new HashSet<(string Machine, string Event)>();
            long next = 1;
            await foreach (JournalTurn turn in engine.ReadJournalAsync())
            {
                if (turn.Position != next++)
                {
                    problems.Add($"the journal goes from {next - 2} to {turn.Position}");
                    next = turn.Position + 1;
                }

                foreach (string happened in turn.Events.Cast<MapValue>().Select(fact => ((TextValue)fact["event"]).Value)
                    .Where(name => name is "node-started" or "node-finished" or "pipeline-started" or "pipeline-finished"))
                {
                    if (!seen.Add((turn.MachineId, happened)))
                    {
                        problems.Add($"{turn.MachineId} of {turn.RootId} has {happened} twice");
                    }
                }
            }
        }

        return problems;
    }
}
