using BambooOrleans.Conformance.Comparing;
using BambooOrleans.Conformance.Corpus;

namespace BambooOrleans.Conformance.Functions;

/// <summary><c>templates.json</c>: what a template refers to, and what it renders to.</summary>
internal sealed class TemplateCases(MapValue file) : IFunctionFile
{
    public string Category => "templates";

    public IEnumerable<(string Name, Func<CaseResult> Replay)> Cases => file.List("cases").Select((@case, index) =>
    {
        string name = $"templates[{index}] {@case.Text("category")}";
        return (name, (Func<CaseResult>)(() => FunctionFiles.Replay(Category, name, () => Compare(@case))));
    });

    private Difference? Compare(Value @case)
    {
        Value template = @case.Member("template") ?? throw new CorpusFormatException("a case without a template");
        string where = RecordComparison.Show(template);
        TemplateAdapter.Answer answer;
        try
        {
            answer = TemplateAdapter.Render(template, @case.RequiredText("category"), file.Map("context"));
        }
        catch (Exception) when (@case.Member("error") is not null)
        {
            return null;
        }

        if (@case.Member("error") is Value error)
        {
            return new Difference(where, "error", RecordComparison.Show(error), RecordComparison.Show(answer.Rendered));
        }

        Value references = Value.List(answer.References.Order(StringComparer.Ordinal).Select(reference => (Value)reference));
        return RecordComparison.FirstDifference(where, "references", @case.List("references"), references)
            ?? RecordComparison.FirstDifference(where, "rendered", @case.Member("rendered") ?? Value.Null, answer.Rendered);
    }
}
