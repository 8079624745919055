namespace BambooOrleans.Core.Expressions.Syntax;

/// <summary>Text that is not Python, or not of the subset. It never leaves the expression language.</summary>
internal sealed class SyntaxError(string message) : Exception(message);
