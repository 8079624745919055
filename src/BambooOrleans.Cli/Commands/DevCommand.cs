using System.CommandLine;
using System.Security.Cryptography;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Cli.Serving;
using BambooOrleans.Server;
using BambooOrleans.Telemetry;
using BambooOrleans.Server.Security;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo dev</c>: a server to try things with, with three pipelines in it and a link for the browser.</summary>
internal static class DevCommand
{
    private static readonly Option<string> Database = new("--db", "--store")
    {
        Description = "The SQLite database; it is made where it is not there.",
        HelpName = "PATH",
        DefaultValueFactory = _ => "bamboo-dev.db",
    };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("dev", "Try it: a server on this machine with three pipelines in it, and a link for the browser.")
        {
            Database,
            CommonOptions.AllowShell,
            CommonOptions.AllowPrivateAddresses,
        };
        ServerOptions.AddListening(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliTerminal terminal, ParseResult command, CancellationToken cancellationToken)
    {
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));

        // As long as the process lives, and not written down anywhere.
        (ApiKey kept, string key) = ApiKey.Create(Environment.UserName, Role.Admin, terminal.Time.GetUtcNow());
        var options = new BambooServerOptions
        {
            Listen = ServerOptions.Addresses(command),
            Keys = [kept],
            HasLoginLink = true,
            CallbackSecret = RandomNumberGenerator.GetBytes(CallbackTokens.SecretBytesMin),
            Time = terminal.Time,
        };
        if (options.Listen.Any(at => !System.Net.IPAddress.IsLoopback(at.Address)))
        {
            throw new CliException("invalid-argument", "bamboo dev listens on loopback only; bamboo serve is for others", "--listen");
        }

        using ErrorLog log = ServerOptions.Log(command, terminal);
        using OtlpExport? telemetry = ServerOptions.Export(command);
        SessionOptions session = CommonOptions.Session(command) with { Database = command.GetValue(Database)! };
        await using Session engine = await Session.CreateAsync(session, log, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<string> seeded = await SeedPipelines.SubmitAsync(engine.Engine, cancellationToken).ConfigureAwait(false);
        await using BambooServer server = await BambooServer.StartAsync(engine.Engine, options, log, cancellationToken).ConfigureAwait(false);
        Uri login = server.LoginUrl();
        report.Line($"open {login}");
        report.Line("  the link works once, for one browser");
        report.Line($"or use the key {key}, which is good until this ends:");
        report.Line($"  curl -H 'Authorization: Bearer {key}' {server.Addresses[0]}api/v1/pipelines");
        if (seeded.Count > 0)
        {
            report.Line($"three pipelines are there to try: {string.Join(", ", seeded)}");
        }

        report.DocumentLine(Value.Map(
            ("result", true),
            ("addresses", Value.List(server.Addresses.Select(address => (Value)address.ToString()))),
            ("login", login.ToString()),
            ("key", key),
            ("seeded", Value.List(seeded.Select(id => (Value)id)))));
        await terminal.Out.FlushAsync(cancellationToken).ConfigureAwait(false);
        return await ServeCommand.UntilStoppedAsync(cancellationToken).ConfigureAwait(false);
    }
}
