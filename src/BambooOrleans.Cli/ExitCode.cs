namespace BambooOrleans.Cli;

/// <summary>What the exit codes of <c>bamboo</c> mean.</summary>
public static class ExitCode
{
    /// <summary>Done; of a pipeline: FINISHED.</summary>
    public const int Finished = 0;

    /// <summary>A node FAILED, or the pipeline was revoked.</summary>
    public const int Failed = 1;

    /// <summary>What was asked for cannot be done, and nothing was.</summary>
    public const int BadInput = 2;

    /// <summary>The pipeline waits for a call from outside: a callback, or the end of a pause.</summary>
    public const int Waiting = 3;

    /// <summary>Stopped by a signal; what was done is kept.</summary>
    public const int Stopped = 130;
}
