namespace BambooOrleans.Conformance.Functions;

/// <summary>Calls the engine's templates with the settings that a category of <c>templates.json</c> names.</summary>
internal static class TemplateAdapter
{
    /// <summary>What a template answers.</summary>
    /// <param name="References">What it refers to, in the form <c>${name}</c>.</param>
    /// <param name="Rendered">What it renders to.</param>
    public sealed record Answer(IEnumerable<string> References, Value Rendered);

    public static Answer Render(Value template, string category, MapValue context) =>
        throw new FunctionNotBuiltInException("Template");
}
