using System.CommandLine;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo node outputs</c>: sets outputs of a failed node, for a skip to leave it with.</summary>
internal static class OutputsCommand
{
    private static readonly Argument<string> Outputs = new("JSON") { Description = "The outputs, as a JSON object or as @file." };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("outputs", "Set outputs of a failed node, beside those it has.") { ControlOptions.Node, Outputs };
        ControlOptions.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            MapValue outputs = (await PipelineInput.MapAsync(parsed.GetValue(Outputs), "JSON", cancellationToken).ConfigureAwait(false))!;
            return await ControlCommand.SteerAsync(
                terminal,
                parsed,
                ControlOptions.Node,
                call => call.Engine.UpdateNodeOutputsAsync(call.Id, outputs, call.Options, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        });
        return command;
    }
}
