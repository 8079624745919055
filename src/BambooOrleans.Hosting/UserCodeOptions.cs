namespace BambooOrleans.Hosting;

/// <summary>The limits within which user code runs.</summary>
public sealed record UserCodeOptions
{
    /// <summary>How many calls run at once; the others wait.</summary>
    public int ConcurrencyMax { get; init; } = 256;

    /// <summary>The longest that a call may take, where the component does not say.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromHours(1);
}
