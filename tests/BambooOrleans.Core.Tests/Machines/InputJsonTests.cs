using System.Text;
using System.Text.Json;
using BambooOrleans.Components;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Expressions;
using BambooOrleans.Core.Machines;
using BambooOrleans.Core.Machines.Effects;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Tests;

namespace BambooOrleans.Core.Tests.Machines;

/// <summary>
/// What a machine is told comes back whole from JSON. Cases and members are found by reflection: one that is added and not
/// written fails here.
/// </summary>
public class InputJsonTests
{
    private static readonly NodeDefinition Node = Definition.Nodes["a"];

    public static TheoryData<Type> NodeInputs => CasesOf(typeof(NodeInput));

    public static TheoryData<Type> PipelineInputs => CasesOf(typeof(PipelineInput));

    private static PipelineDefinition Definition => new MachineDriver(new TreeSketch().Flow("start", "a", "end")
        .Var("${x}", TreeSketch.Plain(1)).Activity("a", "ok", ("n", "${x}"))).Definition;

    [Theory]
    [MemberData(nameof(NodeInputs))]
    public void What_a_node_is_told_comes_back_whole(Type type)
    {
        var written = (NodeInput)new FilledObjects().Of(type);

        NodeInput read = Through(written, Node);

        Assert.IsType(type, read);
        Assert.Equal(FilledObjects.Shown(written), FilledObjects.Shown(read));
    }

    [Theory]
    [MemberData(nameof(PipelineInputs))]
    public void What_a_pipeline_is_told_comes_back_whole(Type type)
    {
        var written = (PipelineInput)new FilledObjects().Of(type);

        PipelineInput read = InputJson.ReadPipeline(InputJson.Write(written), Definition);

        Assert.IsType(type, read);
        Assert.Equal(FilledObjects.Shown(written), FilledObjects.Shown(read));
    }

    [Fact]
    public void Outputs_that_are_recorded_as_they_go_to_the_context_are_written_once_and_stay_one_object()
    {
        MapValue outputs = Value.Map(("_result", true), ("n", 7));
        MapValue others = Value.Map(("_result", true), ("n", 8));

        byte[] one = InputJson.Write(new Executed("v", new CallOutcome(true, outputs, MapValue.Empty, outputs), ScheduleKind.None), Node);
        byte[] two = InputJson.Write(new Executed("v", new CallOutcome(true, outputs, MapValue.Empty, others), ScheduleKind.None), Node);

        Assert.DoesNotContain("\"outputs\"", Encoding.UTF8.GetString(one), StringComparison.Ordinal);
        CallOutcome shared = Assert.IsType<Executed>(InputJson.ReadNode(one, Node, ExpressionOptions.Default)).Outcome;
        CallOutcome apart = Assert.IsType<Executed>(InputJson.ReadNode(two, Node, ExpressionOptions.Default)).Outcome;
        Assert.Equal(outputs, shared.Outputs);
        Assert.Same(shared.ContextOutputs, shared.Outputs);
        Assert.Equal((outputs, others), (apart.ContextOutputs, apart.Outputs));
    }

    [Fact]
    public void The_nodes_own_inputs_are_not_written_and_come_back_as_they_are()
    {
        var entry = new Enter("t", 1, 1, 1, Node.Inputs, new Dictionary<string, ContextEntry>());

        byte[] json = InputJson.Write(entry, Node);

        Assert.Equal("""{"input":"enter","token":"t","step":1,"attempt":1,"run":1,"slice":{}}""", Encoding.UTF8.GetString(json));
        Assert.Same(Node.Inputs, Assert.IsType<Enter>(InputJson.ReadNode(json, Node, ExpressionOptions.Default)).Inputs);
    }

    [Fact]
    public void Inputs_that_a_retry_replaced_are_written_even_where_there_are_none()
    {
        var entry = new Enter("t", 1, 1, 1, RawInputs.Empty, new Dictionary<string, ContextEntry>());

        Assert.Same(RawInputs.Empty, Assert.IsType<Enter>(Through(entry, Node)).Inputs);
    }

    [Fact]
    public void An_absent_value_is_told_apart_from_an_empty_one()
    {
        Assert.Null(Assert.IsType<Hydrated>(Through(new Hydrated("v", null, "why"), Node)).Values);
        Assert.Empty(Assert.IsType<Hydrated>(Through(new Hydrated("v", new Dictionary<string, Value>(), null), Node)).Values!);
    }

    [Fact]
    public void The_slice_of_a_compiled_pipeline_renders_after_the_journey_as_before()
    {
        var driver = new MachineDriver(new TreeSketch().Flow("start", "a", "end")
            .Var("${x}", TreeSketch.Plain(Value.Null)).Var("${y}", TreeSketch.Splice("${x}-ü\"")).Var("${z}", TreeSketch.LazyOf("lazy", "${y}"))
            .Activity("a", "ok", ("n", "${z}")));
        driver.Lazies["lazy"] = lazy => lazy.Value;
        driver.Tell(new Start(1));
        IReadOnlyDictionary<string, ContextEntry> sent = Assert.IsType<Hydrate>(Assert.Single(driver.Calls)).Slice;
        NodeDefinition node = driver.Definition.Nodes["a"];

        var read = (Enter)Through(new Enter("t", 1, 1, 1, node.Inputs, sent), node);

        Assert.Equal(["${x}", "${y}", "${z}"], read.Slice.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(JsonSerializer.Serialize(sent), JsonSerializer.Serialize(read.Slice));
        Assert.Equal(RenderedLazy(sent), RenderedLazy(read.Slice));
        Assert.Equal(["${x}", "${y}"], read.Slice["${z}"].References.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_pipeline_whose_inputs_travel_comes_to_the_same_end_as_one_whose_inputs_stay() =>
        Assert.Equal(
            StalenessTests.Described(StalenessTests.Everything().RunThroughTimers()),
            StalenessTests.Described(StalenessTests.Everything(writesInputs: true).RunThroughTimers()));

    [Fact]
    public void Members_of_a_newer_version_are_passed_over() => Assert.Equal(
        new TimerFired("v1"),
        InputJson.ReadNode("""{"input":"timer-fired","version":"v1","newer":{"a":[1]}}"""u8, Node, ExpressionOptions.Default));

    [Theory]
    [InlineData("""{"input":"of-a-newer-version"}""")]
    [InlineData("""{"input":"TimerFired","version":"v1"}""")]
    [InlineData("""{"version":"v1"}""")]
    [InlineData("null")]
    [InlineData("{")]
    public void What_is_no_input_is_an_error(string json)
    {
        Assert.ThrowsAny<JsonException>(() => InputJson.ReadNode(Encoding.UTF8.GetBytes(json), Node, ExpressionOptions.Default));
        Assert.ThrowsAny<JsonException>(() => InputJson.ReadPipeline(Encoding.UTF8.GetBytes(json), Definition));
    }

    private static NodeInput Through(NodeInput input, NodeDefinition node) =>
        InputJson.ReadNode(InputJson.Write(input, node), node, ExpressionOptions.Default);

    private static Value RenderedLazy(IReadOnlyDictionary<string, ContextEntry> slice) =>
        new Hydration(slice, ExpressionOptions.Default).NextLazy()!.Value;

    private static TheoryData<Type> CasesOf(Type input) =>
        [.. input.Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsAssignableTo(input))];
}
