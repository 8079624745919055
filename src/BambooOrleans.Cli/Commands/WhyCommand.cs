using System.CommandLine;
using BambooOrleans.Cli.Reports;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo why</c>: what each token of a pipeline waits for, and the commands that would move it.</summary>
internal static class WhyCommand
{
    private static readonly Argument<string> Id = new("ID") { Description = "The id of a pipeline, or of a node or sub-process in it." };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("why", "Say why a pipeline does not go on, and what would move it.") { Id, CommonOptions.Database };
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliTerminal terminal, ParseResult command, CancellationToken cancellationToken)
    {
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        SessionOptions options = CommonOptions.Session(command);
        await using Session session = await Session.ReadAsync(options, cancellationToken).ConfigureAwait(false);
        string id = command.GetValue(Id)!;
        string rootId = await session.RootOfAsync(id, cancellationToken).ConfigureAwait(false);
        PipelineOutline outline = PipelineOutline.Of(await session.TreeAsync(rootId, cancellationToken).ConfigureAwait(false));
        PipelineView view = await PipelineView.ReadAsync(session.Engine, outline, cancellationToken).ConfigureAwait(false);
        WaitReport waits = await WaitReport.ReadAsync(session.Engine, outline.Tree, options.Database, cancellationToken).ConfigureAwait(false);
        waits = id == rootId ? waits : waits.At(id);
        waits.Write(report);
        if (waits.Count == 0)
        {
            report.Line(id == rootId
                ? $"{rootId} is {view.Root.State.ToApiName()}: no token is left in it"
                : $"no token stands at {id}; {rootId} is {view.Root.State.ToApiName()}");
        }

        report.Document(Value.Map(
            ("result", true), ("id", id), ("root_id", rootId), ("state", view.Root.State.ToApiName()), ("waits", waits.ToValue())));
        return ExitCode.Finished;
    }
}
