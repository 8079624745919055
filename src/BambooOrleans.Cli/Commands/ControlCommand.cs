using System.CommandLine;
using BambooOrleans.Cli.Progress;
using BambooOrleans.Cli.Reports;

namespace BambooOrleans.Cli.Commands;

/// <summary>What the commands that change a pipeline share: open, call the verb or only try it, and report what became of it.</summary>
internal static class ControlCommand
{
    /// <summary>
    /// Carries out a verb that has its pipeline go on, and follows the pipeline until it has settled. As with <c>run</c>, everything
    /// else that is unfinished in the database goes on meanwhile.
    /// </summary>
    public static async Task<int> GoOnAsync(
        CliTerminal terminal,
        ParseResult command,
        Argument<string> target,
        Func<ControlCall, Task<EngineApiResult<VerbOutcome>>> verb,
        CancellationToken cancellationToken)
    {
        if (ControlOptions.Of(command).DryRun)
        {
            return await TryAsync(terminal, command, target, verb, cancellationToken).ConfigureAwait(false);
        }

        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        SessionOptions options = CommonOptions.Session(command);
        IProgressDisplay display = Displays.For(terminal, report.IsJson);
        await using Session session = await Session.OpenAsync(options, new DisplayLog(display), cancellationToken).ConfigureAwait(false);
        ControlCall call = await CallAsync(session, command, target, cancellationToken).ConfigureAwait(false);
        (await verb(call).ConfigureAwait(false)).OrThrow();
        PipelineOutline outline = PipelineOutline.Of(await session.TreeAsync(call.RootId, cancellationToken).ConfigureAwait(false));
        PipelineView view = await Follower.FollowAsync(session.Engine, outline, display, cancellationToken).ConfigureAwait(false);
        SettledReport settled = await SettledReport.ReadAsync(session.Engine, view, cancellationToken).ConfigureAwait(false);
        settled.Write(report, options.Database, terminal.Time.GetUtcNow());
        report.Document(settled.ToValue());
        return settled.Outcome.ExitCode();
    }

    /// <summary>Carries out a verb that holds something up or only changes data: nothing that is unfinished goes on for it.</summary>
    public static async Task<int> SteerAsync(
        CliTerminal terminal,
        ParseResult command,
        Argument<string> target,
        Func<ControlCall, Task<EngineApiResult<VerbOutcome>>> verb,
        CancellationToken cancellationToken)
    {
        if (ControlOptions.Of(command).DryRun)
        {
            return await TryAsync(terminal, command, target, verb, cancellationToken).ConfigureAwait(false);
        }

        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        await using Session session = await Session.SteerAsync(CommonOptions.Session(command), cancellationToken).ConfigureAwait(false);
        ControlCall call = await CallAsync(session, command, target, cancellationToken).ConfigureAwait(false);
        (await verb(call).ConfigureAwait(false)).OrThrow();
        string? state = (await session.Engine.GetChildrenStatesAsync(call.Id, cancellationToken).ConfigureAwait(false)).OrThrow()
            .GetValueOrDefault(call.Id)?.State.ToApiName();
        report.Line(state is null ? $"done; {call.Id} has not been reached" : $"done; {call.Id} is {state}");
        report.Document(Value.Map(
            ("result", true), ("id", call.Id), ("root_id", call.RootId), ("dry_run", false), ("state", state)));
        return ExitCode.Finished;
    }

    private static async Task<int> TryAsync(
        CliTerminal terminal,
        ParseResult command,
        Argument<string> target,
        Func<ControlCall, Task<EngineApiResult<VerbOutcome>>> verb,
        CancellationToken cancellationToken)
    {
        var report = new Reporter(terminal, command.GetValue(CommonOptions.Json));
        await using Session session = await Session.ReadAsync(CommonOptions.Session(command), cancellationToken).ConfigureAwait(false);
        ControlCall call = await CallAsync(session, command, target, cancellationToken).ConfigureAwait(false);
        VerbOutcome outcome = (await verb(call).ConfigureAwait(false)).OrThrow();
        IReadOnlyList<Fact> facts = [.. outcome.Turns.SelectMany(Fact.Of)];
        report.Line("dry run: nothing was changed; it would cause");
        foreach (Fact fact in facts)
        {
            report.Line($"  {fact.Machine} {fact.Name} {fact.Details}".TrimEnd());
        }

        if (outcome.Effects.Count > 0)
        {
            report.Line("and then");
        }

        foreach (string effect in outcome.Effects)
        {
            report.Line($"  {effect}");
        }

        report.Document(Value.Map(
            ("result", true),
            ("id", call.Id),
            ("root_id", call.RootId),
            ("dry_run", true),
            ("facts", Value.List(facts.Select(fact => fact.ToValue()))),
            ("effects", Value.List(outcome.Effects.Select(effect => (Value)effect)))));
        return ExitCode.Finished;
    }

    private static async Task<ControlCall> CallAsync(
        Session session, ParseResult command, Argument<string> target, CancellationToken cancellationToken)
    {
        string id = command.GetValue(target)!;
        string rootId = await session.RootOfAsync(id, cancellationToken).ConfigureAwait(false);
        return new ControlCall(session, id, rootId, ControlOptions.Of(command));
    }
}
