using System.CommandLine;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Storage;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo purge</c>: removes finished pipelines with all that is kept of them.</summary>
internal static class PurgeCommand
{
    private const int PageSize = 500;

    private static readonly Option<string> OlderThan = new("--older-than")
    {
        Description = "How long ago they finished or were revoked, such as 30d or 12h; 0s for all.",
        HelpName = "TIME",
        Required = true,
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Tell which ones it would be, and change nothing.",
    };

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("purge", "Remove finished pipelines with all that is kept of them.")
        {
            OlderThan, DryRun, CommonOptions.Database, CommonOptions.StoreSync,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(terminal, parsed, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(CliTerminal terminal, ParseResult command, CancellationToken cancellationToken)
    {
        TimeSpan length = TimeArgument.ParseLength(command.GetValue(OlderThan)!, "--older-than");
        DateTimeOffset now = terminal.Time.GetUtcNow();
        DateTimeOffset before = length < now - DateTimeOffset.MinValue ? now - length : DateTimeOffset.MinValue;
        bool isDryRun = command.GetValue(DryRun);
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        SessionOptions options = CommonOptions.Session(command);
        await using Session session = isDryRun
            ? await Session.ReadAsync(options, cancellationToken).ConfigureAwait(false)
            : await Session.SteerAsync(options, cancellationToken).ConfigureAwait(false);
        int count = isDryRun
            ? await CountAsync(session, report, before, cancellationToken).ConfigureAwait(false)
            : await session.Embedded.PurgeAsync(before, cancellationToken).ConfigureAwait(false);
        report.Line($"{Reporter.Count(count, "pipeline")} {(isDryRun ? "would be" : count == 1 ? "was" : "were")} removed");
        report.Document(Value.Map(
            ("result", true), ("dry_run", isDryRun), ("finished_before", ApiTime.Text(before)), ("count", count)));
        return ExitCode.Finished;
    }

    private static async Task<int> CountAsync(
        Session session, Reporter report, DateTimeOffset before, CancellationToken cancellationToken)
    {
        int count = 0;
        ArchivedRoot? last = null;
        while (true)
        {
            IReadOnlyList<ArchivedRoot> page =
                await session.Store.ReadArchivedAsync(before, last, PageSize, cancellationToken).ConfigureAwait(false);
            if (page.Count == 0)
            {
                return count;
            }

            foreach (ArchivedRoot root in page)
            {
                report.Line($"{root.RootId} since {ApiTime.Text(root.ArchivedTime)}");
            }

            count += page.Count;
            last = page[^1];
        }
    }
}
