using System.CommandLine;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo retry</c>: runs a failed node again, and follows the pipeline until it has settled again.</summary>
internal static class RetryCommand
{
    private static readonly Option<string?> Data = new("--data")
    {
        Description = "Inputs that take the place of all of the node's own.",
        HelpName = "JSON|@file",
    };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("retry", "Run a failed node again.") { NodeVerb.Node, Data };
        NodeVerb.AddOptions(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            MapValue? data = await PipelineInput.MapAsync(parsed.GetValue(Data), "--data", cancellationToken).ConfigureAwait(false);
            return await NodeVerb.RunAsync(
                terminal,
                parsed,
                (engine, nodeId) => engine.RetryNodeAsync(nodeId, data, options: NodeVerb.Asked, cancellationToken: cancellationToken),
                cancellationToken).ConfigureAwait(false);
        });
        return command;
    }
}
