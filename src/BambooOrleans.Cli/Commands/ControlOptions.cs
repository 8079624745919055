using System.CommandLine;

namespace BambooOrleans.Cli.Commands;

/// <summary>The options that every command has which changes a pipeline: who asks, why, under which condition, and whether only to try.</summary>
internal static class ControlOptions
{
    private static readonly Option<string?> Reason = new("--reason")
    {
        Description = "Why, for the journal.",
        HelpName = "TEXT",
    };

    private static readonly Option<string?> Operator = new("--operator")
    {
        Description = "Who asks, for the journal; your user name where it is left out.",
        HelpName = "NAME",
    };

    private static readonly Option<string?> ExpectVersion = new("--expect-version")
    {
        Description = "The version that the node or pipeline must have; with another one the command is refused.",
        HelpName = "VERSION",
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Tell which facts and effects it would cause, and change nothing.",
    };

    /// <summary>The node of a command.</summary>
    public static Argument<string> Node { get; } = new("NODE") { Description = "The node's id." };

    /// <summary>The pipeline or sub-process of a command.</summary>
    public static Argument<string> Pipeline { get; } = new("ID") { Description = "The id of the pipeline or sub-process." };

    /// <summary>Who asks where a command has none of these options.</summary>
    public static VerbOptions Asked { get; } = new() { Operator = Environment.UserName };

    public static void AddTo(Command command)
    {
        command.Options.Add(Reason);
        command.Options.Add(Operator);
        command.Options.Add(ExpectVersion);
        command.Options.Add(DryRun);
        CommonOptions.AddRunning(command);
    }

    public static VerbOptions Of(ParseResult command) => new()
    {
        Reason = command.GetValue(Reason),
        Operator = command.GetValue(Operator) ?? Environment.UserName,
        ExpectedVersion = command.GetValue(ExpectVersion),
        DryRun = command.GetValue(DryRun),
    };
}
