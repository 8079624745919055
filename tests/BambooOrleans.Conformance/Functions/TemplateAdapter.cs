using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Conformance.Functions;

/// <summary>Calls the engine's templates with the settings that a category of <c>templates.json</c> names.</summary>
internal static class TemplateAdapter
{
    /// <summary>What a template answers.</summary>
    /// <param name="References">What it refers to, in the form <c>${name}</c>.</param>
    /// <param name="Rendered">What it renders to.</param>
    public sealed record Answer(IEnumerable<string> References, Value Rendered);

    public static Answer Render(Value template, string category, MapValue context)
    {
        ExpressionOptions options = category switch
        {
            "ENABLE_RENDER_OBJ_BY_MAKO_STRING=True" => new ExpressionOptions { RenderNestedIndexes = true },
            "import_modules" => new ExpressionOptions { ImportModules = ExpressionOptions.KnownModules },
            "whitelist_mode=off" => new ExpressionOptions { NameWhitelist = NameWhitelist.Off },
            "whitelist_mode=warn" => new ExpressionOptions { NameWhitelist = NameWhitelist.Warn },
            _ => new ExpressionOptions(),
        };
        Template parsed = Template.Parse(template, options);
        return new Answer(parsed.References, parsed.Render(context));
    }
}
