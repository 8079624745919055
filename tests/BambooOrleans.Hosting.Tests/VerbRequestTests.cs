using System.Text;
using System.Text.Json;
using BambooOrleans.Core;
using BambooOrleans.Core.Definitions;
using BambooOrleans.Core.Machines.Inputs;
using BambooOrleans.Core.Validation;
using BambooOrleans.Tests;

namespace BambooOrleans.Hosting.Tests;

public class VerbRequestTests
{
    private static readonly Facts Pipeline = new();

    public static TheoryData<Type> Requests => [.. Cases];

    private static Type[] Cases =>
        [.. typeof(VerbRequest).Assembly.GetTypes().Where(type => !type.IsAbstract && type.IsAssignableTo(typeof(VerbRequest)))];

    [Theory]
    [MemberData(nameof(Requests))]
    public void A_request_comes_back_whole_from_JSON_under_the_name_of_its_verb(Type type)
    {
        var written = (VerbRequest)new FilledObjects().Of(type);

        byte[] json = written.ToUtf8();
        VerbRequest read = VerbRequest.Parse(json);

        Assert.IsType(type, read);
        Assert.Equal(FilledObjects.Shown(written), FilledObjects.Shown(read));
        using var document = JsonDocument.Parse(json);
        Assert.Equal(written.Verb, document.RootElement.GetProperty("verb").GetString());
    }

