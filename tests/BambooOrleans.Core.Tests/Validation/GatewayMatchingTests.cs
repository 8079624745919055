using BambooOrleans.Core.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Tests.Validation;

public class GatewayMatchingTests
{
    [Theory]
    [InlineData("start: pg; pg: a b; a: cg; b: cg; cg: end", "pg:cg")]
    [InlineData("start: pg; pg: a cg; a: cg; cg: end", "pg:cg")]
    [InlineData("start: pg1; pg1: pg2 a; pg2: b c; b: cg2; c: cg2; cg2: cg1; a: cg1; cg1: end", "pg1:cg1 pg2:cg2")]
    [InlineData("start: eg1; eg1: eg2 a; eg2: b c; a: cg; b: cg; c: cg; cg: end", "eg1:cg eg2:cg")]
    [InlineData("start: eg; eg: a b; a: end; b: end", "")]
    [InlineData("start: pg; pg: eg a; eg: b c; b: cg; c: cg; a: cg; cg: end", "eg:cg pg:cg")]
    public void Each_gateway_is_given_the_converge_gateway_where_its_branches_meet(string graph, string converges)
    {
        ValidationResult found = PipelineValidator.Validate(GraphTree.Of(graph), cycleTolerate: false);

        Assert.Equal(converges, string.Join(' ', found.ConvergeGateways.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}:{pair.Value}")));
    }

    [Theory]
    [InlineData("start: pg; pg: a b; a: end; b: end", "pg", "has branches that do not all meet at one converge gateway; they meet \"end\"")]
    [InlineData("start: eg; eg: a b; a: cg1; b: cg2; cg1: end; cg2: end", "eg", "has branches that meet different converge gateways first: \"cg1\" and \"cg2\"")]
    [InlineData("start: pg; pg: eg a; eg: b end; b: cg; a: cg; cg: end", "eg", "stands on a branch of a parallel gateway, so all of its branches must meet at one converge gateway")]
    [InlineData("start: pg1; pg1: pg2 pg2; pg2: a a; a: cg; cg: end", "cg", "does not converge all 2 branches of \"pg2\"; it has 1 incoming")]
    [InlineData("start: a; a: end; pg: cg; cg: pg", "pg", "cannot be reached from the start event")]
    public void A_gateway_that_has_none_is_named_with_the_reason(string graph, string gateway, string problem)
    {
        var error = Assert.Throws<ConvergeMatchException>(() => PipelineValidator.Validate(GraphTree.Of(graph), cycleTolerate: true));

        Assert.Equal(gateway, error.GatewayId);
        Assert.Equal($"gateway \"{gateway}\" {problem}", error.Message);
        Assert.Equal("tree.converge", error.Code);
    }
}
