using System.CommandLine;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo node</c> and <c>bamboo subprocess</c>: the groups of commands that change one node.</summary>
internal static class NodeCommand
{
    public static Command Create(CliTerminal terminal) => new("node", "Steer one node.")
    {
        RetryCommand.Create(terminal),
        SkipCommand.Create(terminal),
        FailCommand.Create(terminal),
        CallbackCommand.Create(terminal),
        PauseCommand.CreateForNode(terminal),
        ResumeCommand.CreateForNode(terminal),
        OutputsCommand.Create(terminal),
    };

    public static Command CreateForSubProcess(CliTerminal terminal) => new("subprocess", "Steer a sub-process.")
    {
        RetryCommand.CreateForSubProcess(terminal),
    };
}
