using System.Globalization;

namespace BambooOrleans.Core.Expressions;

/// <summary>
/// How much expressions may still do. One budget can be handed to several renderings, which then share it. Not safe for
/// use by several threads.
/// </summary>
public sealed class ExpressionBudget
{
    /// <summary>The steps of a budget that names no limit.</summary>
    public const long StepsMaxDefault = 1_000_000;

    /// <summary>The bytes of a budget that names no limit.</summary>
    public const long BytesMaxDefault = 64L * 1024 * 1024;

    /// <summary>Starts a budget.</summary>
    /// <param name="stepsMax">The steps allowed: nodes evaluated, items iterated, and a share of the work of large operations.</param>
    /// <param name="bytesMax">The bytes allowed: all that is built on the way, whether or not it is kept.</param>
    public ExpressionBudget(long stepsMax = StepsMaxDefault, long bytesMax = BytesMaxDefault)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stepsMax);
        ArgumentOutOfRangeException.ThrowIfNegative(bytesMax);
        StepsMax = stepsMax;
        BytesMax = bytesMax;
    }

    /// <summary>The steps allowed.</summary>
    public long StepsMax { get; }

    /// <summary>The bytes allowed.</summary>
    public long BytesMax { get; }

    /// <summary>The steps taken so far.</summary>
    public long StepsUsed { get; private set; }

    /// <summary>The bytes built so far.</summary>
    public long BytesUsed { get; private set; }

    internal void Step(long count = 1)
    {
        if (count > StepsMax - StepsUsed)
        {
            StepsUsed = StepsMax;
            throw new ExpressionBudgetException(string.Create(CultureInfo.InvariantCulture, $"The expressions need more than {StepsMax} steps."));
        }

        StepsUsed += count;
    }

    internal void Take(long bytes)
    {
        if (bytes > BytesMax - BytesUsed)
        {
            BytesUsed = BytesMax;
            throw new ExpressionBudgetException(string.Create(CultureInfo.InvariantCulture, $"The expressions need more than {BytesMax} bytes."));
        }

        BytesUsed += bytes;
    }
}
