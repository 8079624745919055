using BambooOrleans.Pipelines;

namespace BambooOrleans.Building;

/// <summary>A gateway that takes every branch at once.</summary>
/// <param name="id">The id; null makes one.</param>
/// <param name="name">A name for people.</param>
public sealed class ParallelGateway(string? id = null, string? name = null) : Element(id, name)
{
    /// <inheritdoc/>
    public override string Type => NodeTypes.ParallelGateway;
}

/// <summary>The gateway where branches meet.</summary>
/// <param name="id">The id; null makes one.</param>
/// <param name="name">A name for people.</param>
public sealed class ConvergeGateway(string? id = null, string? name = null) : Element(id, name)
{
    /// <inheritdoc/>
    public override string Type => NodeTypes.ConvergeGateway;
}

/// <summary>A gateway whose branches have conditions.</summary>
/// <param name="id">The id; null makes one.</param>
/// <param name="name">A name for people.</param>
public abstract class ConditionGateway(string? id, string? name) : Element(id, name)
{
    /// <summary>The condition of each branch by its place in the order, from 0.</summary>
    public IDictionary<int, string> Conditions { get; init; } = new Dictionary<int, string>();

    /// <summary>The branch that is taken when no condition is met, by its place in the order; null for none.</summary>
    public int? DefaultBranch { get; set; }

    /// <summary>The member <c>extra_info</c>; null for none.</summary>
    public MapValue? ExtraInfo { get; init; }
}

/// <summary>A gateway that takes the one branch whose condition is met.</summary>
/// <param name="id">The id; null makes one.</param>
/// <param name="name">A name for people.</param>
public sealed class ExclusiveGateway(string? id = null, string? name = null) : ConditionGateway(id, name)
{
    /// <inheritdoc/>
    public override string Type => NodeTypes.ExclusiveGateway;
}

/// <summary>A gateway that takes, at once, every branch whose condition is met.</summary>
/// <param name="id">The id; null makes one.</param>
/// <param name="name">A name for people.</param>
public sealed class ConditionalParallelGateway(string? id = null, string? name = null) : ConditionGateway(id, name)
{
    /// <inheritdoc/>
    public override string Type => NodeTypes.ConditionalParallelGateway;
}

/// <summary>Adds branches together with their conditions.</summary>
public static class ConditionBranches
{
    /// <summary>Adds a branch that is taken when <paramref name="condition"/> is met.</summary>
    /// <returns>This gateway.</returns>
    public static TGateway When<TGateway>(this TGateway gateway, string condition, Element next)
        where TGateway : ConditionGateway
    {
        gateway.Conditions[gateway.Next.Count] = condition;
        gateway.Next.Add(next);
        return gateway;
    }

    /// <summary>Adds the branch that is taken when no condition is met.</summary>
    /// <returns>This gateway.</returns>
    public static TGateway Otherwise<TGateway>(this TGateway gateway, Element next)
        where TGateway : ConditionGateway
    {
        gateway.DefaultBranch = gateway.Next.Count;
        gateway.Next.Add(next);
        return gateway;
    }
}
