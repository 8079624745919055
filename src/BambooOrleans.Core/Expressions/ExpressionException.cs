namespace BambooOrleans.Core.Expressions;

/// <summary>
/// An expression cannot be rendered: it does not parse, is forbidden, names what is not there, or failed while it ran.
/// Rendering throws it only with <see cref="ExpressionOptions.UnresolvedIsError"/>; otherwise the template stays as written.
/// </summary>
/// <param name="template">The template as written, or empty where none is to blame alone.</param>
/// <param name="reason">What is wrong, for a person.</param>
/// <param name="innerException">What caused it.</param>
public sealed class ExpressionException(string template, string reason, Exception? innerException = null)
    : BambooException(
        "expression.failed",
        template.Length == 0 ? reason : $"{template} cannot be rendered: {reason}",
        innerException)
{
    /// <summary>The template as written, such as <c>${a + 1}</c>; empty where none is to blame alone.</summary>
    public string Template { get; } = template;

    /// <summary>What is wrong with it.</summary>
    public string Reason { get; } = reason;
}
