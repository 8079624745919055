using System.CommandLine;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Core.Machines.Replay;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo replay</c>: makes the states of a pipeline from its journal, and compares them with those that are stored.</summary>
internal static class ReplayCommand
{
    private static readonly Argument<string> Source = new("FILE|ID")
    {
        Description = "What bamboo export wrote; or, where there is no such file, a pipeline of the database.",
    };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("replay", "Make a pipeline's states from its journal, and compare them with those that are stored.")
        {
            Source, CommonOptions.Database,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliTerminal terminal, ParseResult command, CancellationToken cancellationToken)
    {
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        string source = command.GetValue(Source)!;
        AuditReport audit;
        if (File.Exists(source))
        {
            PipelineExport export = await ExportedFile.ReadAsync(source, cancellationToken).ConfigureAwait(false);
            await using Session session = await Session.WithoutDatabaseAsync(cancellationToken).ConfigureAwait(false);
            audit = session.Embedded.Audit(export);
        }
        else
        {
            await using Session session = await Session.ReadAsync(CommonOptions.Session(command), cancellationToken).ConfigureAwait(false);
            audit = session.Embedded.Audit(await session.Embedded.ExportAsync(source, cancellationToken).ConfigureAwait(false));
        }

        Write(report, audit);
        return audit.IsEqual ? ExitCode.Finished : ExitCode.Failed;
    }

    private static void Write(Reporter report, AuditReport audit)
    {
        if (audit.Fault is not null)
        {
            report.Line($"the journal of {audit.RootId} cannot be replayed: {audit.Fault}");
        }

        foreach ((string machine, StateDifference? difference) in audit.Machines)
        {
            report.Line(difference is null
                ? $"{machine} equal"
                : $"{machine} DIFFERENT at {difference.Path}: stored {Text(difference.Stored)}, replayed {Text(difference.Replayed)}");
        }

        report.Line($"{audit.RootId}: {audit.Turns} turns, {(audit.IsEqual ? "the states are those of the journal" : "the states are not those of the journal")}");
        report.Document(Value.Map(
            ("result", true),
            ("id", audit.RootId),
            ("turns", audit.Turns),
            ("equal", audit.IsEqual),
            ("fault", audit.Fault is null ? Value.Null : audit.Fault),
            ("machines", Value.List(audit.Machines.Select(ToValue)))));
    }

    private static Value ToValue(MachineComparison comparison)
    {
        var document = new MapValue.Builder
        {
            ["machine"] = comparison.Machine,
            ["equal"] = comparison.Difference is null,
        };
        if (comparison.Difference is { } difference)
        {
            document["path"] = difference.Path;
            document["stored"] = difference.Stored ?? Value.Null;
            document["replayed"] = difference.Replayed ?? Value.Null;
        }

        return document.Build();
    }

    private static string Text(Value? value) => value?.ToJson() ?? "nothing";
}
