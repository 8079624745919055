using System.CommandLine;
using BambooOrleans.Components.BuiltIn;
using BambooOrleans.Storage;

namespace BambooOrleans.Cli.Commands;

/// <summary>The options that several commands have.</summary>
internal static class CommonOptions
{
    public const string DefaultDatabase = "bamboo.db";

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Write one JSON document instead of text.",
        Recursive = true,
    };

    public static Option<string> Database { get; } = new("--db", "--store")
    {
        Description = "The database: a SQLite file, or PostgreSQL as postgresql://user@host/database or Host=…;Database=….",
        HelpName = "PATH|URL",
        DefaultValueFactory = _ => DefaultDatabase,
    };

    public static Option<SqliteSynchronous> StoreSync { get; } = new("--store-sync")
    {
        Description = "What a commit survives: full, the death of the machine; normal, the death of the process.",
        HelpName = "full|normal",
        DefaultValueFactory = _ => SqliteSynchronous.Full,
        CustomParser = result => result.Tokens[^1].Value switch
        {
            "full" => SqliteSynchronous.Full,
            "normal" => SqliteSynchronous.Normal,
            string other => Wrong<SqliteSynchronous>(result, $"--store-sync is full or normal, not {other}."),
        },
    };

    public static Option<bool> AllowShell { get; } = new("--allow-shell")
    {
        Description = "Let the component shell run commands: the pipeline can then do whatever you can.",
    };

    public static Option<bool> AllowPrivateAddresses { get; } = new("--allow-private-addresses")
    {
        Description = "Let http_request and http_poll call private, loopback and link-local addresses.",
    };

    /// <summary>Adds the options of commands that run pipelines.</summary>
    public static void AddRunning(Command command)
    {
        command.Options.Add(Database);
        command.Options.Add(StoreSync);
        command.Options.Add(AllowShell);
        command.Options.Add(AllowPrivateAddresses);
    }

    public static SessionOptions Session(ParseResult command) => new()
    {
        Database = command.GetValue(Database)!,
        Synchronous = command.GetValue(StoreSync),
        Http = new HttpComponentOptions { AllowPrivateAddresses = command.GetValue(AllowPrivateAddresses) },
        Shell = new ShellOptions { IsEnabled = command.GetValue(AllowShell) },
    };

    public static T Wrong<T>(System.CommandLine.Parsing.SymbolResult result, string message)
    {
        result.AddError(message);
        return default!;
    }
}
