using BambooOrleans.Building;

namespace BambooOrleans.Cli.Tests;

public sealed class SimCommandTests : IDisposable
{
    private readonly Bamboo _bamboo = new();

    public void Dispose() => _bamboo.Dispose();

    [Fact]
    public async Task A_pipeline_that_always_comes_to_its_end_is_told_so()
    {
        Output output = await Bamboo.RunAsync(["sim", Bamboo.Example("deploy.json"), "--seeds", "200", "--json"]);

        output.IsOf(0);
        Assert.Equal(Value.Map(("result", true)), Value.Map(("result", output.At("result"))));
        Assert.Equal((Value)200, output.At("runs"));
        Assert.NotEqual((Value)0, output.At("finished"));
        Assert.All(Risks(output), risk => Assert.Equal("FailingCode", risk.Kind));
    }

    [Fact]
    public async Task A_node_that_may_wait_for_ever_is_named_with_a_seed_that_shows_it()
    {
        Output output = await Bamboo.RunAsync(["sim", Bamboo.Example("approval.json"), "--seeds", "200", "--faults", "crash,messages"]);

        output.IsOf(1);
        Assert.Matches("approve waits for ever where nobody calls it back: it has no deadline \\([0-9]+ runs, seed [0-9]+\\)", output.Text);
    }

    [Fact]
    public async Task A_gateway_that_meets_no_condition_is_found_and_a_component_nobody_knows_is_no_hindrance()
    {
        var start = new EmptyStartEvent("s");
        var first = new ServiceActivity("nobody_knows", "a");
        var end = new EmptyEndEvent("e");
        var low = new ServiceActivity("nobody_knows", "b");
        var high = new ServiceActivity("nobody_knows", "c");
        start.Extend(first).Extend(new ExclusiveGateway("eg").When("${x} == 1", low).When("${x} == 2", high));
        low.Extend(end);
        high.Extend(end);
        var data = new Data { Inputs = { { "${x}", new NodeOutput(first, "out") } } };
        string file = _bamboo.Write("p.json", PipelineBuilder.BuildTree(start, data, "p").ToJson());

        Output output = await Bamboo.RunAsync(["sim", file, "--seeds", "200", "--json", "--faults", "none"]);

        output.IsOf(1);
        Assert.Contains(Risks(output), risk => risk is { Kind: "FailingNode", Node: "eg" });
    }

    [Fact]
    public async Task A_trace_shows_the_first_run_that_went_wrong()
    {
        Output output = await Bamboo.RunAsync(["sim", Bamboo.Example("approval.json"), "--seeds", "100", "--trace"]);

        output.IsOf(1);
        Assert.Contains("PipelineStarted approval", output.Text);
        Assert.Contains("NodeScheduled Callback", output.Text);
    }

    [Fact]
    public async Task The_same_seeds_give_the_same_answer()
    {
        Output first = await Bamboo.RunAsync(["sim", Bamboo.Example("notify.json"), "--seeds", "50", "--json", "--trace"]);
        Output second = await Bamboo.RunAsync(["sim", Bamboo.Example("notify.json"), "--seeds", "50", "--json", "--trace"]);

        Assert.Equal(first.Text, second.Text);
    }

    [Theory]
    [InlineData("crsh", "--faults", "crsh")]
    [InlineData("--seeds must be from 1", "--seeds", "0")]
    [InlineData("--from must be 0 at least", "--from", "-1")]
    public async Task Bad_options_are_refused(string error, params string[] options)
    {
        Output output = await Bamboo.RunAsync(["sim", Bamboo.Example("deploy.json"), .. options]);

        output.IsOf(2);
        Assert.Contains(error, output.Error);
    }

    [Fact]
    public async Task A_tree_that_is_refused_is_not_simulated()
    {
        Output output = await Bamboo.RunAsync(["sim", Bamboo.Example("loop.json"), "--seeds", "1"]);

        output.IsOf(2);
        Assert.Contains("tree.cycle", output.Error);
    }

    private static IEnumerable<(string Kind, string Node)> Risks(Output output) => ((ListValue)output.At("risks"))
        .Cast<MapValue>().Select(risk => (((TextValue)risk["kind"]).Value, ((TextValue)risk["node_id"]).Value));
}
