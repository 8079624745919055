namespace BambooOrleans.Components.BuiltIn;

/// <summary>An input of a built-in component is missing or cannot be used.</summary>
/// <param name="input">The input's name.</param>
/// <param name="problem">What is wrong with it.</param>
public sealed class ComponentInputException(string input, string problem)
    : BambooException("component.input", $"the input \"{input}\" {problem}")
{
    /// <summary>The input's name.</summary>
    public string Input { get; } = input;
}
