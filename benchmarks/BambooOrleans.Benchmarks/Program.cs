using BambooOrleans.Benchmarks;
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

if (line.AsksForHelp)
{
    Console.WriteLine(CommandLine.Usage);
    return 0;
}

if (line.Store == StoreKind.Postgres && PrivatePostgres.WhyNotAvailable is { } reason)
{
    Console.Error.WriteLine(reason);
    return 2;
}

// The compiler of the platform needs a few thousand turns before the code that it makes is what a long run has.
foreach (Scenario scenario in Scenario.WarmUp)
{
    await scenario.MeasureAsync(line.Store);
}

var results = new List<Result>();
for (int round = 1; round <= line.Repeat; round++)
{
    // Every round has all scenarios in it, so that a busy minute of the machine does not fall on one of them alone.
    foreach (Scenario scenario in line.Scenarios)
    {
        Console.Error.WriteLine($"round {round} of {line.Repeat}: {scenario.Name}");
        results.Add(await scenario.MeasureAsync(line.Store));
    }
}

Report report = Report.Of(line.Store, line.Repeat, results);
report.Print(Console.Out);
if (line.JsonFile is not null)
{
    await File.WriteAllTextAsync(line.JsonFile, report.ToJson());
}

return 0;
