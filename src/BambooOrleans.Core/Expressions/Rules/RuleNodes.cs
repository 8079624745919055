namespace BambooOrleans.Core.Expressions.Rules;

/// <summary>A part of a parsed condition.</summary>
internal abstract record RuleNode;

/// <summary>Conditions in a row with <c>and</c> or <c>or</c> between them; as many words as conditions less one.</summary>
internal sealed record RuleRow(IReadOnlyList<RuleNode> Conditions, IReadOnlyList<bool> IsAnd) : RuleNode;

/// <summary>One comparison.</summary>
internal sealed record RuleComparison(RuleOperand Left, string Operator, RuleOperand Right) : RuleNode;

/// <summary>One side of a comparison.</summary>
internal abstract record RuleOperand;

/// <summary>A number, text or bool as a Python object.</summary>
internal sealed record RuleLiteral(object Value) : RuleOperand;

/// <summary>A path such as <c>a.b</c> or <c>${a}</c>: a value of the context, or without a context its own text.</summary>
internal sealed record RulePath(string Path) : RuleOperand;

/// <summary><c>(a, b)</c></summary>
internal sealed record RuleList(IReadOnlyList<RuleOperand> Items) : RuleOperand;
