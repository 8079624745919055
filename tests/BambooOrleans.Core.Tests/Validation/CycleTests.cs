using BambooOrleans.Core.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Tests.Validation;

public class CycleTests
{
    [Theory]
    [InlineData("start: a; a: eg; eg: a end", "a", "eg", "a")]
    [InlineData("start: eg; eg: eg end", "eg", "eg")]
    [InlineData("start: a; a: b; b: c; c: eg; eg: b end", "b", "c", "eg", "b")]
    public void A_circle_is_refused_and_named(string graph, params string[] cycle)
    {
        var error = Assert.Throws<TreeInvalidException>(() => PipelineValidator.Validate(GraphTree.Of(graph), cycleTolerate: false));

        Assert.Equal(cycle, error.Cycle);
        Assert.Equal($"the flows of the pipeline lead round in a circle: {string.Join(" -> ", cycle)}", error.Message);
        Assert.Equal("tree.cycle", error.Code);
    }

    [Theory]
    [InlineData("start: a; a: eg; eg: a end")]
    [InlineData("start: eg; eg: eg end")]
    public void A_circle_with_a_way_out_is_valid_where_circles_are_tolerated(string graph) =>
        Assert.Empty(PipelineValidator.Validate(GraphTree.Of(graph), cycleTolerate: true).ConvergeGateways);

    [Fact]
    public void A_circle_of_activities_without_a_way_out_is_refused_even_where_circles_are_tolerated()
    {
        PipelineTree tree = GraphTree.Of("start: eg; eg: a end; a: b; b: c; c: b");

        var error = Assert.Throws<TreeInvalidException>(() => PipelineValidator.Validate(tree, cycleTolerate: true));

        Assert.Equal(["b", "c", "b"], error.Cycle);
        Assert.StartsWith("the flows lead into a circle of activities that has no way out: ", error.Message);
    }

    [Fact]
    public void A_circle_of_parallel_blocks_without_a_way_out_is_refused_even_where_circles_are_tolerated()
    {
        PipelineTree tree = GraphTree.Of("start: eg; eg: eg2 pg1; eg2: pg1 end; pg1: a b; a: cg1; b: cg1; cg1: pg1");

        Assert.Throws<TreeInvalidException>(() => PipelineValidator.Validate(tree, cycleTolerate: true));
    }

    [Fact]
    public void The_start_nodes_of_a_tree_with_a_circle_are_found() =>
        Assert.Equal(["a", "eg", "start"], PipelineValidator.AllowedStartNodes(GraphTree.Of("start: a; a: eg; eg: a end")).Order());
}
