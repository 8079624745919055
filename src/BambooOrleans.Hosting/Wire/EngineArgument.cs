namespace BambooOrleans.Hosting.Wire;

/// <summary>One argument of an <see cref="EngineFunction"/>.</summary>
public abstract class EngineArgument
{
    private protected EngineArgument(string name, string parameter, string expected, bool isRequired)
    {
        Name = name;
        Parameter = parameter;
        Expected = expected;
        IsRequired = isRequired;
    }

    /// <summary>Its name in the Engine API, such as <c>pipeline_id</c>.</summary>
    public string Name { get; }

    /// <summary>
    /// The parameter of the method of <see cref="IBambooEngine"/> that it fills, such as <c>pipelineId</c>, or a member of one, such as
    /// <c>options.DryRun</c>. Empty where it is the function's own, which the method does not have.
    /// </summary>
    public string Parameter { get; }

    /// <summary>What it must be, in words that go on after "must be".</summary>
    public string Expected { get; }

    /// <summary>Whether the call is refused without it. One that is not required may also be null.</summary>
    public bool IsRequired { get; }
}

/// <summary>An argument, and how it is read.</summary>
/// <param name="name">Its name.</param>
/// <param name="parameter">The parameter that it fills.</param>
/// <param name="expected">What it must be.</param>
/// <param name="read">Reads it, or throws what is wrong with it.</param>
/// <param name="fallback">What stands for it where it is not given; null where it must be.</param>
internal sealed class EngineArgument<T>(
    string name, string parameter, string expected, Func<ArgumentPlace, Value, T> read, Func<T>? fallback) : EngineArgument(name, parameter, expected, fallback is null)
{
    /// <exception cref="BambooException">It is missing, or is not what it must be.</exception>
    public T Read(string function, MapValue arguments)
    {
        var place = new ArgumentPlace(function, Name);
        if (!arguments.TryGetValue(Name, out Value? value))
        {
            return fallback is null ? throw place.Missing(Expected) : fallback();
        }

        return value.IsNull && fallback is not null ? fallback() : read(place, value);
    }

    /// <summary>The same argument, which need not be given.</summary>
    public EngineArgument<T> Or(T fallback) => new(Name, Parameter, Expected, read, () => fallback);

    /// <summary>The same kind of argument by another name.</summary>
    public EngineArgument<T> Named(string name, string parameter) => new(name, parameter, Expected, read, fallback);
}
