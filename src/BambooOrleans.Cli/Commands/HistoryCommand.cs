using System.CommandLine;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Hosting.Wire;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo history</c>: the attempts of a node that retries, skips and re-entries ended.</summary>
internal static class HistoryCommand
{
    private static readonly Option<int?> Loop = new("--loop")
    {
        Description = "Only those of this loop, from 1.",
        HelpName = "N",
    };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("history", "Show the attempts of a node that retries, skips and re-entries ended.")
        {
            ControlOptions.Node, Loop, CommonOptions.Database,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliTerminal terminal, ParseResult command, CancellationToken cancellationToken)
    {
        int? loop = command.GetValue(Loop);
        if (loop < 1)
        {
            throw new CliException("invalid-argument", $"--loop must be 1 or more, but is {loop}", "--loop");
        }

        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        await using Session session = await Session.ReadAsync(CommonOptions.Session(command), cancellationToken).ConfigureAwait(false);
        string nodeId = command.GetValue(ControlOptions.Node)!;
        await session.RootOfAsync(nodeId, cancellationToken).ConfigureAwait(false);
        IReadOnlyList<NodeHistory> histories =
            (await session.Engine.GetNodeHistoriesAsync(nodeId, loop ?? -1, cancellationToken).ConfigureAwait(false)).OrThrow();
        foreach (NodeHistory entry in histories)
        {
            string skipped = entry.Skip ? " skipped" : "";
            report.Line($"{entry.Id} loop {entry.Loop} retry {entry.Retry}{skipped} from {ApiTime.Text(entry.StartedTime) ?? "-"} to {ApiTime.Text(entry.ArchivedTime) ?? "-"} version {entry.Version}");
            report.Line($"  inputs  {entry.Inputs.ToJson()}");
            report.Line($"  outputs {entry.Outputs.ToJson()}");
        }

        if (histories.Count == 0)
        {
            report.Line($"no attempt of {nodeId} has been ended by a retry, a skip or a re-entry");
        }

        report.Document(Value.Map(("result", true), ("node_id", nodeId), ("histories", ExecutionRecords.Write(histories))));
        return ExitCode.Finished;
    }
}
