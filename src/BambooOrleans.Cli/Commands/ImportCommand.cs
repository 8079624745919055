using System.CommandLine;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Storage;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo import</c>: takes in a pipeline that was exported.</summary>
internal static class ImportCommand
{
    private static readonly Argument<string> Input = new("FILE")
    {
        Description = "What bamboo export wrote.",
    };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("import", "Take in a pipeline that was exported, with its whole history.")
        {
            Input, CommonOptions.Database, CommonOptions.StoreSync,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliTerminal terminal, ParseResult command, CancellationToken cancellationToken)
    {
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        PipelineExport export = await ExportedFile.ReadAsync(command.GetValue(Input)!, cancellationToken).ConfigureAwait(false);
        SessionOptions options = CommonOptions.Session(command);
        await using Session session = await Session.CreateToSteerAsync(options, cancellationToken).ConfigureAwait(false);
        await session.Embedded.ImportAsync(export, goesOn: false, cancellationToken).ConfigureAwait(false);
        string rootId = export.Stored.RootId;
        report.Line($"{rootId} was imported: {export.State}");
        if (export.ArchivedTime is null)
        {
            report.Line($"  {ShellCommand.Resume(rootId, options.Database)} goes on with it");
        }

        report.Document(Value.Map(("result", true), ("id", rootId), ("state", export.State)));
        return ExitCode.Finished;
    }
}
