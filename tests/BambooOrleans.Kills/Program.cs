using System.CommandLine;
using BambooOrleans.Kills;
using BambooOrleans.TestPostgres;

Option<int> killsOption = new("--kills") { Description = "How often the engine's process is killed.", DefaultValueFactory = _ => 100 };
Option<string> storeOption = new("--store") { Description = "Where the engine keeps its pipelines.", DefaultValueFactory = _ => "sqlite" };
storeOption.AcceptOnlyFromAmong("sqlite", "postgres");
RootCommand command = new("Kills a process (SIGKILL) that runs an engine under load, again and again, and checks what is kept.")
{
    killsOption, storeOption,
};
command.SetAction(async (parsed, _) =>
{
    bool isPostgres = parsed.GetValue(storeOption) == "postgres";
    if (isPostgres && PrivatePostgres.WhyNotAvailable is { } reason)
    {
        await Console.Error.WriteLineAsync(reason);
        return 2;
    }

    DirectoryInfo directory = Directory.CreateTempSubdirectory("bamboo-kills-");
    try
    {
        PrivatePostgres? server = isPostgres ? await PrivatePostgres.StartAsync() : null;
        try
        {
            return await KillRun.RunAsync(server?.ConnectionString ?? Path.Combine(directory.FullName, "bamboo.db"), parsed.GetValue(killsOption));
        }
        finally
        {
            if (server is not null)
            {
                await server.DisposeAsync();
            }
        }
    }
    finally
    {
        directory.Delete(recursive: true);
    }
});

// What is killed: this program again.
Argument<string> whereArgument = new("store");
Command victim = new("victim", "Runs an engine under load, and prints each pipeline that it has acknowledged.") { whereArgument };
victim.SetAction((parsed, _) => Victim.RunAsync(parsed.GetRequiredValue(whereArgument)));
command.Add(victim);
return await command.Parse(args).InvokeAsync();
