namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>The arguments of one call.</summary>
internal sealed class Arguments(object[] positional, (string Name, object Value)[] named)
{
    public static Arguments None { get; } = new([], []);

    public object[] Positional { get; } = positional;

    public (string Name, object Value)[] Named { get; } = named;

    public static Arguments Of(params object[] positional) => new(positional, []);

    /// <summary>These arguments after another one, as a method gets its object.</summary>
    public Arguments After(object first) => new([first, .. Positional], Named);

    /// <summary>These arguments without the first.</summary>
    public Arguments Rest() => new(Positional[1..], Named);
}
