using System.CommandLine;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo node fail</c>: makes a running activity fail. Its component is not run again for it.</summary>
internal static class FailCommand
{
    private static readonly Argument<string> Message = new("MESSAGE")
    {
        Description = "What the node's ex_data says.",
        Arity = ArgumentArity.ZeroOrOne,
        DefaultValueFactory = _ => "forced to fail by bamboo node fail",
    };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("fail", "Make a running activity fail.") { ControlOptions.Node, Message };
        ControlOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) => ControlCommand.SteerAsync(
            terminal,
            parsed,
            ControlOptions.Node,
            call => call.Engine.ForcedFailActivityAsync(call.Id, parsed.GetValue(Message)!, call.Options, cancellationToken),
            cancellationToken));
        return command;
    }
}
