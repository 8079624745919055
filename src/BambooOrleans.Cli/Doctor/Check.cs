namespace BambooOrleans.Cli.Doctor;

/// <summary>How a check came out.</summary>
internal enum CheckStatus
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, and somebody should look at it.</summary>
    Warning,

    /// <summary>It does not work, or will lose something.</summary>
    Problem,
}

/// <summary>What a check found.</summary>
/// <param name="Name">What was looked at, such as <c>database.schema</c>; stable.</param>
/// <param name="Status">How it came out.</param>
/// <param name="Text">What was found.</param>
/// <param name="Advice">What to do; null where there is nothing to do.</param>
internal sealed record Check(string Name, CheckStatus Status, string Text, string? Advice = null)
{
    public static Check Ok(string name, string text) => new(name, CheckStatus.Ok, text);

    public static Check Warning(string name, string text, string advice) => new(name, CheckStatus.Warning, text, advice);

    public static Check Problem(string name, string text, string advice) => new(name, CheckStatus.Problem, text, advice);

    public MapValue ToValue() => Value.Map(
        ("name", Name), ("status", Status.ToString().ToLowerInvariant()), ("text", Text), ("advice", Advice));
}
