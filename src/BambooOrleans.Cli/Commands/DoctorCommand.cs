using System.CommandLine;
using BambooOrleans.Cli.Doctor;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Cli.Serving;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo doctor</c>: looks at a setup, and says what is wrong with it and what to do.</summary>
internal static class DoctorCommand
{
    private static readonly Option<string?> Silo = new("--silo")
    {
        Description = "Look at a silo's settings and its database instead of --db and the options of bamboo serve.",
        HelpName = "silo.json",
    };

    private static readonly Option<string> WaitingLonger = new("--waiting-longer")
    {
        Description = "From when on a wait for a callback or for the end of a pause is told.",
        HelpName = "TIME",
        DefaultValueFactory = _ => "7d",
    };

    public static Command Create(CliTerminal terminal, Machine? machine = null)
    {
        var command = new Command("doctor", "Look at a setup, and say what is wrong with it and what to do. Changes nothing.")
        {
            CommonOptions.Database, Silo, WaitingLonger,
        };
        ServerOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, machine ?? new Machine(), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliTerminal terminal, ParseResult command, Machine machine, CancellationToken cancellationToken)
    {
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        IReadOnlyList<Check> checks = await Examination.RunAsync(
            command,
            command.GetValue(Silo),
            TimeArgument.ParseLength(command.GetValue(WaitingLonger)!, "--waiting-longer"),
            machine,
            terminal.Time.GetUtcNow(),
            cancellationToken).ConfigureAwait(false);
        foreach (Check check in checks)
        {
            report.Line($"{Mark(check.Status)} {check.Name}: {check.Text}");
            if (check.Advice is { } advice)
            {
                report.Line($"          {advice}");
            }
        }

        int problems = checks.Count(check => check.Status == CheckStatus.Problem);
        int warnings = checks.Count(check => check.Status == CheckStatus.Warning);
        report.Line($"{problems} {(problems == 1 ? "problem" : "problems")}, {warnings} {(warnings == 1 ? "warning" : "warnings")}");
        report.Document(Value.Map(
            ("result", problems == 0),
            ("problems", problems),
            ("warnings", warnings),
            ("checks", Value.List(checks.Select(check => (Value)check.ToValue())))));
        return problems == 0 ? ExitCode.Finished : ExitCode.Failed;
    }

    private static string Mark(CheckStatus status) => status switch
    {
        CheckStatus.Ok => "ok       ",
        CheckStatus.Warning => "warning  ",
        _ => "problem  ",
    };
}
