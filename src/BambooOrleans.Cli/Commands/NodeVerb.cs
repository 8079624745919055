using System.CommandLine;
using BambooOrleans.Cli.Progress;
using BambooOrleans.Cli.Reports;

namespace BambooOrleans.Cli.Commands;

/// <summary>What the commands that steer one node share: open, call the verb, follow the pipeline until it has settled, report.</summary>
internal static class NodeVerb
{
    public static Argument<string> Node { get; } = new("NODE") { Description = "The node's id." };

    /// <summary>Who asks, for the journal.</summary>
    public static VerbOptions Asked { get; } = new() { Operator = Environment.UserName };

    public static void AddOptions(Command command)
    {
        CommonOptions.AddRunning(command);
    }

    public static async Task<int> RunAsync(
        CliTerminal terminal,
        ParseResult command,
        Func<IBambooEngine, string, Task<EngineApiResult<VerbOutcome>>> verb,
        CancellationToken cancellationToken)
    {
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        SessionOptions options = CommonOptions.Session(command);
        IProgressDisplay display = Displays.For(terminal, report.IsJson);
        await using Session session = await Session.OpenAsync(options, new DisplayLog(display), cancellationToken).ConfigureAwait(false);
        string nodeId = command.GetValue(Node)!;
        string rootId = await session.Store.FindRootAsync(nodeId, cancellationToken).ConfigureAwait(false)
            ?? throw new NotFoundException($"there is no node {nodeId}");
        (await verb(session.Engine, nodeId).ConfigureAwait(false)).OrThrow();
        PipelineOutline outline = PipelineOutline.Of(await session.TreeAsync(rootId, cancellationToken).ConfigureAwait(false));
        PipelineView view = await Follower.FollowAsync(session.Engine, outline, display, cancellationToken).ConfigureAwait(false);
        SettledReport settled = await SettledReport.ReadAsync(session.Engine, view, cancellationToken).ConfigureAwait(false);
        settled.Write(report, options.Database, terminal.Time.GetUtcNow());
        report.Document(settled.ToValue());
        return settled.Outcome.ExitCode();
    }
}
