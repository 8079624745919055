using BambooOrleans.Pipelines;

namespace BambooOrleans.Abstractions.Tests.Pipelines;

public class PipelineTreeReaderTests
{
    // What the reference refuses because the tree is broken, not because the graph makes no sense.
    private static readonly HashSet<string> BrokenScenarios = ["vars__key_too_long_lazy_input"];

    [Fact]
    public void Every_tree_of_the_corpus_reads_and_is_written_as_it_was()
    {
        int count = 0;
        foreach (string file in Corpus.ScenarioFiles)
        {
            string name = System.IO.Path.GetFileNameWithoutExtension(file);
            var json = (MapValue)Corpus.Scenario(name)["pipeline"];
            if (BrokenScenarios.Contains(name))
            {
                Assert.Throws<PipelineTreeException>(() => PipelineTreeReader.Read(json));
                continue;
            }

            PipelineTree tree = PipelineTreeReader.Read(json.ToJson());

            Assert.Equal(json.ToJson(), tree.ToJson());
            Assert.Equal(json["id"], tree.Id);
            Assert.Equal(json["activities"] is MapValue activities ? activities.Keys : [], tree.Activities.Keys);
            count++;
        }

        Assert.Equal(639, count);
    }

    [Fact]
    public void A_fuzzed_tree_is_refused_exactly_where_it_has_no_end()
    {
        var cases = (ListValue)Value.ParseJson(File.ReadAllText(System.IO.Path.Combine(Corpus.Folder, "validator_fuzz.json")));
        foreach (MapValue one in cases.Cast<MapValue>())
        {
            var pipeline = (MapValue)one["pipeline"];
            if (pipeline["end_event"].IsNull)
            {
                var error = Assert.Throws<PipelineTreeException>(() => PipelineTreeReader.Read(pipeline));
                Assert.Equal("pipeline.end_event", error.Path);
            }
            else
            {
                Assert.Equal(pipeline.ToJson(), PipelineTreeReader.Read(pipeline).ToJson());
            }
        }
    }

    [Fact]
    public void An_activity_has_the_defaults_of_the_builder()
    {
        var activity = (TreeServiceActivity)PipelineTreeReader.Read(Trees.Minimal).Activities["a"];

        Assert.False(activity.ErrorIgnorable);
        Assert.True(activity.Skippable);
        Assert.True(activity.Retryable);
        Assert.Equal("legacy", activity.ComponentVersion);
        Assert.Equal("", activity.Name);
        Assert.Null(activity.LoopConfig);
    }

