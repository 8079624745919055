using BambooOrleans.Building;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Abstractions.Tests.Pipelines;

public sealed class PipelineIdsTests
{
    [Fact]
    public void Every_pipeline_node_and_flow_gets_the_suffix()
    {
        PipelineTree tree = Everything();

        PipelineTree renamed = PipelineIds.Replace(tree, "x");

        Assert.Equal(PipelineIds.Of(tree).Select(id => id + "-x"), PipelineIds.Of(renamed));
        Assert.Equal(tree.Flows.Keys.Select(id => id + "-x"), renamed.Flows.Keys);
    }

    [Fact]
    public void What_the_engine_looks_up_by_an_id_is_renamed_with_it()
    {
        PipelineTree tree = Everything();

        PipelineTree renamed = PipelineIds.Replace(tree, "x");

        TreeGateway gateway = renamed.Gateways["g-x"];
        Assert.Equal(tree.Gateways["g"].Conditions.Select(condition => (condition.Key + "-x", condition.Value)),
            gateway.Conditions.Select(condition => (condition.Key, condition.Value)));
        Assert.Equal(tree.Gateways["g"].DefaultFlow + "-x", gateway.DefaultFlow);
        Assert.Equal([new NodeOutputSource("a-x", "out")], renamed.Data.Inputs["${one}"].Sources);
        Assert.Equal(
            [new NodeOutputSource("a-x", "out"), new NodeOutputSource("b-x", "out")], renamed.Data.Inputs["${several}"].Sources);
    }

    [Fact]
    public void Going_there_and_back_gives_the_tree_as_it_was()
    {
        PipelineTree tree = Everything();

        PipelineTree back = PipelineIds.Replace(PipelineIds.Replace(tree, "x"), id => id[..^2]);

        Assert.Equal(tree.ToJson(), back.ToJson());
    }

    [Fact]
    public void The_converge_gateway_that_a_tree_names_is_renamed()
    {
        PipelineTree tree = PipelineTreeReader.Read(Trees.Change(Trees.WithGateway, "gateways.g.converge_gateway_id", "\"c\""));

        Assert.Equal("c-x", PipelineIds.Replace(tree, "x").Gateways["g-x"].ConvergeGatewayId);
    }

    [Fact]
    public void Members_that_are_not_ids_stay_as_they_are()
    {
        PipelineTree tree = PipelineTreeReader.Read(Trees.With("activities.a.name", "\"a\""));

        Assert.Equal("a", PipelineIds.Replace(tree, "x").Activities["a-x"].Name);
    }

    [Fact]
    public void An_id_that_becomes_too_long_is_refused()
    {
        PipelineTree tree = PipelineTreeReader.Read(Trees.Minimal);

        PipelineTreeException refusal = Assert.Throws<PipelineTreeException>(
            () => PipelineIds.Replace(tree, new string('x', PipelineTreeReader.MaxIdLength)));

        Assert.Equal(PipelineTreeErrors.IdTooLong, refusal.Code);
    }

    [Fact]
    public void Every_tree_of_the_corpus_can_be_renamed_there_and_back()
    {
        int count = 0;
        foreach (Value tree in Corpus.ScenarioFiles.Select(file => Corpus.Read(file)["pipeline"]))
        {
            PipelineTree read;
            try
            {
                read = PipelineTreeReader.Read(tree);
            }
            catch (PipelineTreeException)
            {
                // The corpus has broken trees too.
                continue;
            }

            count++;
            Assert.Equal(read.ToJson(), PipelineIds.Replace(PipelineIds.Replace(read, "x"), id => id[..^2]).ToJson());
        }

        Assert.True(count > 50, $"only {count} trees were read");
    }

    private static PipelineTree Everything()
    {
        var start = new EmptyStartEvent("s");
        var a = new ServiceActivity("c", "a");
        var b = new ServiceActivity("c", "b");
        var c = new ServiceActivity("c", "c");
        var inner = new EmptyStartEvent("is");
        inner.Extend(new ServiceActivity("c", "ia")).Extend(new EmptyEndEvent("ie"));
        start.Extend(a)
            .Extend(new ExclusiveGateway("g").When("${one} == 1", b).Otherwise(c))
            .Converge(new ConvergeGateway("cg"))
            .Extend(new SubProcess(inner, "sub"))
            .Extend(new EmptyEndEvent("e"));
        var data = new Data
        {
            Inputs = new VariableMap
            {
                { "${one}", new NodeOutput(a, "out") },
                { "${several}", new RewritableNodeOutput((a, "out"), (b, "out")) },
                { "${plain}", "a" },
            },
            Outputs = ["${one}"],
        };
        return PipelineBuilder.BuildTree(start, data, "p");
    }
}
