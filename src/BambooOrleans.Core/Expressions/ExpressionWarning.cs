namespace BambooOrleans.Core.Expressions;

/// <summary>Something in an expression that does not do what it looks like.</summary>
/// <param name="Expression">The template or condition as written.</param>
/// <param name="Code">The stable code of the kind of warning: <c>template.syntax</c>, <c>template.forbidden</c>,
/// <c>template.undefined</c>, <c>rule.syntax</c>, <c>rule.float-truncated</c> or <c>rule.mixed-and-or</c>.</param>
/// <param name="Reason">What is odd about it, for a person.</param>
public sealed record ExpressionWarning(string Expression, string Code, string Reason);
