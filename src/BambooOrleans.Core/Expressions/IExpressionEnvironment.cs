namespace BambooOrleans.Core.Expressions;

/// <summary>
/// The time and the chance that expressions see. The engine's core has neither of its own, so that a rendering can be
/// repeated; whoever allows the modules <c>datetime</c>, <c>time</c> or <c>random</c> brings them.
/// </summary>
public interface IExpressionEnvironment
{
    /// <summary>The time now, with the offset of the zone that <c>datetime.now()</c> should tell.</summary>
    DateTimeOffset Now { get; }

    /// <summary>The next 64 random bits.</summary>
    ulong NextRandom();
}
