using BambooOrleans.Core;
using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Conformance.Hosts;

/// <summary>What a scenario wants of its engine: FORMAT.md's <c>engine_settings</c>, and the store that the command line named.</summary>
public sealed record EngineSettings
{
    /// <summary>A node that is entered again fails once its <c>loop</c> is above this number (<c>BAMBOO_DJANGO_ERI_NODE_RERUN_LIMIT</c>).</summary>
    public int NodeRerunLimit { get; init; } = 100;

    /// <summary>Whether an exclusive gateway without a strategy of its own takes the first flow met (<c>PIPELINE_EXCLUSIVE_GATEWAY_STRATEGY</c> 2) or fails when several are (1).</summary>
    public bool ExclusiveGatewaysTakeFirst { get; init; }

    /// <summary>What is added to the loop number that components see (<c>RERUN_INDEX_OFFSET</c>).</summary>
    public int RerunIndexOffset { get; init; }

    /// <summary>Whether a lone template with indexes keeps its type (<c>ENABLE_RENDER_OBJ_BY_MAKO_STRING</c>).</summary>
    public bool RenderNestedIndexes { get; init; }

    /// <summary>Where the engine keeps its state.</summary>
    public StoreKind Store { get; init; }

    /// <summary>The engine's own settings.</summary>
    public Core.EngineSettings ToEngine() => new()
    {
        NodeRerunLimit = NodeRerunLimit,
        ExclusiveGatewayStrategy = ExclusiveGatewaysTakeFirst ? ExclusiveGatewayStrategy.First : ExclusiveGatewayStrategy.Only,
        RerunIndexOffset = RerunIndexOffset,
        Expressions = new ExpressionOptions { RenderNestedIndexes = RenderNestedIndexes },
    };
}

/// <summary>Where the engine under test keeps its state.</summary>
public enum StoreKind
{
    /// <summary>In memory.</summary>
    Memory,

    /// <summary>In a SQLite file of its own, deleted afterwards.</summary>
    Sqlite,

    /// <summary>In a database of its own of a private PostgreSQL server, both gone afterwards.</summary>
    Postgres,
}
