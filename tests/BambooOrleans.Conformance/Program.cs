using BambooOrleans.Conformance;
using BambooOrleans.Conformance.Corpus;
using BambooOrleans.Conformance.Hosts;
using BambooOrleans.Conformance.Replay;
using BambooOrleans.TestPostgres;

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

if (ConformanceHosts.Find(line.Host) is not Func<IConformanceHost> newHost)
{
    Console.Error.WriteLine($"there is no host {line.Host}; there are: {string.Join(", ", ConformanceHosts.Names)}");
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
