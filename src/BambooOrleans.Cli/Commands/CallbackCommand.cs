using System.CommandLine;
using BambooOrleans.Cli.Reports;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo node callback</c>: hands data to a node that waits for it, and follows the pipeline until it has settled again.</summary>
internal static class CallbackCommand
{
    // One argument of one or two words, as the version in the middle may be left out.
    private static readonly Argument<string[]> VersionAndData = new("[VERSION] DATA")
    {
        Description = "The version of the attempt that waits, the current one where it is left out; and the data, as JSON or as @file.",
        Arity = new ArgumentArity(1, 2),
    };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("callback", "Hand data to a node that waits for a callback.") { ControlOptions.Node, VersionAndData };
        ControlOptions.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string[] words = parsed.GetValue(VersionAndData)!;
            Value data = await PipelineInput.ValueAsync(words[^1], "DATA", cancellationToken).ConfigureAwait(false);
            return await ControlCommand.GoOnAsync(
                terminal,
                parsed,
                ControlOptions.Node,
                async call =>
                {
                    string version = words.Length == 2
                        ? words[0]
                        : await CurrentVersionAsync(call, cancellationToken).ConfigureAwait(false);
                    return await call.Engine.CallbackAsync(call.Id, version, data, call.Options, cancellationToken).ConfigureAwait(false);
                },
                cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<string> CurrentVersionAsync(ControlCall call, CancellationToken cancellationToken) =>
        (await call.Engine.GetChildrenStatesAsync(call.Id, cancellationToken).ConfigureAwait(false)).OrThrow()
            .GetValueOrDefault(call.Id)?.Version
        ?? throw new NotFoundException($"{call.Id} has no state: it has not been reached");
}
