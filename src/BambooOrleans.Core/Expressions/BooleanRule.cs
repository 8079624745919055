using System.Numerics;
using System.Text;
using BambooOrleans.Core.Expressions.Rules;
using BambooOrleans.Core.Expressions.Runtime;

namespace BambooOrleans.Core.Expressions;

/// <summary>
/// A condition of a gateway, such as <c>3 &gt; 2 and "a" in ("a", "b")</c>, parsed once. Immutable and safe for use by
/// several threads.
/// </summary>
/// <remarks>
/// Its oddities are the reference's, because pipelines depend on them: compared with an int a float loses its fraction,
/// <c>and</c> and <c>or</c> have no precedence and are decided from left to right, words without quotes are text, and
/// <c>*</c> always holds. <see cref="Warnings"/> tells of each use.
/// </remarks>
public sealed class BooleanRule
{
    private readonly RuleRow? _row;

    private BooleanRule(string expression, RuleRow? row)
    {
        Expression = expression;
        _row = row;
    }

    /// <summary>The condition as written.</summary>
    public string Expression { get; }

    /// <summary>Parses a condition.</summary>
    /// <exception cref="BooleanRuleParseException">It is not of the grammar.</exception>
    /// <exception cref="BooleanRuleException">It holds an int with an exponent, which the grammar takes and the reference fails on.</exception>
    public static BooleanRule Parse(string expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        try
        {
            return new BooleanRule(expression, expression == "*" ? null : RuleParser.Parse(expression));
        }
        catch (PythonError error)
        {
            throw new BooleanRuleException(expression, error.PythonClass, error.Message);
        }
    }

    /// <summary>Whether the condition holds.</summary>
    /// <param name="context">The values that words without quotes stand for; null or empty where they stand for themselves.</param>
    /// <param name="budget">What the comparison may still do; null for a budget of the default size.</param>
    /// <exception cref="BooleanRuleException">A comparison fails as it would in Python.</exception>
    /// <exception cref="ExpressionBudgetException">The budget is used up.</exception>
    public bool Test(IReadOnlyDictionary<string, Value>? context = null, ExpressionBudget? budget = null)
    {
        if (_row is null)
        {
            return true;
        }

        object? values = null;
        if (context is { Count: > 0 })
        {
            values = new PyDict(context as MapValue ?? Value.Map(context.Select(pair => (pair.Key, pair.Value))));
        }

        try
        {
            return new RuleEvaluator(new Run(MapValue.Empty, budget ?? new ExpressionBudget(), null), values).Test(_row);
        }
        catch (PythonError error)
        {
            throw new BooleanRuleException(Expression, error.PythonClass, error.Message);
        }
    }

    /// <summary>
    /// What in a condition does not do what it looks like. Templates in it may still be unrendered: each stands for one
    /// value of unknown type.
    /// </summary>
    /// <param name="expression">The condition as written.</param>
    public static IReadOnlyList<ExpressionWarning> Warnings(string expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        try
        {
            var warnings = new List<ExpressionWarning>();
            if (Parse(WithoutTemplates(expression))._row is { } row)
            {
                Look(expression, row, warnings);
            }

            return warnings;
        }
        catch (BambooException error)
        {
            return [new ExpressionWarning(expression, "rule.syntax", $"The gateway fails: {error.Message}.")];
        }
    }

    private static string WithoutTemplates(string expression)
    {
        var text = new StringBuilder();
        int done = 0;
        for ((int start, int length) = TextPart.FindTemplate(expression, 0); length > 0; (start, length) = TextPart.FindTemplate(expression, done))
        {
            text.Append(expression, done, start - done).Append("${template}");
            done = start + length;
        }

        return text.Append(expression, done, expression.Length - done).ToString();
    }

    private static void Look(string expression, RuleRow row, List<ExpressionWarning> warnings)
    {
        if (row.IsAnd.Contains(true) && row.IsAnd.Contains(false))
        {
            warnings.Add(new ExpressionWarning(
                expression, "rule.mixed-and-or", "and beside or without parentheses: they are decided from left to right, and neither binds stronger."));
        }

        foreach (RuleNode condition in row.Conditions)
        {
            switch (condition)
            {
                case RuleRow inner:
                    Look(expression, inner, warnings);
                    break;
                case RuleComparison { Operator: "==" or "!=" or "<" or "<=" or ">" or ">=" } comparison
                    when Truncates(comparison.Left, comparison.Right) || Truncates(comparison.Right, comparison.Left):
                    warnings.Add(new ExpressionWarning(
                        expression, "rule.float-truncated", "A float compared with an int loses its fraction: 1.5 > 1 does not hold."));
                    break;
            }
        }
    }

    private static bool Truncates(RuleOperand real, RuleOperand other) =>
        real is RuleLiteral { Value: double } && other is RuleLiteral { Value: BigInteger or bool } or RulePath { Path: "${template}" };
}
