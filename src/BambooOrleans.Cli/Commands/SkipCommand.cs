using System.CommandLine;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo skip</c>: passes over a failed node, and follows the pipeline until it has settled again.</summary>
internal static class SkipCommand
{
    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("skip", "Pass over a failed node.") { NodeVerb.Node };
        NodeVerb.AddOptions(command);
        command.SetAction((parsed, cancellationToken) => NodeVerb.RunAsync(
            terminal,
            parsed,
            (engine, nodeId) => engine.SkipNodeAsync(nodeId, options: NodeVerb.Asked, cancellationToken: cancellationToken),
            cancellationToken));
        return command;
    }
}
