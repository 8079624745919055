using System.CommandLine;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Cli.Serving;
using BambooOrleans.Server;
using BambooOrleans.Telemetry;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo serve</c>: runs what is in a database, and answers over HTTP until it is stopped.</summary>
internal static class ServeCommand
{
    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("serve", "Run pipelines and answer the Engine API over HTTP, until it is stopped.");
        ServerOptions.AddTo(command);
        CommonOptions.AddRunning(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliTerminal terminal, ParseResult command, CancellationToken cancellationToken)
    {
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        BambooServerOptions options = ServerOptions.Of(command) with { Time = terminal.Time };
        using ErrorLog log = ServerOptions.Log(command, terminal);
        using OtlpExport? telemetry = ServerOptions.Export(command);
        await using Session session = await Session.CreateAsync(CommonOptions.Session(command), log, cancellationToken).ConfigureAwait(false);
        await using BambooServer server = await BambooServer.StartAsync(session.Engine, options, log, cancellationToken).ConfigureAwait(false);
        foreach (Uri address in server.Addresses)
        {
            report.Line($"listening on {address}");
        }

        if (options.KeyFile is null && options.Jwt is null)
        {
            report.Warning("there is no authentication: whoever has an account on this machine may do all");
        }

        report.DocumentLine(Value.Map(("result", true), ("addresses", Value.List(server.Addresses.Select(address => (Value)address.ToString())))));
        await terminal.Out.FlushAsync(cancellationToken).ConfigureAwait(false);
        return await UntilStoppedAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Being stopped is how a server ends well.</summary>
    internal static async Task<int> UntilStoppedAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ExitCode.Finished;
    }
}
