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

    private static readonly Option<string?> State = new("--state")
    {
        Description = "In one of these states, with commas between.",
        HelpName = "STATES",
    };

    private static readonly Option<string?> Text = new("--text")
    {
        Description = "With this in the id or the name, whatever the case.",
        HelpName = "TEXT",
    };

    private static readonly Option<string?> Name = new("--name")
    {
        Description = "With this in the name, whatever the case.",
        HelpName = "TEXT",
    };

    private static readonly Option<string?> CreatedFrom = new("--created-from")
    {
        Description = "Submitted then or later.",
        HelpName = "TIME",
    };

    private static readonly Option<string?> CreatedBefore = new("--created-before")
    {
        Description = "Submitted before then.",
        HelpName = "TIME",
    };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("list", "List the pipelines of a database.") 
        {
            State, Text, Name, CreatedFrom, CreatedBefore, Limit, CommonOptions.Database,
        };
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

        DateTimeOffset now = terminal.Time.GetUtcNow();
        var filter = new PipelineFilter
        {
            States = command.GetValue(State)?.Split(',').Select(StateOf).ToHashSet(),
            Text = command.GetValue(Text),
            Name = command.GetValue(Name),
            CreatedFrom = command.GetValue(CreatedFrom) is { } from ? TimeArgument.Parse(from, "--created-from", now) : null,
            CreatedBefore = command.GetValue(CreatedBefore) is { } before ? TimeArgument.Parse(before, "--created-before", now) : null,
        };
        await using Session session = await Session.ReadAsync(CommonOptions.Session(command), cancellationToken).ConfigureAwait(false);
        IReadOnlyList<PipelineSummary> pipelines =
            (await session.Engine.ListPipelinesAsync(filter, null, limit, cancellationToken).ConfigureAwait(false)).OrThrow();
        int width = pipelines.Select(pipeline => pipeline.RootId.Length).DefaultIfEmpty(0).Max();
        foreach (PipelineSummary pipeline in pipelines)
        {
            string ended = pipeline.ArchivedTime is { } end ? $" ended {ApiTime.Text(end)}" : "";
            string name = pipeline.Name is { Length: > 0 } given ? $" {given}" : "";
            report.Line(
                $"{pipeline.RootId.PadRight(width)} {pipeline.State.ToApiName(),-9} submitted {ApiTime.Text(pipeline.CreatedTime)}{ended}{name}");
        }

        if (pipelines.Count == 0)
        {
            report.Line("there are no pipelines");
        }

        report.Document(Value.Map(
            ("result", true),
            ("pipelines", Value.List(pipelines.Select(pipeline => (Value)Value.Map(
                ("id", pipeline.RootId),
                ("name", pipeline.Name),
                ("state", pipeline.State.ToApiName()),
                ("created_time", ApiTime.Text(pipeline.CreatedTime)),
                ("archived_time", ApiTime.Text(pipeline.ArchivedTime))))))));
        return ExitCode.Finished;
    }

    private static NodeStateName StateOf(string name)
    {
        try
        {
            return NodeStateNames.Parse(name.Trim().ToUpperInvariant());
        }
        catch (ArgumentException)
        {
            throw new CliException(
                "invalid-argument",
                $"--state is of {string.Join(", ", Enum.GetValues<NodeStateName>().Select(state => state.ToApiName()))}, not {name}",
                "--state");
        }
    }
}
