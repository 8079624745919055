using System.Runtime.CompilerServices;
using System.Text;

namespace BambooOrleans.Simulation.Checks;

/// <summary>Holds a rule against what is there.</summary>
internal static class Rule
{
    /// <summary>Requires that a rule holds.</summary>
    /// <param name="holds">Whether it does.</param>
    /// <param name="rule">The rule, in a few words.</param>
    /// <param name="message">How it was broken; made only where it was.</param>
    /// <exception cref="ViolationException">It does not.</exception>
    public static void Require(bool holds, string rule, [InterpolatedStringHandlerArgument(nameof(holds))] ref RuleMessage message)
    {
        if (!holds)
        {
            throw new ViolationException(rule, message.ToString());
        }
    }
}

/// <summary>A message that costs nothing where a rule holds, as it does nearly always.</summary>
[InterpolatedStringHandler]
internal ref struct RuleMessage
{
    private readonly StringBuilder? _text;

    public RuleMessage(int literalLength, int formattedCount, bool holds, out bool isWanted)
    {
        isWanted = !holds;
        _text = holds ? null : new StringBuilder(literalLength + (formattedCount * 8));
    }

    public readonly void AppendLiteral(string text) => _text!.Append(text);

    public readonly void AppendFormatted<T>(T value) => _text!.Append(value);

    public override readonly string ToString() => _text?.ToString() ?? "";
}
