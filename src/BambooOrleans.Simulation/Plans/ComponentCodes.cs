namespace BambooOrleans.Simulation.Plans;

/// <summary>The codes of the components of drawn plans.</summary>
internal static class ComponentCodes
{
    /// <summary>Succeeds.</summary>
    public const string Plain = "plain";

    /// <summary>Fails now and then.</summary>
    public const string Flaky = "flaky";

    /// <summary>Succeeds, and takes its time.</summary>
    public const string Slow = "slow";

    /// <summary>Polls, and may fail at the end.</summary>
    public const string Poll = "poll";

    /// <summary>Waits for one callback.</summary>
    public const string Callback = "callback";

    /// <summary>Waits for several callbacks.</summary>
    public const string Callbacks = "callbacks";

    /// <summary>Waits for one callback up to a deadline.</summary>
    public const string Deadline = "deadline";

    /// <summary>The code of executable end events.</summary>
    public const string EndEvent = "notify";

    /// <summary>The code of lazy variables.</summary>
    public const string Lazy = "lazy";
}
