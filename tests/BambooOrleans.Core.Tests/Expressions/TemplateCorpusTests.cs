using BambooOrleans.Core.Expressions;

namespace BambooOrleans.Core.Tests.Expressions;

public class TemplateCorpusTests
{
    [Fact]
    public void Every_recorded_template_renders_as_the_reference_rendered_it()
    {
        MapValue corpus = Corpus.Read("templates.json");
        var context = (MapValue)corpus["context"];
        List<string> differences = [];
        int count = 0;
        foreach (MapValue recorded in corpus.Maps("cases"))
        {
            count++;
            Template template = Template.Parse(recorded["template"], OptionsOf(recorded.Text("category")));
            Value rendered = template.Render(context);
            if (!rendered.Equals(recorded["rendered"]))
            {
                differences.Add($"{recorded.Text("category")}: {recorded["template"]} is {rendered}, was {recorded["rendered"]}");
            }
        }

        Assert.True(differences.Count == 0, string.Join("\n", differences));
        Assert.Equal(545, count);
    }

    [Fact]
    public void Every_recorded_template_refers_to_the_names_that_the_reference_found()
    {
        MapValue corpus = Corpus.Read("templates.json");
        List<string> differences = [];
        foreach (MapValue recorded in corpus.Maps("cases"))
        {
            Template template = Template.Parse(recorded["template"], OptionsOf(recorded.Text("category")));
            Value references = Value.List(template.References.Select(name => (Value)name));
            if (!references.Equals(recorded["references"]))
            {
                differences.Add($"{recorded["template"]} has {references}, had {recorded["references"]}");
            }
        }

        Assert.True(differences.Count == 0, string.Join("\n", differences));
    }

    [Fact]
    public void Whatever_stays_as_written_is_an_error_when_that_is_asked_for()
    {
        MapValue corpus = Corpus.Read("templates.json");
        var context = (MapValue)corpus["context"];
        List<string> differences = [];
        foreach (MapValue recorded in corpus.Maps("cases").Where(recorded => recorded["template"] is TextValue))
        {
            string text = recorded.Text("template");
            bool stays = Template.IsTemplate(text) && text != "${tpl}" && recorded["rendered"].Equals(recorded["template"]);
            ExpressionOptions options = OptionsOf(recorded.Text("category")) with { UnresolvedIsError = true };
            Exception? error = Record.Exception(() => Template.Parse(recorded["template"], options).Render(context));
            if (stays ? error is not ExpressionException : error is not (null or ExpressionException))
            {
                differences.Add($"{text}: {error?.Message ?? "no error"}");
            }
        }

        Assert.True(differences.Count == 0, string.Join("\n", differences));
    }

    private static ExpressionOptions OptionsOf(string category) => category switch
    {
        "ENABLE_RENDER_OBJ_BY_MAKO_STRING=True" => new ExpressionOptions { RenderNestedIndexes = true },
        "import_modules" => new ExpressionOptions { ImportModules = ExpressionOptions.KnownModules },
        "whitelist_mode=off" => new ExpressionOptions { NameWhitelist = NameWhitelist.Off },
        "whitelist_mode=warn" => new ExpressionOptions { NameWhitelist = NameWhitelist.Warn },
        _ => ExpressionOptions.Default,
    };
}
