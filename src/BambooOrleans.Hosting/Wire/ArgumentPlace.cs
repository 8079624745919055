using System.Globalization;

namespace BambooOrleans.Hosting.Wire;

/// <summary>Where in the arguments of a call something stands, such as <c>flow_ids[2]</c> of <c>skip_conditional_parallel_gateway</c>.</summary>
internal readonly record struct ArgumentPlace(string Function, string Path)
{
    private const int ShownCharactersMax = 80;

    public ArgumentPlace At(int index) => this with { Path = string.Create(CultureInfo.InvariantCulture, $"{Path}[{index}]") };

    public ArgumentPlace Member(string name) => this with { Path = $"{Path}.{name}" };

    public InvalidArgumentException Missing(string expected) => Error($"is missing; it must be {expected}");

    public InvalidArgumentException Wrong(string expected, Value found) => Error($"must be {expected}, but is {found.Describe()}");

    public InvalidArgumentException TooDeep() => Error($"is nested deeper than {ValueJson.MaxDepth} levels");

    /// <summary>A name that a caller made up, fit to be shown.</summary>
    public static string Quote(string name) =>
        ((Value)(name.Length <= ShownCharactersMax ? name : $"{name.AsSpan(0, ShownCharactersMax)}...")).ToJson();

    private InvalidArgumentException Error(string problem) => new($"{Function}: the argument {Path} {problem}");
}
