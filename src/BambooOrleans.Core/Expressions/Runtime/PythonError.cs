namespace BambooOrleans.Core.Expressions.Runtime;

/// <summary>An exception that Python code would see. It never leaves the expression language.</summary>
internal sealed class PythonError(string pythonClass, string message) : Exception(message)
{
    /// <summary>The name of Python's exception class.</summary>
    public string PythonClass { get; } = pythonClass;

    public override string ToString() => $"{PythonClass}: {Message}";

    public static PythonError Type(string message) => new("TypeError", message);

    public static PythonError Value(string message) => new("ValueError", message);

    public static PythonError Index(string message) => new("IndexError", message);

    public static PythonError Key(object key) => new("KeyError", PythonRepr.Repr(key));

    public static PythonError Overflow(string message) => new("OverflowError", message);

    public static PythonError ZeroDivision(string message) => new("ZeroDivisionError", message);

    public static PythonError Name(string name) => new("NameError", $"name '{name}' is not defined");

    public static PythonError Recursion() => new("RecursionError", "maximum recursion depth exceeded");

    public static PythonError Attribute(object target, string name) => target is PyType type
        ? new("AttributeError", $"type object '{type.Name}' has no attribute '{name}'")
        : target is PyModule module
            ? new("AttributeError", $"module '{module.Name}' has no attribute '{name}'")
            : new("AttributeError", $"'{TypeNames.Of(target)}' object has no attribute '{name}'");

    /// <summary>What is written as Python, but lies outside the subset.</summary>
    public static PythonError Unsupported(string what) => new("NotImplementedError", $"{what} is not supported");
}
