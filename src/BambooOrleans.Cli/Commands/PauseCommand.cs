using System.CommandLine;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo pause</c>: pauses a pipeline or sub-process; <c>bamboo node pause</c>: pauses before a node.</summary>
internal static class PauseCommand
{
    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("pause", "Pause a pipeline or sub-process: each token stops before its next node.") { ControlOptions.Pipeline };
        ControlOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => ControlCommand.SteerAsync(
            terminal,
            parsed,
            ControlOptions.Pipeline,
            call => call.Engine.PausePipelineAsync(call.Id, call.Options, cancellationToken),
            cancellationToken));
        return command;
    }

    public static Command CreateForNode(CliTerminal terminal)
    {
        var command = new Command("pause", "Pause before a node when it is reached, or while it runs.") { ControlOptions.Node };
        ControlOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => ControlCommand.SteerAsync(
            terminal,
            parsed,
            ControlOptions.Node,
            call => call.Engine.PauseNodeAppointAsync(call.Id, call.Options, cancellationToken),
            cancellationToken));
        return command;
    }
}
