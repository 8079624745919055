using System.CommandLine;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Pipelines;

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
        IReadOnlyList<string> paused = [.. PausedScopes(view)];
        foreach (string scopeId in paused)
        {
            report.Line($"{scopeId} is paused: tokens in it stop before their next node");
            report.Line($"  {ResumeOf(scopeId, options.Database)}");
        }

        waits.Write(report);
        if (waits.Count == 0)
        {
            report.Line(id == rootId
                ? $"{rootId} is {view.Root.State.ToApiName()}: no token is left in it"
                : $"no token stands at {id}; {rootId} is {view.Root.State.ToApiName()}");
        }

        report.Document(Value.Map(
            ("result", true), ("id", id), ("root_id", rootId), ("state", view.Root.State.ToApiName()), ("waits", waits.ToValue()))
            .With("paused", Value.List(paused.Select(scopeId => (Value)Value.Map(
                ("id", scopeId), ("commands", Value.List(ResumeOf(scopeId, options.Database))))))));
        return ExitCode.Finished;
    }

    // A token that waits for something of its own does not say that it will be held after that.
    private static IEnumerable<string> PausedScopes(PipelineView view) => view.Nodes
        .Where(node => node.State?.State == NodeStateName.Suspended && node.Node.Node is TreeSubProcess)
        .Select(node => node.Id)
        .Prepend(view.Root.State == NodeStateName.Suspended ? view.Id : null)
        .OfType<string>();

    private static string ResumeOf(string scopeId, string database) =>
        ShellCommand.Of("bamboo resume", database, [scopeId]);
}
