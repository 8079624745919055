using System.Collections;

namespace BambooOrleans.Building;

/// <summary>The variables and outputs of a pipeline.</summary>
public sealed class Data
{
    /// <summary>The variables by context key (<c>${name}</c>).</summary>
    public VariableMap Inputs { get; init; } = [];

    /// <summary>The context keys that are the pipeline's outputs.</summary>
    public IList<string> Outputs { get; init; } = [];

    /// <summary>The context keys that the start event renders once.</summary>
    public IList<string> PreRenderKeys { get; init; } = [];
}

/// <summary>Variables by name, in the order in which they were added.</summary>
public class VariableMap : IEnumerable<KeyValuePair<string, Var>>
{
    private readonly OrderedDictionary<string, Var> _variables = new(StringComparer.Ordinal);

    /// <summary>Gets or sets one variable.</summary>
    public Var this[string name]
    {
        get => _variables[name];
        set => _variables[name] = value;
    }

    /// <summary>Adds a variable.</summary>
    /// <exception cref="ArgumentException">There is one of this name.</exception>
    public void Add(string name, Var variable) => _variables.Add(name, variable);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Var>> GetEnumerator() => _variables.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal MapValue ToValue(Func<string, string> newId) =>
        Value.Map(_variables.Select(variable => (variable.Key, (Value)variable.Value.ToValue(newId))));
}

/// <summary>The parameters of a sub-process by context key.</summary>
public sealed class Params : VariableMap;
