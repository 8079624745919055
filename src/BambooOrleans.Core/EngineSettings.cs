using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Core;

/// <summary>The settings that decide how pipelines behave; the same for every pipeline of an engine.</summary>
public sealed record EngineSettings
{
    /// <summary>
    /// How many times a node may be entered again. The check is <em>finished and loop &gt; limit</em>, so a node runs
    /// limit + 1 times (observed; <c>BAMBOO_DJANGO_ERI_NODE_RERUN_LIMIT</c>).
    /// </summary>
    public int NodeRerunLimit { get; init; } = 100;

    /// <summary>Which branches an exclusive gateway that says nothing itself takes (<c>PIPELINE_EXCLUSIVE_GATEWAY_STRATEGY</c>).</summary>
    public ExclusiveGatewayStrategy ExclusiveGatewayStrategy { get; init; } = ExclusiveGatewayStrategy.Only;

    /// <summary>Added to the loop numbers that inputs show (<c>RERUN_INDEX_OFFSET</c>).</summary>
    public int RerunIndexOffset { get; init; }

    /// <summary>How templates are rendered.</summary>
    public ExpressionOptions Expressions { get; init; } = new();
}

/// <summary>What an exclusive gateway does when several conditions are met.</summary>
public enum ExclusiveGatewayStrategy
{
    /// <summary>Every condition is evaluated, and more than one that is met fails the gateway.</summary>
    Only = 1,

    /// <summary>The first condition that is met is taken, and no other is evaluated.</summary>
    First = 2,
}
