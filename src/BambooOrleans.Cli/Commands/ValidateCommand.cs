using System.CommandLine;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Hosting.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo validate</c>: says everything that is wrong with a pipeline, and what does not do what it looks like.</summary>
internal static class ValidateCommand
{
    private static readonly Argument<string> File = new("FILE") { Description = "The pipeline's JSON; - for standard input." };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("validate", "Check a pipeline without running it.") { File };
        SubmissionOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliTerminal terminal, ParseResult command, CancellationToken cancellationToken)
    {
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        string file = command.GetValue(File)!;
        RunPipelineOptions options = await SubmissionOptions.ReadAsync(command, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<Finding> findings;
        string? id = null;
        try
        {
            PipelineTree tree = await PipelineInput.TreeAsync(file, terminal, cancellationToken).ConfigureAwait(false);
            id = tree.Id;
            findings = TreeFindings.Of(tree, options);
        }
        catch (PipelineTreeException refusal)
        {
            findings = [Finding.Of(refusal)];
        }

        int errors = findings.Count(finding => finding.IsError);
        foreach (Finding finding in findings)
        {
            report.Line($"{(finding.IsError ? "error" : "warning")}: {finding}");
        }

        report.Line(errors == 0
            ? $"{id} is valid, with {Reporter.Count(findings.Count, "warning")}"
            : $"{Reporter.Count(errors, "error")}, {Reporter.Count(findings.Count - errors, "warning")}");
        report.Document(Value.Map(
            ("result", errors == 0),
            ("id", id),
            ("errors", Value.List(findings.Where(finding => finding.IsError).Select(finding => (Value)Document(finding)))),
            ("warnings", Value.List(findings.Where(finding => !finding.IsError).Select(finding => (Value)Document(finding))))));
        return errors == 0 ? ExitCode.Finished : ExitCode.BadInput;
    }

    private static MapValue Document(Finding finding) =>
        Value.Map(("code", finding.Code), ("path", finding.Path), ("message", finding.Message));
}
