using BambooOrleans.Core.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Tests.Validation;

public class ConnectionRulesTests
{
    [Theory]
    [InlineData("start: a b; a: end; b: end", "start", "has 2 outgoing flows, but it must have 1")]
    [InlineData("start: a; a: end start", "start", "has 1 incoming flow, but it must have none")]
    [InlineData("start: end", "start", "leads to \"end\", but EmptyEndEvent cannot follow EmptyStartEvent")]
    [InlineData("start: a; a: b c; b: end; c: end", "a", "has 2 outgoing flows, but it must have 1")]
    [InlineData("start: a; a: end; b: end", "b", "has 0 incoming flows, but it must have 1 to 1000")]
    [InlineData("start: a; a: end; cg: a end", "cg", "has 0 incoming flows, but it must have 1 to 1000, and has 2 outgoing flows, but it must have 1")]
    public void A_node_with_wrong_flows_is_named_with_what_is_wrong(string graph, string node, string problem)
    {
        var error = Assert.Throws<ConnectionValidateException>(() => PipelineValidator.Validate(GraphTree.Of(graph), cycleTolerate: true));

        Assert.Equal([node], error.FailedNodes.Keys);
        Assert.Equal($"node \"{node}\" {problem}", error.Message);
        Assert.Equal("tree.connection", error.Code);
    }

    [Theory]
    [InlineData(1000, true)]
    [InlineData(1001, false)]
    public void A_gateway_has_at_most_a_thousand_branches(int branches, bool isValid)
    {
        PipelineTree tree = GraphTree.Of(
            [("start", ["pg"]), ("pg", [.. Names("a", branches)]), .. Names("a", branches).Select(a => (a, (string[])["cg"])), ("cg", ["end"])]);

        if (isValid)
        {
            Assert.Equal("cg", PipelineValidator.Validate(tree, cycleTolerate: false).ConvergeGateways["pg"]);
        }
        else
        {
            var error = Assert.Throws<ConnectionValidateException>(() => PipelineValidator.Validate(tree, cycleTolerate: false));
            Assert.Equal("node \"pg\" has 1001 outgoing flows, but it must have 1 to 1000", error.Message);
        }
    }

    [Theory]
    [InlineData("start: a; a:", "a")]
    [InlineData("start: eg; eg: a end; a:", "a")]
    [InlineData("start: cg; cg:", "cg")]
    [InlineData("start:", "start")]
    public void A_node_from_which_no_token_can_go_on_is_refused(string graph, string node)
    {
        var error = Assert.Throws<ConnectionValidateException>(() => PipelineValidator.Validate(GraphTree.Of(graph), cycleTolerate: false));

        Assert.Equal($"node \"{node}\" has no outgoing flow", error.Message);
    }

    [Fact]
    public void A_sub_process_is_checked_before_the_pipeline_it_stands_in()
    {
        Value nested = GraphTree.Of("start: a1 a2; a1: end; a2: end").Source;
        nested = Value.ParseJson(nested.ToJson().Replace("\"start\"", "\"inner_start\"").Replace("\"end\"", "\"inner_end\""));
        PipelineTree tree = GraphTree.Of([("start", ["sp", "sp"]), ("sp", ["end"])], nested);

        var error = Assert.Throws<ConnectionValidateException>(() => PipelineValidator.Validate(tree, cycleTolerate: false));

        Assert.Equal(["inner_start"], error.FailedNodes.Keys);
    }

    [Fact]
    public void A_way_on_is_missed_only_after_every_other_rule_of_the_whole_tree()
    {
        Value nested = GraphTree.Of("start: a; a:").Source;
        nested = Value.ParseJson(nested.ToJson().Replace("\"start\"", "\"inner_start\"").Replace("\"end\"", "\"inner_end\""));
        PipelineTree tree = GraphTree.Of([("start", ["sp", "sp"]), ("sp", ["end"])], nested);

        var error = Assert.Throws<ConnectionValidateException>(() => PipelineValidator.Validate(tree, cycleTolerate: false));

        Assert.Equal(["start"], error.FailedNodes.Keys);
    }

    private static IEnumerable<string> Names(string letter, int count) => Enumerable.Range(0, count).Select(i => letter + i);
}
