namespace BambooOrleans.Components.BuiltIn;

/// <summary>What the component <c>shell</c> may do.</summary>
public sealed record ShellOptions
{
    /// <summary>
    /// Whether it may run commands at all. No, unless said: whoever can submit a pipeline could then do whatever this
    /// process can.
    /// </summary>
    public bool IsEnabled { get; init; }

    /// <summary>How long a command may run where the pipeline does not say. 60 s.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest that a pipeline may ask for. 1 h.</summary>
    public TimeSpan TimeLimitMax { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How much of each of a command's two outputs is kept; the rest is read and dropped. 64 KiB.</summary>
    public int OutputBytesMax { get; init; } = 64 * 1024;
}
