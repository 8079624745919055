using BambooOrleans.Building;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Tests;

public sealed class ValidateCommandTests : IDisposable
{
    private readonly Bamboo _bamboo = new();

    public void Dispose() => _bamboo.Dispose();

    [Fact]
    public async Task A_good_tree_is_valid()
    {
        Output output = await Bamboo.RunAsync(["validate", Bamboo.Example("deploy.json"), "--json"]);

        output.IsOf(0);
        Assert.Equal(Value.Map(("result", true), ("id", "deploy"), ("errors", ListValue.Empty), ("warnings", ListValue.Empty)), output.Json);
    }

    [Fact]
    public async Task Every_error_is_told_with_its_place()
    {
        string file = _bamboo.Write("p.json", RunCommandTests.Tree(
            new ServiceActivity("nonsense", "a"),
            new ServiceActivity("sleep", "b"),
            new ServiceActivity("assign", "c") { ComponentVersion = "9" },
            new ServiceActivity("assign", "d") { Inputs = { { "x", Var.Lazy("v", "nobody") } } }));

        Output output = await Bamboo.RunAsync(["validate", file, "--json"]);

        output.IsOf(2);
        Assert.Equal(
            [
                ("component.unknown", "pipeline.activities.a.component.code"),
                ("component.input", "pipeline.activities.b.component.inputs.seconds"),
                ("component.unknown", "pipeline.activities.c.component.version"),
                ("lazy-variable.unknown", "pipeline.activities.d.component.inputs.x.custom_type"),
            ],
            Findings(output, "errors"));
    }

    [Fact]
    public async Task What_does_not_do_what_it_looks_like_is_warned_of_with_its_place()
    {
        var start = new EmptyStartEvent("s");
        var inner = new EmptyStartEvent("is");
        inner.Extend(new ServiceActivity("assign", "ia") { Inputs = { { "x", Var.Splice("${known} ${param}") } } })
            .Extend(new EmptyEndEvent("ie"));
        var end = new EmptyEndEvent("e");
        start.Extend(new ServiceActivity("log", "a") { Inputs = { { "message", Var.Splice("${nobody}") }, { "mesage", 1 } } })
            .Extend(new SubProcess(inner, "sub") { Params = new Params { { "${param}", 1 } } })
            .Extend(new ExclusiveGateway("g")
                .When("1.5 > 1", end)
                .When("1 == 1 and 2 == 2 or 3 == 3", end)
                .When("1 ==", end));
        string file = _bamboo.Write("p.json", PipelineBuilder.BuildTree(
            start, new Data { Inputs = { { "${known}", 1 } } }, "p", newId: Numbered()).ToJson());

        Output output = await Bamboo.RunAsync(["validate", file, "--json"]);

        output.IsOf(0);
        Assert.Equal(
            [
                ("component.unknown-input", "pipeline.activities.a.component.inputs.mesage"),
                ("template.undefined", "pipeline.activities.a.component.inputs.message.value"),
                ("rule.float-truncated", "pipeline.gateways.g.conditions.f4.evaluate"),
                ("rule.mixed-and-or", "pipeline.gateways.g.conditions.f5.evaluate"),
                ("rule.syntax", "pipeline.gateways.g.conditions.f6.evaluate"),
                ("template.undefined", "pipeline.activities.sub.pipeline.activities.ia.component.inputs.x.value"),
            ],
            Findings(output, "warnings").Select(finding => finding.Code.StartsWith("rule", StringComparison.Ordinal)
                ? (finding.Code, finding.Path.Replace(finding.Path.Split('.')[4], Short(finding.Path.Split('.')[4], output), StringComparison.Ordinal))
                : finding));

        // Flows are numbered in the order in which the builder makes them: the gateway's are the last three but those of the nested pipeline.
        string Short(string flow, Output _) =>
            "f" + (4 + PipelineTreeReader.Read(File.ReadAllText(file)).Gateways["g"].Outgoing.ToList().IndexOf(flow));
    }

    [Fact]
    public async Task A_graph_that_breaks_a_rule_is_told_node_by_node()
    {
        string tree = RunCommandTests.Tree(new ServiceActivity("assign", "a"), new ServiceActivity("assign", "b"));
        string file = _bamboo.Write("p.json", tree.Replace("\"type\":\"EmptyEndEvent\"", "\"type\":\"nobody\"", StringComparison.Ordinal));

        Output output = await Bamboo.RunAsync(["validate", file]);

        output.IsOf(2);
        Assert.Contains("error: pipeline.end_event.type: the end event nobody is not registered [end-event.unknown]", output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_names_file_problems_with_line_and_column()
    {
        string file = _bamboo.Write("p.json", "{\n  \"id\": }");

        Output output = await Bamboo.RunAsync(["validate", file]);

        output.IsOf(2);
        Assert.Contains("error: pipeline: line 2, column", output.Text, StringComparison.Ordinal);
    }

    private static Func<string, string> Numbered()
    {
        int last = 0;
        return prefix => $"{prefix}{++last}";
    }

    private static IEnumerable<(string Code, string Path)> Findings(Output output, string member) =>
        ((ListValue)output.At(member)).Cast<MapValue>()
        .Select(finding => (((TextValue)finding["code"]).Value, ((TextValue)finding["path"]).Value));
}
