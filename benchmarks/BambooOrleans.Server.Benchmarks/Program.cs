using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using BambooOrleans.Benchmarks;

if (args is [EngineProcess.Argument, var database])
{
    return await EngineProcess.RunAsync(database, Console.In, Console.Out);
}

Option<int> watchersOption = new("--watchers") { Description = "How many event streams are open, each of one pipeline.", DefaultValueFactory = _ => 1000 };
Option<int> repeatOption = new("--repeat") { Description = "How often everything is measured; the medians are shown.", DefaultValueFactory = _ => 3 };
RootCommand command = new(
    "Measures what watchers cost: an engine on SQLite behind its HTTP API in one process, event streams and reads of states from another, on the same cores.")
{
    watchersOption, repeatOption,
};
command.SetAction(async (parsed, _) =>
{
    int watchers = parsed.GetValue(watchersOption);
    await using ServedEngine engine = await ServedEngine.StartAsync();
    foreach (Load load in Load.All)
    {
        // The compiler of the platform needs a few thousand turns before the code that it makes is what a long run has.
        await Measurement.TakeAsync(engine, load with { PaceMilliseconds = load.PaceMilliseconds / 10 }, watchers / 4);
    }

    var taken = new List<Measurement>();
    for (int round = 1; round <= parsed.GetValue(repeatOption); round++)
    {
        // In turn, so that a busy minute of the machine does not fall on one of them alone.
        foreach (Load load in Load.All)
        {
            foreach (int count in new[] { 0, watchers })
            {
                await Console.Error.WriteLineAsync($"round {round}: {load.Name}, {count} watchers");
                taken.Add(await Measurement.TakeAsync(engine, load, count));
            }
        }
    }

    Measurement.Print(Console.Out, taken);
    return 0;
});
return await command.Parse(args).InvokeAsync();
