using System.Collections.Frozen;

namespace BambooOrleans.Core.Expressions;

/// <summary>How templates are parsed and rendered. The defaults are the reference engine's.</summary>
public sealed record ExpressionOptions
{
    /// <summary>The options with every default.</summary>
    public static ExpressionOptions Default { get; } = new();

    /// <summary>The modules that <see cref="ImportModules"/> may name.</summary>
    public static IReadOnlySet<string> KnownModules { get; } =
        new[] { "datetime", "re", "hashlib", "random", "time", "os.path", "json" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>
    /// Whether a lone <c>${name["key"][0]}</c> keeps its type as a lone <c>${name}</c> does
    /// (<c>ENABLE_RENDER_OBJ_BY_MAKO_STRING</c>). Default: no.
    /// </summary>
    public bool RenderNestedIndexes { get; init; }

    /// <summary>How names are held against the list of allowed ones. Default: <see cref="NameWhitelist.Enforce"/>.</summary>
    public NameWhitelist NameWhitelist { get; init; } = NameWhitelist.Enforce;

    /// <summary>The modules that expressions can use, of <see cref="KnownModules"/>; others are left out. Default: none.</summary>
    public IReadOnlySet<string> ImportModules { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Whether a template that cannot be rendered is an <see cref="ExpressionException"/> rather than left as written. Default: no.</summary>
    public bool UnresolvedIsError { get; init; }

    /// <summary>The steps of one rendering that was handed no budget of its own.</summary>
    public long StepsMax { get; init; } = ExpressionBudget.StepsMaxDefault;

    /// <summary>The bytes of one rendering that was handed no budget of its own.</summary>
    public long BytesMax { get; init; } = ExpressionBudget.BytesMaxDefault;

    /// <summary>Where the modules <c>datetime</c>, <c>time</c> and <c>random</c> get time and chance from. Default: nowhere, so that asking for either fails.</summary>
    public IExpressionEnvironment? Environment { get; init; }
}
