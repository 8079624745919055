namespace BambooOrleans.Cli;

/// <summary>What a command reads from and writes to.</summary>
public sealed record CliTerminal
{
    /// <summary>Where results go.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Where errors and warnings go.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Where a pipeline's file is read from when its name is <c>-</c>, and callbacks with <c>--watch</c>.</summary>
    public required TextReader In { get; init; }

    /// <summary>Whether <see cref="Out"/> is a terminal, on which a table can be drawn again and again.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Those of the process.</summary>
    public static CliTerminal System() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        In = Console.In,
        IsInteractive = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
    };
}
