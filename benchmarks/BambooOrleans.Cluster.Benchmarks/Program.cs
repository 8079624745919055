using System.CommandLine;
using BambooOrleans.Benchmarks;
using BambooOrleans.Cluster;
using BambooOrleans.TestPostgres;

Option<int> silosOption = new("--silos") { Description = "How many silos, all on this machine.", DefaultValueFactory = _ => 1 };
Option<int> repeatOption = new("--repeat") { Description = "How often everything is measured; the medians are shown.", DefaultValueFactory = _ => 3 };
Option<StorageKind> storageOption = new("--storage") { Description = "Where states are kept.", DefaultValueFactory = _ => StorageKind.AdoNet };
Option<string> onlyOption = new("--only") { Description = "Only scenarios whose name begins so." };
RootCommand command = new("Measures silos on PostgreSQL end to end, beside the raw rate of grain writes of the same silo.")
{
    silosOption, repeatOption, storageOption, onlyOption,
};
command.SetAction(async (parsed, _) =>
{
    if (PrivatePostgres.WhyNotAvailable is { } reason)
    {
        await Console.Error.WriteLineAsync(reason);
        return 2;
    }

    await using BenchmarkCluster cluster = await BenchmarkCluster.StartAsync(parsed.GetValue(silosOption), parsed.GetValue(storageOption));
    IReadOnlyList<Scenario> scenarios =
    [
        .. Scenario.All.Where(scenario => scenario.Name.StartsWith(parsed.GetValue(onlyOption) ?? "", StringComparison.Ordinal)),
    ];

    // The compiler of the platform needs a few thousand turns before the code that it makes is what a long run has.
    foreach (Scenario scenario in Scenario.WarmUp)
    {
        await scenario.Measure(cluster);
    }

    var results = new List<Result>();
    for (int round = 1; round <= parsed.GetValue(repeatOption); round++)
    {
        foreach (Scenario scenario in scenarios)
        {
            await Console.Error.WriteLineAsync($"round {round}: {scenario.Name}");
            results.Add(await scenario.Measure(cluster));
        }
    }

    Report.Print(Console.Out, parsed.GetValue(silosOption), results);
    return 0;
});
return await command.Parse(args).InvokeAsync();
