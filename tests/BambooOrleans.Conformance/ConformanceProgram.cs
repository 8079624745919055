using BambooOrleans.Conformance.Corpus;
using BambooOrleans.Conformance.Hosts;
using BambooOrleans.Conformance.Replay;
using BambooOrleans.TestPostgres;

namespace BambooOrleans.Conformance;

/// <summary>The program that replays the corpus, on whichever hosts its caller knows.</summary>
public static class ConformanceProgram
{
    /// <summary>Replays what the command line asks for, and prints the report.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="hosts">The hosts that <c>--host</c> can name; the first is the default.</param>
    /// <returns>0 where everything passed, 1 where something failed, 2 where nothing was replayed.</returns>
    public static async Task<int> RunAsync(string[] args, IReadOnlyDictionary<string, Func<IConformanceHost>> hosts)
    {
        CommandLine line;
        try
        {
            line = CommandLine.Parse(args);
        }
        catch (FormatException wrong)
        {
            Console.Error.WriteLine(wrong.Message);
            Console.Error.WriteLine(CommandLine.Usage);
            return 2;
        }

        if (!Directory.Exists(line.Directory))
        {
            Console.Error.WriteLine($"there is no directory {line.Directory}");
            return 2;
        }

        string host = line.Host ?? hosts.Keys.First();
        if (!hosts.TryGetValue(host, out Func<IConformanceHost>? newHost))
        {
            Console.Error.WriteLine($"there is no host {host}; there are: {string.Join(", ", hosts.Keys)}");
            return 2;
        }

        if (line.Store == StoreKind.Postgres && PrivatePostgres.WhyNotAvailable is { } reason)
        {
            Console.Error.WriteLine(reason);
            return 2;
        }

        CorpusDirectory corpus = CorpusDirectory.Read(line.Directory, line.Deviations);
        Scenario[] asked = [.. corpus.Scenarios.Where(scenario => line.Selects(scenario.Category, scenario.Name))];
        Scenario[] selected = [.. asked.Where(line.Verbs.Includes)];

        CaseResult[] functions =
        [
            .. from file in corpus.FunctionFiles
               from function in file.Cases
               where line.Selects(file.Category, function.Name)
               select function.Replay(),
        ];

        var scenarios = new CaseResult[selected.Length];
        await Parallel.ForAsync(
            0,
            selected.Length,
            new ParallelOptions { MaxDegreeOfParallelism = line.Parallel },
            async (index, _) =>
            {
                Scenario scenario = selected[index];
                scenarios[index] = new CaseResult(
                    scenario.Category,
                    scenario.Name,
                    await ScenarioReplay.RunAsync(newHost, scenario, line.Store, line.TimeLimit),
                    scenario.Deviation is not null);
            });

        CaseResult[] results = [.. functions, .. scenarios];
        ConformanceReport.Print(Console.Out, corpus, results, asked.Length - selected.Length);

        // Nothing replayed is no success: a wrong DIR or a misspelt name must not look like one.
        return results.Length == 0 && asked.Length == 0 ? 2 : ConformanceReport.FailureCount(corpus, results) == 0 ? 0 : 1;
    }
}
