using System.CommandLine;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo revoke</c>: revokes a root pipeline for good.</summary>
internal static class RevokeCommand
{
    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("revoke", "Revoke a pipeline for good: each token ends before its next node.") { ControlOptions.Pipeline };
        ControlOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => ControlCommand.SteerAsync(
            terminal,
            parsed,
            ControlOptions.Pipeline,
            call => call.Engine.RevokePipelineAsync(call.Id, call.Options, cancellationToken),
            cancellationToken));
        return command;
    }
}
