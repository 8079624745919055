using System.Globalization;
using System.Text.RegularExpressions;
using BambooOrleans.Hosting.Wire;

namespace BambooOrleans.Server.Http;

/// <summary>The JSON schema of an argument, read from the words that its error uses, so that both always say the same.</summary>
/// <param name="Type">The JSON type; null for any.</param>
/// <param name="Schema">The schema.</param>
internal sealed partial record ArgumentSchema(string? Type, MapValue Schema)
{
    /// <exception cref="NotSupportedException">There is a kind of argument that this does not know.</exception>
    public static ArgumentSchema Of(EngineArgument argument)
    {
        string expected = argument.Expected;
        return expected switch
        {
            "text" => Make("string"),
            "true or false" => Make("boolean"),
            "an object" => Make("object"),
            "a pipeline tree" => new ArgumentSchema("object", Value.Map(("$ref", "#/components/schemas/PipelineTree"))),
            "a JSON value" => new ArgumentSchema(null, Value.Map(("description", expected))),
            "a list of states" => Make(
                "array", ("items", Value.Map(("type", "string"), ("enum", Value.List(Enum.GetValues<NodeStateName>().Select(state => (Value)state.ToApiName())))))),
            "an object with created_time and root_id" => new ArgumentSchema("object", Value.Map(("$ref", "#/components/schemas/PipelinePosition"))),
            "a list of texts" => Make("array", ("items", Value.Map(("type", "string")))),
            "a list of objects with key, type, value and code" => Make("array", ("items", Value.Map(("$ref", "#/components/schemas/ContextValue")))),
            _ when expected.StartsWith("a time as ISO 8601", StringComparison.Ordinal) => Make("string", ("format", "date-time"), ("description", expected)),
            _ when WholeNumber().Match(expected) is { Success: true } whole => Make(
                "integer", ("minimum", Number(whole.Groups[1].Value)), ("maximum", Number(whole.Groups[2].Value))),
            _ when expected.StartsWith("a number of seconds", StringComparison.Ordinal) => Make("number", ("description", expected)),
            _ => throw new NotSupportedException($"there is no schema for an argument that must be {expected}"),
        };
    }

    private static ArgumentSchema Make(string type, params IEnumerable<(string Name, Value Value)> more) =>
        new(type, Value.Map([("type", type), .. more]));

    private static Value Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^a whole number from (-?\d+) to (-?\d+)$")]
    private static partial Regex WholeNumber();
}
