using BambooOrleans.Components;
using BambooOrleans.Conformance.Components;
using BambooOrleans.Conformance.Corpus;

namespace BambooOrleans.Conformance.Tests;

public sealed class CorpusComponentTests
{
    [Fact]
    public void Every_component_that_the_corpus_runs_is_there()
    {
        var known = typeof(CorpusComponent).Assembly.GetTypes()
            .SelectMany(type => type.GetCustomAttributes(typeof(ComponentAttribute), false).Cast<ComponentAttribute>())
            .Select(component => component.Code)
            .ToHashSet();
        var used = CorpusFiles.Corpus.Scenarios
            .SelectMany(scenario => Codes(scenario.Pipeline))
            .Where(code => code != "no_such_component")
            .ToHashSet();

        Assert.Empty(used.Except(known));
    }

    [Theory]
    [InlineData("null", "None")]
    [InlineData("true", "True")]
    [InlineData("1.0", "1.0")]
    [InlineData("1e16", "1e+16")]
    [InlineData("1.5e-5", "1.5e-05")]
    [InlineData("123456789012345.6", "123456789012345.6")]
    [InlineData("1234567890123456.0", "1234567890123456.0")]
    [InlineData("0.0001", "0.0001")]
    [InlineData("\"it's\"", "it's")]
    [InlineData("""["a", 1, "it's"]""", """['a', 1, "it's"]""")]
    [InlineData("""{"k": null, "b": true}""", "{'k': None, 'b': True}")]
    public void Values_print_as_in_the_reference(string json, string text) =>
        Assert.Equal(text, PythonText.Str(Value.ParseJson(json)));

    [Fact]
    public async Task A_poll_fails_at_the_poll_it_is_told_to()
    {
        ComponentContext context = Context(("n", 5), ("fail_at", 2));
        var node = new PollNNode();

        Assert.True((await node.ExecuteAsync(context, default)).IsSuccess);
        Assert.True((await node.ScheduleAsync(context, null, default)).IsSuccess);
        Assert.False((await node.ScheduleAsync(context, null, default)).IsSuccess);
        Assert.Equal((Value)2, context.Outputs["polls"]);
        Assert.False(context.IsScheduleFinished);
    }

    [Fact]
    public async Task A_throw_carries_its_message_in_the_task()
    {
        Task<ComponentResult> task = new RaiseNode().ExecuteAsync(Context(), default);

        Assert.Equal("boom", (await Assert.ThrowsAsync<CorpusException>(() => task)).Message);
    }

    [Fact]
    public void Only_hook_components_have_hooks()
    {
        Assert.True(new HookLogNode().HooksEnabled);
        Assert.True(new HookDebugNode().HooksEnabled);
        Assert.False(new CbNode().HooksEnabled);
    }

    private static IEnumerable<string> Codes(MapValue pipeline) => pipeline.Map("activities").Values.SelectMany(activity =>
        activity.Member("pipeline") is MapValue nested
            ? Codes(nested)
            : activity.Member("component").Text("code") is string code ? [code] : []);

    private static ComponentContext Context(params (string Name, Value Value)[] inputs) => new()
    {
        NodeId = "a",
        NodeName = "",
        Version = "v",
        RootPipelineId = "p",
        TopPipelineId = "p",
        Loop = 1,
        InnerLoop = 1,
        RootPipelineData = MapValue.Empty,
        Inputs = Value.Map(inputs).ToBuilder(),
        Outputs = new MapValue.Builder(),
    };
}
