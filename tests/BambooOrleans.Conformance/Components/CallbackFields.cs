namespace BambooOrleans.Conformance.Components;

/// <summary>What the corpus's components read from callback data and inputs, with the reference language's idea of equality.</summary>
internal static class CallbackFields
{
    /// <summary>A field of callback data; null where the data is no map or has no such field.</summary>
    public static Value? Field(this Value? callbackData, string name) =>
        callbackData is MapValue map && map.TryGetValue(name, out Value? value) ? value : null;

    /// <summary>Whether the field is there and truthy.</summary>
    public static bool HasTruthy(this Value? callbackData, string name) => callbackData.Field(name)?.IsTruthy == true;

    /// <summary>Whether the data asks for failure: <c>bit == 0</c>, which <c>0.0</c> and <c>false</c> are too.</summary>
    public static bool AsksForFailure(this Value? callbackData) => callbackData.Field("bit").IsNumber(0);

    /// <summary>Whether the value is a number, or a bool standing for one, equal to <paramref name="number"/>.</summary>
    public static bool IsNumber(this Value? value, double number) => value.AsNumber() == number;

    /// <summary>The value as a number; null where it is none.</summary>
    public static double? AsNumber(this Value? value) => value switch
    {
        IntValue whole => (double)whole.Value,
        FloatValue real => real.Value,
        BoolValue flag => flag.Value ? 1 : 0,
        _ => null,
    };
}
