using System.Text;
using BambooOrleans.Embedded;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Hosting.Tests.Wire;

/// <summary>What cannot be a call is refused with its exact error, and the engine hears nothing of it.</summary>
public class BadCallTests
{
    private const string Options = "operator, reason, expected_version, dry_run, trace_parent";

    /// <summary>Function, arguments, message.</summary>
    public static TheoryData<string, string, string> Calls => new()
    {
        { "fold_pipeline", "{}", "there is no function \"fold_pipeline\"" },
        { "", "{}", "there is no function \"\"" },
        { "Pause_Pipeline", "{}", "there is no function \"Pause_Pipeline\"" },
        { new string('f', 200), "{}", $"there is no function \"{new string('f', 80)}...\"" },
        { "pause_pipeline", "{}", "pause_pipeline: the argument pipeline_id is missing; it must be text" },
        { "pause_pipeline", """{"pipeline_id": null}""", "pause_pipeline: the argument pipeline_id must be text, but is null" },
        { "pause_pipeline", """{"pipeline_id": 7}""", "pause_pipeline: the argument pipeline_id must be text, but is the number 7" },
        { "pause_pipeline", """{"pipeline_id": ["p"]}""", "pause_pipeline: the argument pipeline_id must be text, but is a list" },
        { "pause_pipeline", """{"pipeline_id": "p", "id": "p"}""", $"pause_pipeline: there is no argument \"id\"; there are pipeline_id, {Options}" },
        { "pause_pipeline", """{"pipeline_id": "p", "operator": 1.5}""", "pause_pipeline: the argument operator must be text, but is a number" },
        { "pause_pipeline", """{"pipeline_id": "p", "dry_run": "yes"}""", "pause_pipeline: the argument dry_run must be true or false, but is text" },
        { "pause_pipeline", """{"pipeline_id": "p", "at": "2026-01-01T00:00:00Z"}""", $"pause_pipeline: there is no argument \"at\"; there are pipeline_id, {Options}" },
        { "resume_pipeline", """{"pipeline_id": "p", "at": "tomorrow"}""", "resume_pipeline: the argument at must be a time as ISO 8601 text with its offset, such as 2026-01-31T12:00:00Z, but is text" },
        { "resume_pipeline", """{"pipeline_id": "p", "at": "2026-01-01T00:00:00"}""", "resume_pipeline: the argument at must be a time as ISO 8601 text with its offset, such as 2026-01-31T12:00:00Z, but is text" },
        { "resume_node_appoint", """{"node_id": "a", "at": 1767225600}""", "resume_node_appoint: the argument at must be a time as ISO 8601 text with its offset, such as 2026-01-31T12:00:00Z, but is the number 1767225600" },
        { "retry_node", """{"node_id": "a", "data": [1]}""", "retry_node: the argument data must be an object, but is a list" },
        { "retry_node", $$"""{"node_id": "a", "data": {"x": {{Nested(512)}} } }""", "retry_node: the argument data is nested deeper than 512 levels" },
        { "skip_exclusive_gateway", """{"node_id": "a"}""", "skip_exclusive_gateway: the argument flow_id is missing; it must be text" },
        { "skip_conditional_parallel_gateway", """{"node_id": "a", "flow_ids": "f", "converge_gateway_id": "c"}""", "skip_conditional_parallel_gateway: the argument flow_ids must be a list of texts, but is text" },
        { "skip_conditional_parallel_gateway", """{"node_id": "a", "flow_ids": ["f", {}], "converge_gateway_id": "c"}""", "skip_conditional_parallel_gateway: the argument flow_ids[1] must be text, but is an object" },
        { "callback", """{"node_id": "a", "version": "v"}""", "callback: the argument data is missing; it must be a JSON value" },
        { "callback", $$"""{"node_id": "a", "version": "v", "data": {{Nested(513)}}}""", "callback: the argument data is nested deeper than 512 levels" },
        { "callback", $$"""{"node_id": "a", "version": "v", "data": {{Nested(600)}}}""", "the JSON is nested deeper than 544 levels" },
        { "update_context_values", """{"pipeline_id": "p", "context_values": {}}""", "update_context_values: the argument context_values must be a list of objects with key, type, value and code, but is an object" },
        { "update_context_values", """{"pipeline_id": "p", "context_values": [7]}""", "update_context_values: the argument context_values[0] must be an object with key, type, value and code, but is the number 7" },
        { "update_context_values", """{"pipeline_id": "p", "context_values": [{"key": "${x}", "type": "PLAIN"}]}""", "update_context_values: the argument context_values[0].value is missing; it must be a JSON value" },
        { "update_context_values", """{"pipeline_id": "p", "context_values": [{"key": "${x}", "type": "plain", "value": 1}]}""", "update_context_values: the argument context_values[0].type must be PLAIN, SPLICE or COMPUTE, but is text" },
        { "update_context_values", """{"pipeline_id": "p", "context_values": [{"key": 1, "type": "PLAIN", "value": 1}]}""", "update_context_values: the argument context_values[0].key must be text, but is the number 1" },
        { "update_context_values", """{"pipeline_id": "p", "context_values": [{"name": "${x}"}]}""", "update_context_values: the argument context_values[0] has a member \"name\", but its members are key, type, value and code" },
        { "update_node_outputs", """{"node_id": "a", "outputs": null}""", "update_node_outputs: the argument outputs must be an object, but is null" },
        { "get_pipeline_states", """{"root_id": "p", "flat_children": 1}""", "get_pipeline_states: the argument flat_children must be true or false, but is the number 1" },
        { "get_node_histories", """{"node_id": "a", "loop": "1"}""", "get_node_histories: the argument loop must be a whole number from -2147483648 to 2147483647, but is text" },
        { "get_node_histories", """{"node_id": "a", "loop": 1.0}""", "get_node_histories: the argument loop must be a whole number from -2147483648 to 2147483647, but is a number" },
        { "list_pipelines", """{"limit": 2147483648}""", "list_pipelines: the argument limit must be a whole number from -2147483648 to 2147483647, but is the number 2147483648" },
        { "read_journal", """{"limit": 0}""", "read_journal: the argument limit must be a whole number from 1 to 1000, but is the number 0" },
        { "read_journal", """{"wait_seconds": 301}""", "read_journal: the argument wait_seconds must be a number of seconds from 0 to 300, but is the number 301" },
        { "read_journal", """{"from": 1e3}""", "read_journal: the argument from must be a whole number from -9223372036854775808 to 9223372036854775807, but is a number" },
        { "wait_until_settled", """{"root_id": "p", "wait_seconds": 0}""", "wait_until_settled: the argument wait_seconds must be a number of seconds above 0 and at most 300, but is the number 0" },
        { "pause_pipeline", "", "the JSON cannot be read: line 1, column 1: The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true." },
        { "pause_pipeline", "[]", "the JSON must be an object, but is a list" },
        { "pause_pipeline", "{} {}", "the JSON cannot be read: line 1, column 4: '{' is invalid after a single JSON value. Expected end of data." },
        { "pause_pipeline", """{"pipeline_id": "\ud800"}""", "the JSON cannot be read: The text at byte 16 is not valid Unicode." },
    };

