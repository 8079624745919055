using System.Globalization;

namespace BambooOrleans.Core.Expressions;

/// <summary>A condition is not of the boolean rule grammar.</summary>
/// <param name="expression">The condition as written.</param>
/// <param name="position">Where it went wrong, in characters from 0.</param>
/// <param name="reason">What was expected there.</param>
public sealed class BooleanRuleParseException(string expression, int position, string reason)
    : BambooException("expression.rule-syntax", string.Create(CultureInfo.InvariantCulture, $"{reason} at character {position} of the condition {expression}"))
{
    /// <summary>The condition as written.</summary>
    public string Expression { get; } = expression;

    /// <summary>Where it went wrong, in characters from 0.</summary>
    public int Position { get; } = position;
}
