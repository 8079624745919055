using System.CommandLine;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo node retry</c>: runs a failed node again, and follows the pipeline until it has settled again.</summary>
internal static class RetryCommand
{
    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Inputs that take the place of all of the node's own.",
        HelpName = "JSON|@file",
    };

    private static readonly Option<bool> Loop = new("--loop")
    {
        Description = "Only the failed round of the node's own loop.",
    };

    private static readonly Argument<string> SubProcess = new("ID") { Description = "The id of the sub-process." };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("retry", "Run a failed node again.") { ControlOptions.Node, Data, Loop };
        ControlOptions.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            MapValue? data = await PipelineInput.MapAsync(parsed.GetValue(Data), "--data", cancellationToken).ConfigureAwait(false);
            return await ControlCommand.GoOnAsync(
                terminal,
                parsed,
                ControlOptions.Node,
                call => call.Engine.RetryNodeAsync(call.Id, data, parsed.GetValue(Loop), call.Options, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    public static Command CreateForSubProcess(CliTerminal terminal)
    {
        var command = new Command("retry", "Enter a sub-process again that failed to be entered.") { SubProcess };
        ControlOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => ControlCommand.GoOnAsync(
            terminal,
            parsed,
            SubProcess,
            call => call.Engine.RetrySubprocessAsync(call.Id, call.Options, cancellationToken),
            cancellationToken));
        return command;
    }
}
