using System.CommandLine;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Hosting.Wire;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo definition</c>: a pipeline as it was submitted, as a file that <c>bamboo run</c> takes.</summary>
internal static class DefinitionCommand
{
    private static readonly Argument<string> Id = new("ID") { Description = "The pipeline's id, or that of a node in it." };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("definition", "Show a pipeline as it was submitted, as JSON.") { Id, CommonOptions.Database };
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliTerminal terminal, ParseResult command, CancellationToken cancellationToken)
    {
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        await using Session session = await Session.ReadAsync(CommonOptions.Session(command), cancellationToken).ConfigureAwait(false);
        string rootId = await session.RootOfAsync(command.GetValue(Id)!, cancellationToken).ConfigureAwait(false);
        SubmittedPipeline pipeline =
            (await session.Engine.GetPipelineDefinitionAsync(rootId, cancellationToken).ConfigureAwait(false)).OrThrow();
        report.Line(ValueJson.ToText(pipeline.Pipeline, indented: true));
        report.Document(PipelineData.Write(pipeline).With("result", true));
        return ExitCode.Finished;
    }
}
