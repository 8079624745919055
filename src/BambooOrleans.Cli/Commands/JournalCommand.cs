using System.CommandLine;
using BambooOrleans.Cli.Reports;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo journal</c>: everything that happened, a line for each fact, and what happens from now on with <c>--follow</c>.</summary>
internal sealed class JournalCommand
{
    private static readonly Argument<string?> Id = new("ID")
    {
        Description = "Only facts of this pipeline; or of this node or sub-process.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<long> From = new("--from")
    {
        Description = "The first position that is wanted.",
        HelpName = "POSITION",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<bool> Follow = new("--follow")
    {
        Description = "Go on with what is unfinished, and tell it as it happens, until it has settled.",
    };

    private readonly Reporter _report;
    private readonly TimeProvider _time;
    private long _next;

    private JournalCommand(Reporter report, TimeProvider time, long from)
    {
        _report = report;
        _time = time;
        _next = from;
    }

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("journal", "Show everything that happened, a line for each fact.") { Id, From, Follow };
        CommonOptions.AddRunning(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            long from = parsed.GetValue(From);
            return from < 1
                ? throw new CliException("invalid-argument", $"--from must be 1 or more, but is {from}", "--from")
                : new JournalCommand(new Reporter(terminal, parsed.GetValue(CommonOptions.Json)), terminal.Time, from)
                    .RunAsync(parsed, cancellationToken);
        });
        return command;
    }

    private async Task<int> RunAsync(ParseResult command, CancellationToken cancellationToken)
    {
        SessionOptions options = CommonOptions.Session(command);
        bool follows = command.GetValue(Follow);
        await using Session session = follows
            ? await Session.OpenAsync(options, null, cancellationToken).ConfigureAwait(false)
            : await Session.ReadAsync(options, cancellationToken).ConfigureAwait(false);
        string? id = command.GetValue(Id);
        string? rootId = id is null ? null : await session.RootOfAsync(id, cancellationToken).ConfigureAwait(false);
        string? machine = id == rootId ? null : id;
        if (follows)
        {
            await FollowAsync(session, rootId, machine, cancellationToken).ConfigureAwait(false);
        }

        await WriteAsync(session, rootId, machine, follow: false, cancellationToken).ConfigureAwait(false);
        return ExitCode.Finished;
    }

    // Nobody else can call while this process has the database, so once everything has settled nothing more will happen.
    private async Task FollowAsync(Session session, string? rootId, string? machine, CancellationToken cancellationToken)
    {
        IReadOnlyList<string> roots = rootId is not null
            ? [rootId]
            : await session.Store.ReadUnfinishedAsync(cancellationToken).ConfigureAwait(false);
        using var settled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task writing = WriteAsync(session, rootId, machine, follow: true, settled.Token);
        try
        {
            foreach (string root in roots)
            {
                (await Follower.WaitAsync(session.Engine, root, _time, cancellationToken).ConfigureAwait(false)).OrThrow();
            }
        }
        finally
        {
            await settled.CancelAsync().ConfigureAwait(false);
            try
            {
                await writing.ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // It has settled; what is left to tell is read once more.
            }
        }
    }

    private async Task WriteAsync(Session session, string? rootId, string? machine, bool follow, CancellationToken cancellationToken)
    {
        await foreach (JournalTurn turn in session.Engine.ReadJournalAsync(_next, rootId, follow, cancellationToken)
            .ConfigureAwait(false))
        {
            _next = turn.Position + 1;
            foreach (Fact fact in Fact.Of(turn).Where(fact => machine is null || fact.Machine == machine))
            {
                _report.Line($"{fact.Position} {fact.Time ?? "-"} {fact.Machine} {fact.Name} {fact.Details}".TrimEnd());
                _report.DocumentLine(fact.ToValue());
            }
        }
    }
}
