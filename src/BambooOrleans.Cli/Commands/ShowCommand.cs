using System.CommandLine;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo show</c>: the states, data and context of a pipeline, without going on with it.</summary>
internal static class ShowCommand
{
    private static readonly Argument<string> Id = new("ID") { Description = "The pipeline's id, or that of a node in it." };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("show", "Show the states, data and context of a pipeline.")
        {
            Id, CommonOptions.Database,
        };
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
        PipelineTree tree = await session.TreeAsync(rootId, cancellationToken).ConfigureAwait(false);
        PipelineView view = await PipelineView.ReadAsync(session.Engine, PipelineOutline.Of(tree), cancellationToken).ConfigureAwait(false);
        SettledReport summary = await SettledReport.ReadAsync(session.Engine, view, cancellationToken).ConfigureAwait(false);
        WaitReport waits = await WaitReport.ReadAsync(session.Engine, tree, options.Database, cancellationToken).ConfigureAwait(false);
        MapValue context = Value.Map(
            (await session.Engine.GetContextAsync(rootId, cancellationToken).ConfigureAwait(false)).OrThrow()
            .OrderBy(entry => entry.Key, StringComparer.Ordinal)
            .Select(entry => (entry.Key, entry.Value)));
        var data = new List<(string Node, ExecutionData Data)>();
        foreach (NodeView node in view.Nodes.Where(node => node.State is not null))
        {
            EngineApiResult<ExecutionData> read = await session.Engine.GetExecutionDataAsync(node.Id, cancellationToken).ConfigureAwait(false);
            if (read.Result)
            {
                data.Add((node.Id, read.Data!));
            }
        }

        WriteNodes(report, view, terminal.Time.GetUtcNow());
        WriteData(report, data, context);
        report.Line("");
        summary.Write(report, options.Database, terminal.Time.GetUtcNow());
        if (waits.Count > 0)
        {
            report.Line("");
            report.Line("waits");
            waits.Write(report);
        }

        report.Document(summary.ToValue()
            .With("waits", waits.ToValue())
            .With("data", Value.Map(data.Select(node =>
                (node.Node, (Value)Value.Map(("inputs", node.Data.Inputs), ("outputs", node.Data.Outputs))))))
            .With("context", context));
        return ExitCode.Finished;
    }

    private static void WriteNodes(Reporter report, PipelineView view, DateTimeOffset now)
    {
        foreach (NodeView node in view.Nodes.Where(node => node.Node.IsShown || node.State?.State == NodeStateName.Failed))
        {
            string line = $"{new string(' ', node.Node.Depth * 2)}{node.Node.Label} {node.State?.State.ToApiName() ?? "-"}";
            string duration = node.Duration(now) is { } time ? $" {Reporter.Text(time)}" : "";
            report.Line(node.Remarks.Length == 0 ? line + duration : $"{line}{duration} {node.Remarks}");
        }
    }

    private static void WriteData(Reporter report, List<(string Node, ExecutionData Data)> data, MapValue context)
    {
        report.Line("");
        report.Line("data");
        foreach ((string node, ExecutionData given) in data.Where(node => node.Data.Inputs.Count + node.Data.Outputs.Count > 0))
        {
            report.Line($"  {node}");
            report.Line($"    inputs  {given.Inputs.ToJson()}");
            report.Line($"    outputs {given.Outputs.ToJson()}");
        }

        report.Line("");
        report.Line("context");
        foreach ((string key, Value value) in context)
        {
            report.Line($"  {key} = {value.ToJson()}");
        }
    }
}