    [Fact]
    public void There_is_one_request_for_each_control_verb_of_the_engine()
    {
        IEnumerable<string> verbs = typeof(IBambooEngine).GetMethods()
            .Where(method => method.ReturnType == typeof(Task<EngineApiResult<VerbOutcome>>))
            .Select(method => method.Name.Replace("Async", "Request", StringComparison.Ordinal));

        Assert.Equal(
            verbs.Order(StringComparer.Ordinal),
            Cases.Select(type => type.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_operator_reason_version_and_request_reach_the_machine()
    {
        var options = new VerbOptions { Operator = "ann", Reason = "why", ExpectedVersion = "v1" };

        Question question = VerbRequest.Parse(new PauseNodeAppointRequest("a", options).ToUtf8()).Ask(Pipeline, 7);

        Assert.Equal(Question.Of("a", new PauseNode(new VerbCall(7, "pause_node_appoint", "ann", "why", "v1"))), question);
    }

    [Fact]
    public void The_time_of_a_resume_reaches_the_machine()
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var options = new VerbOptions { At = at };

        Assert.Equal(at, Assert.IsType<ResumePipeline>(new ResumePipelineRequest("p", options).Ask(Pipeline, 1).Pipeline).At);
        Assert.Equal(at, Assert.IsType<ResumeNode>(new ResumeNodeAppointRequest("a", options).Ask(Pipeline, 1).Node).At);
    }

    [Fact]
    public void A_pipeline_verb_is_asked_of_the_pipeline_and_a_node_is_asked_to_refuse_it()
    {
        Assert.IsType<PausePipeline>(new PausePipelineRequest("sp", null).Ask(Pipeline, 1).Pipeline);

        Question ofNode = new PausePipelineRequest("a", null).Ask(Pipeline, 1);

        Assert.Equal("a", ofNode.NodeId);
        Assert.IsType<AskedAsPipeline>(ofNode.Node);
    }

    [Fact]
    public void A_retry_of_a_sub_process_is_asked_of_the_pipeline_with_its_inputs()
    {
        Question question = new RetryNodeRequest("sp", Value.Map(("${p}", 2)), false, null).Ask(Pipeline, 1);

        Assert.Equal((Value)2, Assert.IsType<RetrySubProcess>(question.Pipeline).Inputs!.Inputs["${p}"].Value);
        Assert.Equal("retry.not-loop-retryable", Refusal(new RetryNodeRequest("sp", null, true, null)).Code);
    }

    [Fact]
    public void A_callback_says_whether_the_node_waits_for_branches()
    {
        var facts = new Facts { Joining = "a" };

        Assert.True(Assert.IsType<Callback>(new CallbackRequest("a", "v", 1, null).Ask(facts, 1).Node).IsJoining);
        Assert.False(Assert.IsType<Callback>(new CallbackRequest("b", "v", 1, null).Ask(facts, 1).Node).IsJoining);
    }

    [Fact]
    public void A_callback_to_a_pipeline_is_refused_by_its_state()
    {
        Assert.Equal("callback.not-waiting", Refusal(new CallbackRequest("sp", "v", 1, null)).Code);
        Assert.IsType<NotFoundException>(Refusal(new CallbackRequest("sp", "v", 1, null), new Facts { Failed = "sp" }));
    }

    [Fact]
    public void What_a_sub_process_cannot_do_is_refused_before_the_arguments_are_looked_at()
    {
        Assert.Equal("verb.wrong-type", Refusal(new UpdateNodeOutputsRequest("sp", null!, null)).Code);
        Assert.Equal("skip.wrong-type", Refusal(new SkipExclusiveGatewayRequest("sp", null!, null)).Code);
        Assert.Equal("skip.not-skippable", Refusal(new SkipNodeRequest("sp", false, null)).Code);
        Assert.Equal("verb.not-an-activity", Refusal(new ForcedFailActivityRequest("sp", null!, null)).Code);
        Assert.Equal("not-found", Refusal(new PauseNodeAppointRequest("p", null)).Code);
    }

    [Fact]
    public void Without_a_pipeline_each_verb_is_refused_but_for_updates_of_a_context()
    {
        foreach (Type type in Cases)
        {
            var request = (VerbRequest)new FilledObjects().Of(type);
            string? code = request.Nowhere()?.Code;
            Assert.Equal(
                request switch
                {
                    UpdateContextValuesRequest => null,
                    CallbackRequest => "callback.not-waiting",
                    _ => "not-found",
                },
                code);
        }
    }

    [Fact]
    public void A_missing_argument_stays_missing_and_is_named()
    {
        VerbRequest read = VerbRequest.Parse("""{"verb":"callback","id":"a","version":"v","newer":[1]}"""u8);

        Assert.Equal("data is missing", Refusal(read).Message);
        Assert.Equal("data is missing", Assert.Throws<InvalidArgumentException>(read.ToUtf8).Message);
        Assert.Equal("flow_id is missing", Refusal(VerbRequest.Parse("""{"verb":"skip_exclusive_gateway","id":"a"}"""u8)).Message);
        Assert.Equal(
            "a flow of flow_ids is missing",
            Refusal(VerbRequest.Parse("""{"verb":"skip_conditional_parallel_gateway","id":"a","flow_ids":[null]}"""u8)).Message);
        Assert.Equal(
            "the key of a context value is missing",
            Refusal(VerbRequest.Parse("""{"verb":"update_context_values","id":"p","values":[null]}"""u8)).Message);
    }

    [Fact]
    public void A_null_that_is_given_is_data()
    {
        VerbRequest read = VerbRequest.Parse(new CallbackRequest("a", "v", Value.Null, null).ToUtf8());

        Assert.Same(Value.Null, Assert.IsType<CallbackRequest>(read).Data);
    }

    [Fact]
    public void Data_as_deep_as_may_be_travels_and_deeper_data_is_refused()
    {
        Value deep = Nested(ValueJson.MaxDepth);

        Assert.Equal(deep, Assert.IsType<CallbackRequest>(VerbRequest.Parse(new CallbackRequest("a", "v", deep, null).ToUtf8())).Data);

        var deeper = new CallbackRequest("a", "v", Nested(ValueJson.MaxDepth + 1), null);
        Assert.Contains("nested deeper", Assert.Throws<InvalidArgumentException>(deeper.ToUtf8).Message, StringComparison.Ordinal);
        Assert.Contains("nested deeper", Refusal(deeper).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"verb":"of_a_newer_version","id":"a"}""")]
    [InlineData("""{"id":"a"}""")]
    [InlineData("""{"verb":"update_node_outputs","id":"a","outputs":[1]}""")]
    [InlineData("null")]
    [InlineData("{")]
    public void What_is_no_request_is_an_error(string json) =>
        Assert.ThrowsAny<JsonException>(() => VerbRequest.Parse(Encoding.UTF8.GetBytes(json)));

    private static Value Nested(int levels)
    {
        Value value = 1;
        for (int level = 0; level < levels; level++)
        {
            value = Value.List([value]);
        }

        return value;
    }

    private static BambooException Refusal(VerbRequest request, Facts? facts = null) =>
        Assert.ThrowsAny<BambooException>(() => request.Ask(facts ?? Pipeline, 1));

    private sealed class Facts : IVerbFacts
    {
        public PipelineDefinition Definition { get; } = Compile();

        public string? Joining { get; init; }

        public string? Failed { get; init; }

        public bool IsJoiningAt(string nodeId) => nodeId == Joining;

        public NodeStateName? ScopeState(string id) => id == Failed ? NodeStateName.Failed : null;

        private static PipelineDefinition Compile()
        {
            Pipelines.PipelineTree tree = new TreeSketch().Flow("start", "a", "sp", "b", "end")
                .Sub("sp", new TreeSketch("inner", "s1", "e1").Flow("s1", "c", "e1"), ("${p}", 1)).Build();
            var options = new RunPipelineOptions();
            return PipelineDefinition.Compile(
                tree, options, PipelineValidator.Validate(tree, options.CycleTolerate).ConvergeGateways, new EngineSettings());
        }
    }
}
