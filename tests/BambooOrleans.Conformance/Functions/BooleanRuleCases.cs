using BambooOrleans.Conformance.Comparing;
using BambooOrleans.Conformance.Corpus;

namespace BambooOrleans.Conformance.Functions;

/// <summary><c>boolrule.json</c>: what the conditions of gateways come to.</summary>
internal sealed class BooleanRuleCases(MapValue file) : IFunctionFile
{
    public string Category => "boolrule";

    public IEnumerable<(string Name, Func<CaseResult> Replay)> Cases =>
        Of("no_context", file.List("no_context"), null)
            .Concat(Of("with_context", file.Map("with_context").List("cases"), file.Map("with_context").Map("context")));

    private IEnumerable<(string Name, Func<CaseResult> Replay)> Of(string group, ListValue cases, MapValue? context) =>
        cases.Select((@case, index) =>
        {
            string name = $"boolrule[{index}] {group}";
            return (name, (Func<CaseResult>)(() => FunctionFiles.Replay(Category, name, () => Compare(@case, context))));
        });

    private static Difference? Compare(Value @case, MapValue? context)
    {
        string rule = @case.RequiredText("expr");
        string expected = @case.Text("error") ?? RecordComparison.Show(@case.Member("result") ?? Value.Null);
        string actual = BooleanRuleAdapter.Test(rule, context);
        return expected == actual ? null : new Difference(rule, "", expected, actual);
    }
}
