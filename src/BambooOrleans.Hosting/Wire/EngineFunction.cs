namespace BambooOrleans.Hosting.Wire;

/// <summary>One function of the Engine API: a method of <see cref="IBambooEngine"/> by its name there.</summary>
public sealed class EngineFunction
{
    internal EngineFunction(
        string name, string method, bool isControl, IReadOnlyList<EngineArgument> arguments, Func<EngineCall, Task<MapValue>> carryOut)
    {
        Name = name;
        Method = method;
        IsControl = isControl;
        Arguments = arguments;
        CarryOut = carryOut;
    }

    /// <summary>Its name in the Engine API, such as <c>pause_pipeline</c>.</summary>
    public string Name { get; }

    /// <summary>The name of the method of <see cref="IBambooEngine"/>.</summary>
    public string Method { get; }

    /// <summary>Whether it submits or steers pipelines; otherwise it only reads.</summary>
    public bool IsControl { get; }

    /// <summary>Its arguments. A call with any other is refused.</summary>
    public IReadOnlyList<EngineArgument> Arguments { get; }

    internal Func<EngineCall, Task<MapValue>> CarryOut { get; }
}

/// <summary>A function that is being called.</summary>
internal sealed record EngineCall(
    IBambooEngine Engine, EngineFunction Function, MapValue Arguments, TimeProvider Time, CancellationToken Stop)
{
    /// <exception cref="BambooException">The argument is missing, or is not what it must be.</exception>
    public T Get<T>(EngineArgument<T> argument) => argument.Read(Function.Name, Arguments);

    /// <exception cref="InvalidArgumentException">There is an argument that the function does not have.</exception>
    public void CheckNames()
    {
        foreach (string name in Arguments.Keys)
        {
            if (Function.Arguments.All(argument => argument.Name != name))
            {
                throw new InvalidArgumentException(
                    $"{Function.Name}: there is no argument {ArgumentPlace.Quote(name)}; there are {string.Join(", ", Function.Arguments.Select(argument => argument.Name))}");
            }
        }
    }
}
