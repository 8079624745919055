using System.CommandLine;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Server.Security;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo key</c>: the API keys that <c>bamboo serve --keys</c> takes.</summary>
internal static class KeyCommand
{
    private static readonly Option<string> Keys = new("--keys")
    {
        Description = "The file of keys.",
        HelpName = "FILE",
        DefaultValueFactory = _ => "bamboo-keys.json",
    };

    private static readonly Argument<string> Name = new("NAME") { Description = "Whose it is: the journal names it as the operator." };

    private static readonly Argument<string> Id = new("ID") { Description = "The key's id, which bamboo key list tells." };

    private static readonly Option<string> RoleName = new("--role")
    {
        Description = "What it may do.",
        HelpName = "viewer|operator|admin",
        DefaultValueFactory = _ => Role.Viewer.Name(),
    };

    public static Command Create(CliTerminal terminal)
    {
        var add = new Command("add", "Make a key, and show it this once.") { Name, RoleName, Keys };
        add.SetAction((parsed, _) => Task.FromResult(Add(terminal, parsed)));
        var list = new Command("list", "List the keys; they themselves are not kept.") { Keys };
        list.SetAction((parsed, _) => Task.FromResult(List(terminal, parsed)));
        var revoke = new Command("revoke", "Make a key worthless for good.") { Id, Keys };
        revoke.SetAction((parsed, _) => Task.FromResult(Revoke(terminal, parsed)));
        return new Command("key", "Make, list and revoke API keys.") { add, list, revoke };
    }

    private static int Add(CliTerminal terminal, ParseResult command)
    {
        string name = command.GetValue(Name)!;
        if (string.IsNullOrWhiteSpace(name) || name.Any(char.IsControl))
        {
            throw new CliException("invalid-argument", "NAME must not be empty, and have no control characters", "NAME");
        }

        Role role = Roles.TryParse(command.GetValue(RoleName), out Role known)
            ? known
            : throw new CliException("invalid-argument", $"--role must be viewer, operator or admin, but is {command.GetValue(RoleName)}", "--role");
        (ApiKey kept, string key) = ApiKeyFile.Add(command.GetValue(Keys)!, name, role, terminal.Time.GetUtcNow());
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        report.Line(key);
        report.Line($"  this is the key of {name}, role {role.Name()}, id {kept.Id}; it is shown this once");
        report.Document(Value.Map(("result", true), ("id", kept.Id), ("name", name), ("role", role.Name()), ("key", key)));
        return ExitCode.Finished;
    }

    private static int List(CliTerminal terminal, ParseResult command)
    {
        string file = command.GetValue(Keys)!;
        if (!File.Exists(file))
        {
            throw new CliException("file.unreadable", $"--keys {file} is not there; bamboo key add makes it", "--keys");
        }

        IReadOnlyList<ApiKey> keys = ApiKeyFile.Read(file);
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        foreach (ApiKey key in keys)
        {
            string end = key.RevokedTime is { } revoked ? $" revoked {ApiTime.Text(revoked)}" : "";
            report.Line($"{key.Id} {key.Role.Name(),-8} {key.Name} made {ApiTime.Text(key.CreatedTime)}{end}");
        }

        report.Document(Value.Map(("result", true), ("keys", Value.List(keys.Select(key => (Value)Value.Map(
            ("id", key.Id),
            ("name", key.Name),
            ("role", key.Role.Name()),
            ("created_time", ApiTime.Text(key.CreatedTime)),
            ("revoked_time", ApiTime.Text(key.RevokedTime))))))));
        return ExitCode.Finished;
    }

    private static int Revoke(CliTerminal terminal, ParseResult command)
    {
        ApiKey key = ApiKeyFile.Revoke(command.GetValue(Keys)!, command.GetValue(Id)!, terminal.Time.GetUtcNow());
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        report.Line($"the key {key.Id} of {key.Name} is revoked");
        report.Document(Value.Map(("result", true), ("id", key.Id), ("name", key.Name)));
        return ExitCode.Finished;
    }
}