    [Theory]
    [InlineData("""{ "enable": true }""", null, "outputs")]
    [InlineData("""{ "enable": 1, "loop_times": 3, "outputs_key": "${all}" }""", 3, "${all}")]
    public void A_loop_that_is_enabled_is_read(string json, int? times, string outputsKey)
    {
        string tree = Trees.With("activities.a.loop_config", json);

        var loop = ((TreeServiceActivity)PipelineTreeReader.Read(tree).Activities["a"]).LoopConfig;

        Assert.Equal(
            new TreeLoopConfig { LoopTimes = times, FailSkip = false, Retryable = false, Skippable = false, OutputsKey = outputsKey },
            loop);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{ "enable": false, "loop_times": 3 }""")]
    [InlineData("""{ "enable": "", "loop_times": "not read" }""")]
    public void A_loop_that_is_not_enabled_is_none(string json) =>
        Assert.Null(((TreeServiceActivity)PipelineTreeReader.Read(Trees.With("activities.a.loop_config", json)).Activities["a"]).LoopConfig);

    [Theory]
    [InlineData("\"\"")]
    [InlineData("[]")]
    [InlineData("null")]
    public void Flows_of_a_node_may_be_none(string json) =>
        Assert.Empty(PipelineTreeReader.Read(Trees.With("start_event.incoming", json)).StartEvent.Incoming);

    [Theory]
    [InlineData("\"f1\"")]
    [InlineData("[\"f1\"]")]
    public void Flows_of_a_node_may_be_one_id_or_a_list(string json) =>
        Assert.Equal(["f1"], PipelineTreeReader.Read(Trees.With("activities.a.incoming", json)).Activities["a"].Incoming);

    [Fact]
    public void A_variable_says_which_node_outputs_fill_it()
    {
        string json = Trees.With(
            "data.inputs",
            """
            {
              "${one}": { "type": "plain", "value": null, "source_act": "a", "source_key": "x" },
              "${any}": { "type": "splice", "value": "${one}", "source_act": [
                { "source_act": "a", "source_key": "y" }, { "source_act": "a", "source_key": "z" }
              ], "need_initialization": true },
              "${bare}": { "source_act": "a", "source_key": "w" },
              "${lazy}": { "type": "lazy", "value": [1, 1.0], "custom_type": "upper_case", "source_act": "", "need_render": false }
            }
            """);

        IReadOnlyDictionary<string, TreeVariable> inputs = PipelineTreeReader.Read(json).Data.Inputs;

        Assert.Equal(["${one}", "${any}", "${bare}", "${lazy}"], inputs.Keys);
        Assert.Equal([new NodeOutputSource("a", "x")], inputs["${one}"].Sources);
        Assert.Equal([new NodeOutputSource("a", "y"), new NodeOutputSource("a", "z")], inputs["${any}"].Sources);
        Assert.True(inputs["${any}"].NeedInitialization);
        Assert.Equal(TreeVariableType.Splice, inputs["${any}"].Type);
        Assert.Equal(TreeVariableType.Plain, inputs["${bare}"].Type);
        Assert.Equal(Value.Null, inputs["${bare}"].Value);
        Assert.Equal("upper_case", inputs["${lazy}"].CustomType);
        Assert.Empty(inputs["${lazy}"].Sources);
        Assert.False(inputs["${lazy}"].NeedRender);
        Assert.Equal(Value.List(1, 1.0), inputs["${lazy}"].Value);
    }

    [Fact]
    public void A_gateway_has_its_conditions_in_order_and_its_default()
    {
        TreeGateway gateway = PipelineTreeReader.Read(Trees.WithGateway).Gateways["g"];

        Assert.Equal(["f2", "f3"], gateway.Conditions.Keys);
        Assert.Equal("1 == 1", gateway.Conditions["f2"]);
        Assert.Equal("f3", gateway.DefaultFlow);
        Assert.Equal(Value.Map(("strategy", "FIRST")), gateway.ExtraInfo);
    }

    [Fact]
    public void Any_type_of_end_event_is_the_code_of_an_executable_one() =>
        Assert.Equal("Notify", PipelineTreeReader.Read(Trees.With("end_event.type", "\"Notify\"")).EndEvent.Type);

    [Fact]
    public void A_nested_pipeline_goes_by_the_id_of_its_activity()
    {
        string json = Trees.With("activities.a", Trees.SubProcess("a", "f1", "f2", Trees.Named("other")));

        PipelineTree nested = ((TreeSubProcess)PipelineTreeReader.Read(json).Activities["a"]).Pipeline;

        Assert.Equal("a", nested.Id);
        Assert.Equal("other", nested.Source["id"]);
    }

    [Fact]
    public void Members_that_are_not_known_are_kept()
    {
        string json = Trees.With("activities.a.labels", """[{ "group": 1.0 }]""");

        Assert.Contains("\"labels\":[{\"group\":1.0}]", PipelineTreeReader.Read(json).ToJson());
    }

    [Theory]
    [InlineData(PipelineTreeReader.MaxSubProcessDepth, true)]
    [InlineData(PipelineTreeReader.MaxSubProcessDepth + 1, false)]
    [InlineData(100, false)]
    [InlineData(100_000, false)]
    public void Sub_processes_may_be_nested_up_to_the_limit(int levels, bool reads)
    {
        string json = Trees.Nested(levels);

        PipelineTreeException? error = null;
        try
        {
            PipelineTreeReader.Read(json);
        }
        catch (PipelineTreeException refused)
        {
            error = refused;
        }

        Assert.Equal(reads ? null : PipelineTreeErrors.TooDeep, error?.Code);
    }

    [Fact]
    public void The_message_says_that_sub_processes_are_too_deep()
    {
        var error = Assert.Throws<PipelineTreeException>(() => PipelineTreeReader.Read(Trees.Nested(100)));

        Assert.EndsWith(".pipeline: sub-processes are nested deeper than 64 levels", error.Message);
        Assert.StartsWith("pipeline.activities.s0.pipeline.activities.s1.pipeline.", error.Path);
    }

    [Fact]
    public void A_value_in_memory_may_be_nested_no_deeper_than_json()
    {
        Value deep = 1;
        for (int i = 0; i < 100_000; i++)
        {
            deep = Value.List(deep);
        }

        var tree = (MapValue)Value.ParseJson(Trees.Minimal);

        var error = Assert.Throws<PipelineTreeException>(() => PipelineTreeReader.Read(tree.With("deep", deep)));
        Assert.Equal(PipelineTreeErrors.TooDeep, error.Code);
    }

    [Theory]
    [InlineData(PipelineTreeReader.MaxNodes, true)]
    [InlineData(PipelineTreeReader.MaxNodes + 1, false)]
    public void A_tree_may_have_nodes_up_to_the_limit(int nodes, bool reads)
    {
        MapValue tree = Trees.Chain(nodes - 2);

        if (reads)
        {
            Assert.Equal(nodes, PipelineTreeReader.Read(tree).Nodes.Count());
        }
        else
        {
            Assert.Equal(PipelineTreeErrors.TooManyNodes, Assert.Throws<PipelineTreeException>(() => PipelineTreeReader.Read(tree)).Code);
        }
    }

    [Theory]
    [InlineData("{\n  \"id\": }", "pipeline: line 2, column 9: ")]
    [InlineData("", "pipeline: line 1, column 1: ")]
    [InlineData("{} {}", "pipeline: line 1, column 4: ")]
    [InlineData("{\"id\": \"\\ud800\"}", "pipeline: ")]
    public void Text_that_is_not_json_is_refused_with_its_place(string json, string start)
    {
        var error = Assert.Throws<PipelineTreeException>(() => PipelineTreeReader.Read(json));

        Assert.Equal(PipelineTreeErrors.NotJson, error.Code);
        Assert.StartsWith(start, error.Message);
        Assert.DoesNotContain("LineNumber", error.Message);
    }
}
