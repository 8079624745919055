using System.CommandLine;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo preview</c>: what the inputs of an activity would be, without submitting the tree.</summary>
internal static class PreviewCommand
{
    private static readonly Argument<string> File = new("FILE") { Description = "The pipeline's JSON; - for standard input." };

    private static readonly Option<string[]> Stack = new("--stack")
    {
        Description = "The sub-processes around the node, from the outermost.",
        HelpName = "SUB",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Data of the root pipeline, which lazy variables see.",
        HelpName = "JSON|@file",
    };

    private static readonly Option<string?> Context = new("--context")
    {
        Description = "Context values that the tree is entered with, by key ${name} or name.",
        HelpName = "JSON|@file",
    };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("preview", "Show what the inputs of an activity would be, without running anything.")
        {
            File, ControlOptions.Node, Stack, Data, Context,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliTerminal terminal, ParseResult command, CancellationToken cancellationToken)
    {
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        PipelineTree tree = await PipelineInput.TreeAsync(command.GetValue(File)!, terminal, cancellationToken).ConfigureAwait(false);
        MapValue? data = await PipelineInput.MapAsync(command.GetValue(Data), "--data", cancellationToken).ConfigureAwait(false);
        MapValue? context = PipelineInput.ContextKeys(
            await PipelineInput.MapAsync(command.GetValue(Context), "--context", cancellationToken).ConfigureAwait(false));
        string nodeId = command.GetValue(ControlOptions.Node)!;
        await using Session session = await Session.WithoutDatabaseAsync(cancellationToken).ConfigureAwait(false);
        MapValue inputs = (await session.Engine.PreviewNodeInputsAsync(
            tree, nodeId, command.GetValue(Stack) ?? [], data, context, cancellationToken).ConfigureAwait(false)).OrThrow();
        foreach ((string name, Value value) in inputs)
        {
            report.Line($"{name} = {value.ToJson()}");
        }

        if (inputs.Count == 0)
        {
            report.Line($"{nodeId} has no inputs");
        }

        report.Document(Value.Map(("result", true), ("node_id", nodeId), ("inputs", inputs)));
        return ExitCode.Finished;
    }
}
