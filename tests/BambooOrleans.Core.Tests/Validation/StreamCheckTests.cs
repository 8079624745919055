using BambooOrleans.Core.Validation;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Core.Tests.Validation;

public class StreamCheckTests
{
    [Theory]
    [InlineData("start: eg; eg: pg b; pg: a b; a: cg; b: cg; cg: end", "b", "stands on two branches")]
    [InlineData("start: a; a: end; b:", "b", "cannot be reached from the start event")]
    public void A_node_on_two_streams_or_on_none_is_named(string graph, string node, string problem)
    {
        var error = Assert.Throws<StreamValidateException>(() => PipelineValidator.Validate(GraphTree.Of(graph), cycleTolerate: false));

        Assert.Equal(node, error.NodeId);
        Assert.StartsWith($"node \"{node}\" {problem}", error.Message);
        Assert.Equal("tree.stream", error.Code);
    }
}
