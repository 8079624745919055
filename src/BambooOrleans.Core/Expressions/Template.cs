using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions;

/// <summary>
/// A value whose texts hold templates, <c>${…}</c>, parsed once and rendered as often as needed. Immutable and safe for use
/// by several threads.
/// </summary>
/// <remarks>
/// A lone <c>${name}</c> keeps the value that the context has for it; every other template becomes text. What is undefined,
/// forbidden or fails stays as written. Templates of one text are rendered once, from left to right, and never again.
/// </remarks>
public sealed class Template
{
    // As deep as JSON can be read.
    private const int DepthMax = ValueJson.MaxDepth;

    private readonly TemplatePart _part;
    private readonly ExpressionOptions _options;

    private Template(TemplatePart part, ExpressionOptions options)
    {
        _part = part;
        _options = options;
        References = FrozenSet<string>.Empty;
        if (part is not ConstantPart)
        {
            var references = new HashSet<string>(StringComparer.Ordinal);
            part.CollectReferences(references);
            References = new SortedSet<string>(references.Select(name => $"${{{name}}}"), StringComparer.Ordinal);
        }
    }

    /// <summary>The names that the templates refer to, builtins included, in the form <c>${name}</c> and in ordinal order.</summary>
    public IReadOnlySet<string> References { get; }

    /// <summary>Whether there is any template at all; without, rendering answers the value itself.</summary>
    public bool HasTemplates => _part is not ConstantPart;

    /// <summary>Whether a text holds anything that is looked at as a template. Cheap: nothing is parsed.</summary>
    public static bool IsTemplate(string text) => TextPart.FindTemplate(text, 0).Length > 0;

    /// <summary>Parses the texts in a value at any depth. Keys of maps are not looked at.</summary>
    /// <exception cref="ExpressionException">The value is nested deeper than <see cref="ValueJson.MaxDepth"/>.</exception>
    public static Template Parse(Value value, ExpressionOptions options)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(options);
        return new Template(Read(value, options, 0), options);
    }

    /// <summary>Renders the templates with a context whose keys are bare names.</summary>
    /// <param name="context">The values by name.</param>
    /// <param name="budget">What the expressions may still do; null for a budget of the options' size.</param>
    /// <returns>The value with every template rendered, or the very instance that was parsed where nothing changes.</returns>
    /// <exception cref="ExpressionException">A template cannot be rendered, and <see cref="ExpressionOptions.UnresolvedIsError"/> is set.</exception>
    /// <exception cref="ExpressionBudgetException">The budget is used up.</exception>
    public Value Render(IReadOnlyDictionary<string, Value> context, ExpressionBudget? budget = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        return _part switch
        {
            ConstantPart constant => constant.Value,
            LonePart lone when context.TryGetValue(lone.Name, out Value? known) => known,
            _ => _part.Render(new Run(context, budget ?? new ExpressionBudget(_options.StepsMax, _options.BytesMax), _options.Environment)),
        };
    }

    /// <summary>The templates that will stay as written, with the reason.</summary>
    /// <param name="knownNames">The bare names that a context can have; null where that is not known.</param>
    public IReadOnlyList<ExpressionWarning> Warnings(IReadOnlySet<string>? knownNames = null)
    {
        var warnings = new List<ExpressionWarning>();
        _part.CollectWarnings(warnings, knownNames);
        return warnings;
    }

    private static TemplatePart Read(Value value, ExpressionOptions options, int depth)
    {
        if (depth > DepthMax || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new ExpressionException(string.Empty, $"The value is nested deeper than {DepthMax} levels.");
        }

        switch (value)
        {
            case TextValue text:
                return TextPart.Read(text, options);
            case ListValue list:
                TemplatePart[]? items = null;
                for (int i = 0; i < list.Count; i++)
                {
                    TemplatePart item = Read(list[i], options, depth + 1);
                    if (item is not ConstantPart)
                    {
                        (items ??= new TemplatePart[list.Count])[i] = item;
                    }
                }

                return items is null ? new ConstantPart(value) : new ListPart(list, items);
            case MapValue map:
                List<(string, TemplatePart)>? entries = null;
                foreach ((string name, Value entry) in map)
                {
                    TemplatePart part = Read(entry, options, depth + 1);
                    if (part is not ConstantPart)
                    {
                        (entries ??= []).Add((name, part));
                    }
                }

                return entries is null ? new ConstantPart(value) : new MapPart(map, entries);
            default:
                return new ConstantPart(value);
        }
    }
}
