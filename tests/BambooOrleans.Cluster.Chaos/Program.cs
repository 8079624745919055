using System.CommandLine;
using BambooOrleans.Cluster.Chaos;

Option<double> minutes = new("--minutes") { Description = "How long there is load.", DefaultValueFactory = _ => 10 };
Option<int> silos = new("--silos") { Description = "How many silos there are.", DefaultValueFactory = _ => 3 };
Option<double> killEvery = new("--kill-every") { Description = "Seconds between two kills.", DefaultValueFactory = _ => 20 };
Option<int> atOnce = new("--at-once") { Description = "How many pipelines are under way at once.", DefaultValueFactory = _ => 24 };
Option<int> seed = new("--seed") { Description = "Chooses who is killed.", DefaultValueFactory = _ => 1 };
Option<string> storage = new("--storage") { Description = "Where the silos keep the states of their grains.", DefaultValueFactory = _ => "adonet" };
storage.AcceptOnlyFromAmong("adonet", "group-commit");
RootCommand command = new("Silos that are killed one after the other under load: is anything lost, or done twice?")
{
    minutes, silos, killEvery, atOnce, seed, storage,
};
command.SetAction(async (parsed, cancellation) => await ChaosRun.RunAsync(
    new ChaosOptions(
        TimeSpan.FromMinutes(parsed.GetValue(minutes)),
        parsed.GetValue(silos),
        TimeSpan.FromSeconds(parsed.GetValue(killEvery)),
        parsed.GetValue(atOnce),
        parsed.GetValue(seed),
        parsed.GetRequiredValue(storage)),
    cancellation));
return await command.Parse(args).InvokeAsync();
