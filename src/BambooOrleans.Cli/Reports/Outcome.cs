namespace BambooOrleans.Cli.Reports;

/// <summary>What became of a pipeline that has settled.</summary>
internal enum Outcome
{
    Finished,
    Failed,
    Revoked,
    Waiting,
}

internal static class Outcomes
{
    public static int ExitCode(this Outcome outcome) => outcome switch
    {
        Outcome.Finished => Cli.ExitCode.Finished,
        Outcome.Waiting => Cli.ExitCode.Waiting,
        _ => Cli.ExitCode.Failed,
    };

    public static string Name(this Outcome outcome) => outcome switch
    {
        Outcome.Finished => "finished",
        Outcome.Failed => "failed",
        Outcome.Revoked => "revoked",
        _ => "waiting",
    };
}
