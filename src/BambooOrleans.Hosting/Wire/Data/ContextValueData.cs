namespace BambooOrleans.Hosting.Wire;

/// <summary>Context values as data: <c>key</c>, <c>type</c> (<c>PLAIN</c>, <c>SPLICE</c> or <c>COMPUTE</c>), <c>value</c>, <c>code</c>.</summary>
internal static class ContextValueData
{
    public const string ExpectedType = "PLAIN, SPLICE or COMPUTE";

    public static Value Write(IReadOnlyList<ContextValue> values) => Value.List(values.Select(value => (Value)Value.Map(
        ("key", value.Key), ("type", TypeName(value.Type)), ("value", value.Value), ("code", value.Code))));

    public static IReadOnlyList<ContextValue> Read(Value data, string path) => AnswerMembers.ListOf(data, path, (item, at) =>
    {
        AnswerMembers members = AnswerMembers.Of(item, at);
        Value type = members.Required("type");
        return new ContextValue(
            members.Text("key"),
            TryReadType(type) ?? throw AnswerMembers.Wrong(members.PathOf("type"), ExpectedType, type),
            members.Required("value"),
            members.OptionalText("code"));
    });

    public static ContextValueType? TryReadType(Value type) => (type as TextValue)?.Value switch
    {
        "PLAIN" => ContextValueType.Plain,
        "SPLICE" => ContextValueType.Splice,
        "COMPUTE" => ContextValueType.Compute,
        _ => null,
    };

    private static string TypeName(ContextValueType type) => type switch
    {
        ContextValueType.Plain => "PLAIN",
        ContextValueType.Splice => "SPLICE",
        ContextValueType.Compute => "COMPUTE",
        _ => throw new InvalidArgumentException($"there is no type {type} of context values"),
    };
}
