using System.CommandLine;
using BambooOrleans;
using BambooOrleans.Cluster;
using BambooOrleans.Hosting;
using BambooOrleans.Silo;

Option<string> settingsOption = new("--settings")
{
    Description = "The settings file (default: the silo.json beside the program). Environment variables BAMBOO__… go over it.",
    HelpName = "file",
    DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "silo.json"),
    Recursive = true,
};

Command run = new("run", "Runs a silo until it is told to stop (SIGTERM, SIGINT). The default.");
Command serve = new("serve", "Answers the Engine API over HTTP before a cluster, as a client of it, until it is told to stop.");
Command migrate = new("migrate", "Brings the tables in PostgreSQL to this version, and ends. Can be run again and again.");
Command check = new("check", "Checks the settings and reaches every database that they name, and ends.");
RootCommand command = new("A silo of a BambooOrleans cluster.") { settingsOption, run, serve, migrate, check };

foreach (Command runs in new[] { command, run })
{
    runs.SetAction((parsed, cancellation) => GuardAsync(parsed, async settings =>
    {
        ComponentRegistry registry = UserAssemblies.Register(settings);
        await Schema.RequireCurrentAsync(settings, cancellation);
        return await SiloProcess.RunAsync(settings, registry, cancellation);
    }));
}

serve.SetAction((parsed, cancellation) => GuardAsync(parsed, async settings =>
{
    await ApiProcess.RunAsync(settings, cancellation);
    return 0;
}));

migrate.SetAction((parsed, cancellation) => GuardAsync(parsed, async settings =>
{
    await Schema.MigrateAsync(settings, Console.Out, cancellation);
    return 0;
}));

check.SetAction((parsed, cancellation) => GuardAsync(parsed, async settings =>
{
    ComponentRegistry registry = UserAssemblies.Register(settings);
    await Schema.RequireCurrentAsync(settings, cancellation);
    await Console.Out.WriteLineAsync(
        $"The settings are valid, every database answers with a current schema, and {registry.Components.Count()} components are registered.");
    return 0;
}));

// The signals are the silo's own: it takes them as the beginning of a shutdown with a time limit.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });

async Task<int> GuardAsync(ParseResult parsed, Func<ClusterSettings, Task<int>> act)
{
    try
    {
        return await act(SettingsReader.Read(parsed.GetRequiredValue(settingsOption)));
    }
    catch (Exception failure) when (failure is SettingsException or BambooException or SiloException)
    {
        await Console.Error.WriteLineAsync(failure.Message.ReplaceLineEndings(" "));
        return 1;
    }
}
