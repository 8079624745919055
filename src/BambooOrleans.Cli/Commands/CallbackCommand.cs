using System.CommandLine;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo callback</c>: hands data to a node that waits for it, and follows the pipeline until it has settled again.</summary>
internal static class CallbackCommand
{
    private static readonly Argument<string> Version = new("VERSION") { Description = "The version of the attempt that waits, as run and show tell it." };

    private static readonly Argument<string> Data = new("DATA") { Description = "The data, as JSON or as @file." };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("callback", "Hand data to a node that waits for a callback.") { NodeVerb.Node, Version, Data };
        NodeVerb.AddOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            Value data = await PipelineInput.ValueAsync(parsed.GetValue(Data)!, "DATA", cancellationToken).ConfigureAwait(false);
            return await NodeVerb.RunAsync(
                terminal,
                parsed,
                (engine, nodeId) => engine.CallbackAsync(nodeId, parsed.GetValue(Version)!, data, NodeVerb.Asked, cancellationToken),
                cancellationToken).ConfigureAwait(false);
        });
        return command;
    }
}