    /// <summary>Arguments in C# that cannot be sent, or are not given: each has the answer of an engine in this process.</summary>
    public static TheoryData<string, string> Unsendable => new()
    {
        { "no id", "the id is missing" },
        { "no version", "version is missing" },
        { "no data", "data is missing" },
        { "no flow", "flow_id is missing" },
        { "a missing flow", "a flow of flow_ids is missing" },
        { "no text", "ex_data is missing" },
        { "no values", "values is missing" },
        { "no key", "the key of a context value is missing" },
        { "no value", "${x} is missing" },
        { "data nested too deep", "data is nested deeper than 512 levels" },
        { "outputs nested too deep", "outputs is nested deeper than 512 levels" },
        { "a value nested too deep", "${x} is nested deeper than 512 levels" },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task A_bad_call_is_refused_and_nothing_is_called(string function, string arguments, string message)
    {
        (IBambooEngine engine, AnsweringEngine answers) = AnsweringEngine.Make();

        byte[] answer = await new EngineDispatcher().CallAsync(engine, function, Encoding.UTF8.GetBytes(arguments));

        Assert.Equal(
            Value.Map(("result", false), ("message", message), ("data", Value.Null), ("code", "invalid-argument")), WireJson.Parse(answer));
        Assert.Empty(answers.Calls);
    }

    [Theory]
    [InlineData("run_pipeline")]
    [InlineData("preview_node_inputs")]
    [InlineData("get_allowed_start_nodes")]
    [InlineData("get_skipped_nodes")]
    public async Task A_tree_that_is_none_is_refused_with_the_path_of_what_is_wrong(string function)
    {
        (IBambooEngine engine, AnsweringEngine answers) = AnsweringEngine.Make();
        MapValue tree = new TreeSketch().Flow("start", "a", "end").ToValue().With("end_event", 7);

        MapValue answer = await new EngineDispatcher().CallAsync(engine, function, Value.Map(("pipeline", tree)));

        Assert.Equal(
            Value.Map(
                ("result", false),
                ("message", "pipeline.end_event: must be an object, but is the number 7"),
                ("data", Value.Null),
                ("code", "tree.wrong-type"),
                ("details", Value.Map(("path", "pipeline.end_event")))),
            answer);
        Assert.Empty(answers.Calls);
    }

    [Theory]
    [MemberData(nameof(Unsendable))]
    public async Task What_cannot_be_sent_has_the_answer_of_an_engine_in_this_process(string name, string message)
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), new Workbench());
        await engine.RunAsync(new TreeSketch().Flow("start", "w", "end").Activity("w", "wait"));

        EngineApiResult direct = await AskAsync(engine, name);
        EngineApiResult remote = await AskAsync(AnsweringEngine.Beyond(engine), name);

        Assert.Equal((false, "invalid-argument", message), (direct.Result, direct.ErrorCode, direct.Message));
        Assert.Equal(Shape.Of(direct), Shape.Of(remote));
    }

    [Fact]
    public async Task Text_that_is_no_Unicode_is_refused_before_it_becomes_another_text()
    {
        (IBambooEngine engine, AnsweringEngine answers) = AnsweringEngine.Make();
        RemoteEngine remote = AnsweringEngine.Beyond(engine);

        EngineApiResult id = await remote.PausePipelineAsync("a\ud800");
        EngineApiResult key = await remote.CallbackAsync("a", "v", Value.Map(("k", Value.List(Value.Map(("\udc00b", 1))))));

        Assert.Equal("pipeline_id holds the text \"a\\uFFFD\" with half a surrogate pair, which is no Unicode text", id.Message);
        Assert.Equal("data holds the text \"\\uFFFDb\" with half a surrogate pair, which is no Unicode text", key.Message);
        Assert.Empty(answers.Calls);
    }

    internal static Value Deep(int levels)
    {
        Value value = 1;
        for (int level = 0; level < levels; level++)
        {
            value = Value.List(value);
        }

        return value;
    }

    private static string Nested(int levels) => new string('[', levels) + new string(']', levels);

    private static async Task<EngineApiResult> AskAsync(IBambooEngine engine, string name) => name switch
    {
        "no id" => await engine.PausePipelineAsync(null!),
        "no version" => await engine.CallbackAsync("w", null!, 1),
        "no data" => await engine.CallbackAsync("w", "v", null!),
        "no flow" => await engine.SkipExclusiveGatewayAsync("w", null!),
        "a missing flow" => await engine.SkipConditionalParallelGatewayAsync("w", [null!], "cg"),
        "no text" => await engine.ForcedFailActivityAsync("w", null!),
        "no values" => await engine.UpdateContextValuesAsync("p", null!),
        "no key" => await engine.UpdateContextValuesAsync("p", [new ContextValue(null!, ContextValueType.Plain, 1, null)]),
        "no value" => await engine.UpdateContextValuesAsync("p", [new ContextValue("${x}", ContextValueType.Plain, null!, null)]),
        "data nested too deep" => await engine.CallbackAsync("w", "v", Deep(100_000)),
        "outputs nested too deep" => await engine.UpdateNodeOutputsAsync("w", Value.Map(("x", Deep(512)))),
        "a value nested too deep" => await engine.UpdateContextValuesAsync("p", [new ContextValue("${x}", ContextValueType.Plain, Deep(513), null)]),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, null),
    };
}
