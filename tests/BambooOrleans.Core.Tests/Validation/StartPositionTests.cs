using BambooOrleans.Core.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Tests.Validation;

public class StartPositionTests
{
    private const string Graph = "start: a; a: eg; eg: b pg; b: cg1; pg: c d; c: cg2; d: cg2; cg2: cg1; cg1: e; e: end";

    [Fact]
    public void A_pipeline_can_start_outside_of_parallel_blocks_only() =>
        Assert.Equal(
            ["a", "b", "e", "eg", "pg", "start"],
            PipelineValidator.AllowedStartNodes(GraphTree.Of(Graph)).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("c")]
    [InlineData("cg1")]
    [InlineData("end")]
    [InlineData("nowhere")]
    public void Any_other_start_node_is_refused(string node)
    {
        var error = Assert.Throws<StartPositionInvalidException>(() => PipelineValidator.ValidateStartNode(GraphTree.Of(Graph), node));

        Assert.Equal($"the pipeline cannot start at node \"{node}\"", error.Message);
        Assert.Equal("start-position-invalid", error.Code);
    }

    [Fact]
    public void The_start_event_needs_no_rule_of_gateways() =>
        PipelineValidator.ValidateStartNode(GraphTree.Of("start: pg; pg: end"), "start");

    [Theory]
    [InlineData("start", "")]
    [InlineData("a", "start")]
    [InlineData("b", "a eg start")]
    [InlineData("e", "a eg start")]
    public void A_start_passes_over_what_is_before_it_as_far_as_the_first_exclusive_gateway(string node, string skipped) =>
        Assert.Equal(
            skipped,
            string.Join(' ', PipelineValidator.SkippedNodes(GraphTree.Of(Graph), node).Order(StringComparer.Ordinal)));

    [Fact]
    public void A_start_behind_a_parallel_block_passes_over_all_of_it() =>
        Assert.Equal(
            ["b", "c", "cg", "pg", "start"],
            PipelineValidator.SkippedNodes(GraphTree.Of("start: pg; pg: b c; b: cg; c: cg; cg: d; d: end"), "d").Order(StringComparer.Ordinal));
}
