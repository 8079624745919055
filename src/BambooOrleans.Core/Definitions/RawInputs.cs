using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Core.Definitions;

/// <summary>The inputs of an activity, or the params of a sub-process, before they are rendered.</summary>
public sealed class RawInputs
{
    private readonly Template _template;

    private RawInputs(IReadOnlyDictionary<string, DataInput> inputs, ExpressionOptions options)
    {
        Inputs = inputs;
        Rendered = Value.Map(inputs.Where(input => input.Value.NeedRender).Select(input => (input.Key, input.Value.Value)));
        Escaped = Value.Map(inputs.Where(input => !input.Value.NeedRender).Select(input => (input.Key, input.Value.Value)));
        _template = Template.Parse(Rendered, options);
    }

    /// <summary>No inputs.</summary>
    public static RawInputs Empty { get; } = new(new Dictionary<string, DataInput>(), new ExpressionOptions());

    /// <summary>The inputs by name.</summary>
    public IReadOnlyDictionary<string, DataInput> Inputs { get; }

    /// <summary>The context keys that the inputs refer to directly.</summary>
    public IReadOnlyCollection<string> References => _template.References;

    private MapValue Rendered { get; }

    private MapValue Escaped { get; }

    /// <summary>Parses inputs.</summary>
    public static RawInputs Parse(IReadOnlyDictionary<string, DataInput> inputs, ExpressionOptions options) =>
        inputs.Count == 0 ? Empty : new(inputs, options);

    /// <summary>All inputs as they are written, rendered or not.</summary>
    public MapValue AsWritten() => Value.Map(Inputs.Select(input => (input.Key, input.Value.Value)));

    /// <summary>
    /// Renders the inputs that need it, adds <paramref name="extra"/>, then the inputs that are taken as they are, which
    /// therefore win (observed).
    /// </summary>
    /// <param name="context">Hydrated context values by bare name.</param>
    /// <param name="extra">Inputs of the engine's own.</param>
    public MapValue Render(IReadOnlyDictionary<string, Value> context, params ReadOnlySpan<(string Name, Value Value)> extra)
    {
        MapValue.Builder inputs = ((MapValue)_template.Render(context)).ToBuilder();
        foreach ((string name, Value value) in extra)
        {
            inputs[name] = value;
        }

        inputs.SetAll(Escaped);
        MapValue rendered = inputs.Build();
        return !ValueJson.IsTooDeep(rendered)
            ? rendered
            : throw new ExpressionException("", $"the inputs are nested deeper than {ValueJson.MaxDepth} levels");
    }
}
