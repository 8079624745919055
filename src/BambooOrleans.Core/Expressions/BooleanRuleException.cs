namespace BambooOrleans.Core.Expressions;

/// <summary>A condition failed while it was evaluated, as an error of Python's would make it fail.</summary>
/// <param name="expression">The condition as written.</param>
/// <param name="pythonClass">The name of Python's exception class, such as <c>TypeError</c>.</param>
/// <param name="message">Python's message.</param>
public sealed class BooleanRuleException(string expression, string pythonClass, string message)
    : BambooException("expression.rule-failed", message)
{
    /// <summary>The condition as written.</summary>
    public string Expression { get; } = expression;

    /// <summary>The name of Python's exception class.</summary>
    public string PythonClass { get; } = pythonClass;
}
