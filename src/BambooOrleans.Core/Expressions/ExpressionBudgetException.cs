namespace BambooOrleans.Core.Expressions;

/// <summary>
/// Expressions asked for more than their <see cref="ExpressionBudget"/>. It is thrown whatever the options are: what
/// would take all memory or never end has no rendering to fall back on.
/// </summary>
public sealed class ExpressionBudgetException(string message) : BambooException("expression.budget", message);
