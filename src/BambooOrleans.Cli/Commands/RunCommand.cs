using System.CommandLine;
using System.Security.Cryptography;
using BambooOrleans.Cli.Progress;
using BambooOrleans.Cli.Reports;
using BambooOrleans.Hosting.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Commands;

/// <summary><c>bamboo run</c>: submits a pipeline and follows it until it has settled, or goes on with what a process before left.</summary>
internal sealed class RunCommand
{
    private const string SuffixLetters = "abcdefghijkmnpqrstuvwxyz23456789";
    private const int SuffixLength = 6;

    private static readonly Argument<string?> File = new("FILE")
    {
        Description = "The pipeline's JSON; - for standard input.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<string?> Resume = new("--resume")
    {
        Description = "Go on with what is unfinished in the database, or with the pipeline of this id, and run no file.",
        HelpName = "ID",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> FreshIds = new("--fresh-ids")
    {
        Description = "Give every pipeline and node a new id, even where the file's own are free.",
    };

    private static readonly Option<string?> Id = new("--id")
    {
        Description = "Run as the pipeline of this id, with nodes NODE_ID. It is refused where the id is taken.",
        HelpName = "ID",
    };

    private static readonly Option<bool> Watch = new("--watch")
    {
        Description = "Stay while the pipeline waits for callbacks, and read them from standard input: NODE VERSION DATA.",
    };

    private readonly CliTerminal _terminal;
    private readonly ParseResult _command;
    private readonly Reporter _report;
    private readonly SessionOptions _options;
    private readonly IProgressDisplay _display;

    private RunCommand(CliTerminal terminal, ParseResult command)
    {
        _terminal = terminal;
        _command = command;
        _report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        _options = CommonOptions.Session(command);
        _display = Displays.For(terminal, _report.IsJson);
    }

    public static Command Create(CliTerminal terminal)
    {
        var command = new Command("run", "Run a pipeline, or go on with unfinished ones.") { File, Resume, FreshIds, Id, Watch };
        SubmissionOptions.AddTo(command);
        CommonOptions.AddRunning(command);
        command.SetAction((parsed, cancellationToken) => new RunCommand(terminal, parsed).RunAsync(cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        bool resumes = _command.GetResult(Resume) is not null;
        string? file = _command.GetValue(File);
        if (resumes == (file is not null))
        {
            throw new CliException("command-line", resumes
                ? "bamboo run takes a FILE or --resume, not both."
                : "bamboo run needs a FILE, or --resume.");
        }

        try
        {
            return resumes
                ? await ResumeAsync(_command.GetValue(Resume), cancellationToken).ConfigureAwait(false)
                : await SubmitAsync(file!, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (!_report.IsJson)
            {
                _terminal.Error.WriteLine("stopped; what was done is kept. Go on with: "
                    + $"bamboo run --resume{ShellCommand.Database(_options.Database)}");
            }

            throw;
        }
    }

    private async Task<int> SubmitAsync(string file, CancellationToken cancellationToken)
    {
        PipelineTree tree = await PipelineInput.TreeAsync(file, _terminal, cancellationToken).ConfigureAwait(false);
        RunPipelineOptions options = await SubmissionOptions.ReadAsync(_command, cancellationToken).ConfigureAwait(false);

        // Before the database is opened: a file that is refused must not leave one behind.
        IReadOnlyList<Finding> findings = TreeFindings.Of(tree, options);
        TreeFindings.ThrowFirst(findings);
        foreach (Finding warning in findings)
        {
            _report.Warning(warning.ToString());
        }

        await using Session session = await Session.CreateAsync(_options, new DisplayLog(_display), cancellationToken).ConfigureAwait(false);
        (tree, options) = await WithFreeIdsAsync(session, tree, options, cancellationToken).ConfigureAwait(false);
        (await session.Engine.RunPipelineAsync(tree, options with { Operator = ControlOptions.Asked.Operator }, cancellationToken)
            .ConfigureAwait(false)).OrThrow();
        return await FollowAsync(session, PipelineOutline.Of(tree), cancellationToken).ConfigureAwait(false);
    }

    // A file can be run as often as one likes, although ids are unique in a database.
    private async Task<(PipelineTree Tree, RunPipelineOptions Options)> WithFreeIdsAsync(
        Session session, PipelineTree tree, RunPipelineOptions options, CancellationToken cancellationToken)
    {
        Func<string, string> rename;
        if (_command.GetValue(Id) is { } rootId)
        {
            string treeId = tree.Id;
            rename = id => id == treeId ? rootId : $"{id}_{rootId}";
        }
        else if (_command.GetValue(FreshIds)
            || (await session.Store.FindClaimedAsync(PipelineIds.Of(tree), cancellationToken).ConfigureAwait(false)).Count > 0)
        {
            string suffix = RandomNumberGenerator.GetString(SuffixLetters, SuffixLength);
            rename = id => $"{id}-{suffix}";
        }
        else
        {
            return (tree, options);
        }

        PipelineTree renamed = PipelineIds.Replace(tree, rename);
        _report.Line($"{tree.Id} runs as {renamed.Id}");
        return (renamed, options with { StartNodeId = options.StartNodeId is { } start ? rename(start) : null });
    }

    private async Task<int> ResumeAsync(string? id, CancellationToken cancellationToken)
    {
        await using Session session = await Session.OpenAsync(_options, new DisplayLog(_display), cancellationToken).ConfigureAwait(false);
        IReadOnlyList<string> ids = id is not null
            ? [id]
            : await session.Store.ReadUnfinishedAsync(cancellationToken).ConfigureAwait(false);
        if (ids.Count == 1)
        {
            PipelineTree tree = await session.TreeAsync(ids[0], cancellationToken).ConfigureAwait(false);
            return await FollowAsync(session, PipelineOutline.Of(tree), cancellationToken).ConfigureAwait(false);
        }

        if (ids.Count == 0)
        {
            _report.Line("nothing is unfinished");
        }

        // Several run side by side; each is told of when it has settled.
        var outcomes = new List<Outcome>();
        var documents = new List<Value>();
        foreach (string rootId in ids)
        {
            PipelineOutline outline = PipelineOutline.Of(await session.TreeAsync(rootId, cancellationToken).ConfigureAwait(false));
            PipelineView view = await FollowOnceAsync(session, outline, new NoDisplay(), cancellationToken).ConfigureAwait(false);
            SettledReport settled = await SettledReport.ReadAsync(session.Engine, view, cancellationToken).ConfigureAwait(false);
            settled.Write(_report, _options.Database, _terminal.Time.GetUtcNow());
            outcomes.Add(settled.Outcome);
            documents.Add(settled.ToValue());
        }

        _report.Document(Value.Map(("result", true), ("pipelines", Value.List(documents))));
        return outcomes.Any(outcome => outcome.ExitCode() == ExitCode.Failed)
            ? ExitCode.Failed
            : outcomes.Contains(Outcome.Waiting) ? ExitCode.Waiting : ExitCode.Finished;
    }

    private async Task<int> FollowAsync(Session session, PipelineOutline outline, CancellationToken cancellationToken)
    {
        while (true)
        {
            PipelineView view = await FollowOnceAsync(session, outline, _display, cancellationToken).ConfigureAwait(false);
            SettledReport settled = await SettledReport.ReadAsync(session.Engine, view, cancellationToken).ConfigureAwait(false);
            settled.Write(_report, _options.Database, _terminal.Time.GetUtcNow());
            if (settled.Outcome == Outcome.Waiting
                && _command.GetValue(Watch)
                && await CallBackAsync(session, settled, cancellationToken).ConfigureAwait(false))
            {
                continue;
            }

            _report.Document(settled.ToValue());
            return settled.Outcome.ExitCode();
        }
    }

    private Task<PipelineView> FollowOnceAsync(
        Session session, PipelineOutline outline, IProgressDisplay display, CancellationToken cancellationToken) => Follower.FollowAsync(
        session.Engine,
        outline,
        display,
        (rootId, stop) => Follower.WaitAsync(session.Engine, rootId, _terminal.Time, stop),
        cancellationToken);

    /// <summary>Reads callbacks from standard input until one is accepted; false at its end.</summary>
    private async Task<bool> CallBackAsync(Session session, SettledReport settled, CancellationToken cancellationToken)
    {
        _report.Line("type NODE VERSION DATA, or DATA alone where one node waits:");
        while (await _terminal.In.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (line.Trim().Length == 0)
            {
                continue;
            }

            try
            {
                (string nodeId, string version, string data) = Parse(line.Trim(), [.. settled.Callbacks]);
                Value value = await PipelineInput.ValueAsync(data, "DATA", cancellationToken).ConfigureAwait(false);
                (await session.Engine.CallbackAsync(nodeId, version, value, ControlOptions.Asked, cancellationToken).ConfigureAwait(false)).OrThrow();
                return true;
            }
            catch (BambooException refusal) when (refusal is not EngineUnavailableException)
            {
                _terminal.Error.WriteLine($"error: {refusal.Message} [{refusal.Code}]");
            }
        }

        return false;
    }

    private static (string NodeId, string Version, string Data) Parse(string line, WaitInfo[] waiting)
    {
        string[] words = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length == 3 && waiting.Any(wait => wait.NodeId == words[0]))
        {
            return (words[0], words[1], words[2]);
        }

        return waiting.Length == 1
            ? (waiting[0].NodeId, waiting[0].Version!, line)
            : throw new CliException("command-line", "several nodes wait: type NODE VERSION DATA");
    }
}
