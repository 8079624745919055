using System.CommandLine;

namespace BambooOrleans.Cli.Commands;

/// <summary>
/// <c>bamboo resume</c> and <c>bamboo node resume</c>: end a pause, now or at a time, or take back what was appointed.
/// Only a resume of now has the pipeline go on at once, and follows it.
/// </summary>
internal static class ResumeCommand
{
    private static readonly Option<string?> At = new("--at")
    {
        Description = "When: ISO 8601, in UTC where it names no offset, or from now on such as +10m.",
        HelpName = "TIME",
    };

    private static readonly Option<bool> Cancel = new("--cancel")
    {
        Description = "Take back the resume that was appointed with --at; the pause stays.",
    };

    public static Command Create(CliTerminal terminal) => Create(
        terminal,
        "Go on with a paused pipeline or sub-process.",
        ControlOptions.Pipeline,
        (call, cancellationToken) => call.Engine.ResumePipelineAsync(call.Id, call.Options, cancellationToken));

    public static Command CreateForNode(CliTerminal terminal) => Create(
        terminal,
        "Go on with a paused node.",
        ControlOptions.Node,
        (call, cancellationToken) => call.Engine.ResumeNodeAppointAsync(call.Id, call.Options, cancellationToken));

    private static Command Create(
        CliTerminal terminal,
        string description,
        Argument<string> target,
        Func<ControlCall, CancellationToken, Task<EngineApiResult<VerbOutcome>>> resume)
    {
        var command = new Command("resume", description) { target, At, Cancel };
        ControlOptions.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
        {
            string? at = parsed.GetValue(At);
            if (parsed.GetValue(Cancel))
            {
                return at is null
                    ? ControlCommand.SteerAsync(
                        terminal,
                        parsed,
                        target,
                        call => call.Engine.CancelScheduledResumeAsync(call.Id, call.Options, cancellationToken),
                        cancellationToken)
                    : throw new CliException("command-line", "resume takes --at or --cancel, not both.");
            }

            if (at is null)
            {
                return ControlCommand.GoOnAsync(terminal, parsed, target, call => resume(call, cancellationToken), cancellationToken);
            }

            DateTimeOffset time = TimeArgument.Parse(at, "--at", terminal.Time.GetUtcNow());
            return ControlCommand.SteerAsync(
                terminal,
                parsed,
                target,
                call => resume(call with { Options = call.Options with { At = time } }, cancellationToken),
                cancellationToken);
        });
        return command;
    }
}
