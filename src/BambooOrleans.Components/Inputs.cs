using System.Globalization;

namespace BambooOrleans.Components.BuiltIn;

/// <summary>Reads rendered inputs. Templates inside a longer text give text, so that numbers and bools are taken from text too.</summary>
internal static class Inputs
{
    /// <exception cref="ComponentInputException">It is missing, or not text.</exception>
    public static string RequiredText(this ComponentContext context, string name) =>
        context.OptionalText(name) ?? throw new ComponentInputException(name, "is missing");

    public static string? OptionalText(this ComponentContext context, string name) => context.Input(name) switch
    {
        NullValue => null,
        TextValue { Value.Length: 0 } => null,
        TextValue text => text.Value,
        Value other => throw new ComponentInputException(name, $"must be text, but is {other.ToJson()}"),
    };

    public static double? OptionalNumber(this ComponentContext context, string name, double min, double max)
    {
        double? number = context.Input(name) switch
        {
            NullValue or TextValue { Value.Length: 0 } => null,
            IntValue whole => (double)whole.Value,
            FloatValue real => real.Value,
            TextValue text when double.TryParse(text.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double parsed) => parsed,
            Value other => throw new ComponentInputException(name, $"must be a number, but is {other.ToJson()}"),
        };

        // Written so that NaN is refused.
        return number is null || (number >= min && number <= max)
            ? number
            : throw new ComponentInputException(
                name, string.Create(CultureInfo.InvariantCulture, $"must be from {min} to {max}, but is {number}"));
    }

    public static bool Flag(this ComponentContext context, string name) => context.Input(name) switch
    {
        NullValue => false,
        BoolValue flag => flag.Value,
        TextValue text when bool.TryParse(text.Value, out bool parsed) => parsed,
        Value other => throw new ComponentInputException(name, $"must be true or false, but is {other.ToJson()}"),
    };

    public static MapValue OptionalMap(this ComponentContext context, string name) => context.Input(name) switch
    {
        NullValue => MapValue.Empty,
        MapValue map => map,
        Value other => throw new ComponentInputException(name, $"must be a map, but is {other.ToJson()}"),
    };

    /// <summary>Fails the node with a reason that an operator can read, without a stack trace.</summary>
    public static ComponentResult Fail(this ComponentContext context, string reason)
    {
        context.SetOutput("ex_data", reason);
        return ComponentResult.Failed;
    }

    public static string AsText(Value value) => value is TextValue text ? text.Value : value.ToJson();
}
