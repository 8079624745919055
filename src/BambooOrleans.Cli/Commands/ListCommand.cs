using System.CommandLine;
using BambooOrleans.Cli.Reports;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo list</c>: the pipelines of a database, the newest first.</summary>
internal static class ListCommand
{
    private const int LimitMax = 100_000;

    private static readonly Option<int> Limit = new("--limit")
    {
        Description = "How many at the most.",
        HelpName = "N",
        DefaultValueFactory = _ => 100,
    };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("list", "List the pipelines of a database.") { Limit, CommonOptions.Database };
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliTerminal terminal, ParseResult command, CancellationToken cancellationToken)
    {
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        int limit = command.GetValue(Limit);
        if (limit is < 1 or > LimitMax)
        {
            throw new CliException("invalid-argument", $"--limit must be from 1 to {LimitMax}, but is {limit}", "--limit");
        }

        await using Session session = await Session.ReadAsync(CommonOptions.Session(command), cancellationToken).ConfigureAwait(false);
        IReadOnlyList<PipelineSummary> pipelines =
            (await session.Engine.ListPipelinesAsync(limit, cancellationToken).ConfigureAwait(false)).OrThrow();
        int width = pipelines.Select(pipeline => pipeline.RootId.Length).DefaultIfEmpty(0).Max();
        foreach (PipelineSummary pipeline in pipelines)
        {
            string ended = pipeline.ArchivedTime is { } end ? $" ended {ApiTime.Text(end)}" : "";
            report.Line($"{pipeline.RootId.PadRight(width)} {pipeline.State.ToApiName(),-9} submitted {ApiTime.Text(pipeline.CreatedTime)}{ended}");
        }

        if (pipelines.Count == 0)
        {
            report.Line("there are no pipelines");
        }

        report.Document(Value.Map(
            ("result", true),
            ("pipelines", Value.List(pipelines.Select(pipeline => (Value)Value.Map(
                ("id", pipeline.RootId),
                ("state", pipeline.State.ToApiName()),
                ("created_time", ApiTime.Text(pipeline.CreatedTime)),
                ("archived_time", ApiTime.Text(pipeline.ArchivedTime))))))));
        return ExitCode.Finished;
    }
}
