using System.CommandLine;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Hosting;
using BambooOrleans.Storage;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo export</c>: writes a pipeline with its whole history to a file.</summary>
internal static class ExportCommand
{
    private static readonly Argument<string> Id = new("ID")
    {
        Description = "The pipeline, or a node or sub-process in it.",
    };

    private static readonly Option<string> Output = new("--output", "-o")
    {
        Description = "The file; one that is there is replaced.",
        HelpName = "FILE",
        Required = true,
    };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("export", "Write a pipeline with its whole history to a file.") { Id, Output, CommonOptions.Database };
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliTerminal terminal, ParseResult command, CancellationToken cancellationToken)
    {
        string output = command.GetValue(Output)!;
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        await using Session session = await Session.ReadAsync(CommonOptions.Session(command), cancellationToken).ConfigureAwait(false);
        PipelineExport export = await session.Embedded.ExportAsync(command.GetValue(Id)!, cancellationToken).ConfigureAwait(false);
        await WriteAsync(output, export, cancellationToken).ConfigureAwait(false);
        int turns = export.Journal.Sum(row => row.Turns);
        report.Line($"{export.Stored.RootId} {export.State} was written to {output}: {Reporter.Count(turns, "turn")}, {Reporter.Count(export.Histories.Count, "ended attempt")}");
        report.Document(Value.Map(
            ("result", true), ("id", export.Stored.RootId), ("state", export.State), ("file", output), ("turns", turns)));
        return ExitCode.Finished;
    }

    // Under another name until it is whole: a file of this name is an export, or what was there before.
    private static async Task WriteAsync(string output, PipelineExport export, CancellationToken cancellationToken)
    {
        string unfinished = $"{output}.{Guid.NewGuid():N}.tmp";
        try
        {
            var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write);
            await using (file.ConfigureAwait(false))
            {
                await PipelineFile.WriteAsync(file, export, cancellationToken).ConfigureAwait(false);
            }

            File.Move(unfinished, output, overwrite: true);
        }
        catch (Exception failure)
        {
            if (File.Exists(unfinished))
            {
                File.Delete(unfinished);
            }

            if (failure is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                throw new CliException("file.unwritable", $"--output {output} cannot be written: {failure.Message}", output);
            }

            throw;
        }
    }
}
