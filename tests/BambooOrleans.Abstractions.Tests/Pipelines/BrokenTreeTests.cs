using BambooOrleans.Pipelines;

namespace BambooOrleans.Abstractions.Tests.Pipelines;

public class BrokenTreeTests
{
    // With "${", "_a" and "}" one character more than a context key may have.
    private static readonly string Long = new('k', PipelineTreeReader.MaxContextKeyLength - 4);

    /// <summary>Each row breaks one member of a minimal tree: the member, the JSON put there or null to remove it, code, path, problem.</summary>
    public static TheoryData<string, string?, string, string, string> Rows => new()
    {
        { "id", null, "tree.missing-member", "pipeline.id", "is missing" },
        { "id", "null", "tree.missing-member", "pipeline.id", "is null, but must have a value" },
        { "id", "7", "tree.wrong-type", "pipeline.id", "must be text, but is the number 7" },
        { "id", "\"\"", "tree.empty-id", "pipeline.id", "must not be empty" },
        { "id", "\"a\"", "tree.duplicate-id", "pipeline.activities.a.id", "\"a\" is the id of pipeline too" },
        { "start_event", null, "tree.missing-member", "pipeline.start_event", "is missing" },
        { "start_event", "[]", "tree.wrong-type", "pipeline.start_event", "must be an object, but is a list" },
        { "start_event.id", null, "tree.missing-member", "pipeline.start_event.id", "is missing" },
        { "start_event.type", "\"EmptyEndEvent\"", "tree.unknown-node-type", "pipeline.start_event.type", "\"EmptyEndEvent\" cannot stand here; a start event is EmptyStartEvent" },
        { "start_event.incoming", null, "tree.missing-member", "pipeline.start_event.incoming", "is missing" },
        { "start_event.outgoing", "3", "tree.wrong-type", "pipeline.start_event.outgoing", "must be the id of a flow or a list of ids, but is the number 3" },
        { "start_event.outgoing", "[\"f1\", 3]", "tree.wrong-type", "pipeline.start_event.outgoing[1]", "must be text, but is the number 3" },
        { "start_event.outgoing", "\"f9\"", "tree.unknown-flow", "pipeline.start_event.outgoing", "names flow \"f9\", which is not in the pipeline" },
        { "start_event.outgoing", "\"f2\"", "tree.flow-mismatch", "pipeline.start_event.outgoing", "lists flow \"f2\", but that flow leaves node \"a\"" },
        { "end_event", "null", "tree.missing-member", "pipeline.end_event", "is null, but must have a value" },
        { "end_event.type", "\"ServiceActivity\"", "tree.unknown-node-type", "pipeline.end_event.type", "\"ServiceActivity\" cannot stand here; an end event is EmptyEndEvent or the code of an executable one" },
        { "end_event.type", "\"\"", "tree.unknown-node-type", "pipeline.end_event.type", "\"\" cannot stand here; an end event is EmptyEndEvent or the code of an executable one" },
        { "end_event.id", "\"s\"", "tree.duplicate-id", "pipeline.end_event.id", "\"s\" is the id of pipeline.start_event too" },
        { "end_event.name", "5", "tree.wrong-type", "pipeline.end_event.name", "must be text, but is the number 5" },
        { "end_event.incoming", "[\"f1\"]", "tree.flow-mismatch", "pipeline.end_event.incoming", "lists flow \"f1\", but that flow enters node \"a\"" },
        { "activities", null, "tree.missing-member", "pipeline.activities", "is missing" },
        { "activities", "[]", "tree.wrong-type", "pipeline.activities", "must be an object, but is a list" },
        { "activities.a", "null", "tree.wrong-type", "pipeline.activities.a", "must be an object, but is null" },
        { "activities.a.id", null, "tree.missing-member", "pipeline.activities.a.id", "is missing" },
        { "activities.a.id", "\"b\"", "tree.id-mismatch", "pipeline.activities.a.id", "is \"b\", but stands under the key \"a\"" },
        { "activities.a.name", "{}", "tree.wrong-type", "pipeline.activities.a.name", "must be text, but is an object" },
        { "activities.a.type", null, "tree.missing-member", "pipeline.activities.a.type", "is missing" },
        { "activities.a.type", "\"ParallelGateway\"", "tree.unknown-node-type", "pipeline.activities.a.type", "\"ParallelGateway\" cannot stand here; an activity is ServiceActivity or SubProcess" },
        { "activities.a.incoming", "{}", "tree.wrong-type", "pipeline.activities.a.incoming", "must be the id of a flow or a list of ids, but is an object" },
        { "activities.a.skippable", "\"yes\"", "tree.wrong-type", "pipeline.activities.a.skippable", "must be true or false, but is text" },
        { "activities.a.error_ignorable", "0", "tree.wrong-type", "pipeline.activities.a.error_ignorable", "must be true or false, but is the number 0" },
        { "activities.a.component", null, "tree.missing-member", "pipeline.activities.a.component", "is missing" },
        { "activities.a.component.code", "null", "tree.missing-member", "pipeline.activities.a.component.code", "is null, but must have a value" },
        { "activities.a.component.code", "\"\"", "tree.empty-id", "pipeline.activities.a.component.code", "must not be empty" },
        { "activities.a.component.version", "2.0", "tree.wrong-type", "pipeline.activities.a.component.version", "must be text, but is a number" },
        { "activities.a.component.inputs", null, "tree.missing-member", "pipeline.activities.a.component.inputs", "is missing" },
        { "activities.a.component.inputs", """{ "x": "text" }""", "tree.wrong-type", "pipeline.activities.a.component.inputs.x", "must be an object, but is text" },
        { "activities.a.component.inputs", """{ "x": { "value": 1 } }""", "tree.missing-member", "pipeline.activities.a.component.inputs.x.type", "is missing" },
        { "activities.a.component.inputs", """{ "x": { "type": "constant", "value": 1 } }""", "tree.unknown-variable-type", "pipeline.activities.a.component.inputs.x.type", "\"constant\" is no type of variable; it must be plain, splice or lazy" },
        { "activities.a.component.inputs", """{ "x": { "type": "plain" } }""", "tree.missing-member", "pipeline.activities.a.component.inputs.x.value", "is missing" },
        { "activities.a.component.inputs", """{ "x.y [1]": { "type": "plain" } }""", "tree.missing-member", "pipeline.activities.a.component.inputs[\"x.y [1]\"].value", "is missing" },
        { "activities.a.component.inputs", """{ "x": { "type": "lazy", "value": 1, "custom_type": true } }""", "tree.wrong-type", "pipeline.activities.a.component.inputs.x.custom_type", "must be text, but is true" },
        { "activities.a.component.inputs", $$"""{ "${{{Long}}}": { "type": "lazy", "value": 1 } }""", "tree.key-too-long", $"pipeline.activities.a.component.inputs.${{{Long}}}", $"its context key ${{{Long}_a}} has 129 characters, but 128 at most are allowed" },
        { "activities.a.loop_config", "true", "tree.wrong-type", "pipeline.activities.a.loop_config", "must be an object, but is true" },
        { "activities.a.loop_config", """{ "enable": true, "loop_times": "3" }""", "tree.wrong-type", "pipeline.activities.a.loop_config.loop_times", "must be a whole number of at most 2147483647, but is text" },
        { "activities.a.loop_config", """{ "enable": true, "loop_times": 3000000000 }""", "tree.wrong-type", "pipeline.activities.a.loop_config.loop_times", "must be a whole number of at most 2147483647, but is the number 3000000000" },
        { "activities.a", """{ "id": "a", "type": "SubProcess", "incoming": "f1", "outgoing": "f2", "params": {} }""", "tree.missing-member", "pipeline.activities.a.pipeline", "is missing" },
        { "activities.a", """{ "id": "a", "type": "SubProcess", "incoming": "f1", "outgoing": "f2", "pipeline": {} }""", "tree.missing-member", "pipeline.activities.a.params", "is missing" },
        { "activities.a", """{ "id": "a", "type": "SubProcess", "incoming": "f1", "outgoing": "f2", "params": {}, "pipeline": {} }""", "tree.missing-member", "pipeline.activities.a.pipeline.start_event", "is missing" },
        { "activities.a", Trees.SubProcess("a", "f1", "f2", Trees.Minimal), "tree.duplicate-id", "pipeline.activities.a.pipeline.start_event.id", "\"s\" is the id of pipeline.start_event too" },
        { "gateways", "null", "tree.missing-member", "pipeline.gateways", "is null, but must have a value" },
        { "gateways.g", """{ "id": "g", "type": "InclusiveGateway", "incoming": [], "outgoing": [] }""", "tree.unknown-node-type", "pipeline.gateways.g.type", "\"InclusiveGateway\" cannot stand here; a gateway is ExclusiveGateway, ParallelGateway, ConditionalParallelGateway or ConvergeGateway" },
        { "gateways.a", """{ "id": "a", "type": "ConvergeGateway", "incoming": [], "outgoing": "" }""", "tree.duplicate-id", "pipeline.gateways.a.id", "\"a\" is the id of pipeline.activities.a too" },
        { "gateways.g", """{ "id": "g", "type": "ExclusiveGateway", "incoming": [], "outgoing": [] }""", "tree.missing-member", "pipeline.gateways.g.conditions", "is missing" },
        { "gateways.g", """{ "id": "g", "type": "ConvergeGateway", "incoming": [], "outgoing": [], "converge_gateway_id": 1 }""", "tree.wrong-type", "pipeline.gateways.g.converge_gateway_id", "must be text, but is the number 1" },
        { "flows", null, "tree.missing-member", "pipeline.flows", "is missing" },
        { "flows.f1", "\"s-a\"", "tree.wrong-type", "pipeline.flows.f1", "must be an object, but is text" },
        { "flows.f1.source", null, "tree.missing-member", "pipeline.flows.f1.source", "is missing" },
        { "flows.f1.source", "\"x\"", "tree.unknown-node", "pipeline.flows.f1.source", "names node \"x\", which is not in the pipeline" },
        { "flows.f2.target", "\"p\"", "tree.unknown-node", "pipeline.flows.f2.target", "names node \"p\", which is not in the pipeline" },
        { "flows.f2", null, "tree.unknown-flow", "pipeline.end_event.incoming", "names flow \"f2\", which is not in the pipeline" },
        { "data", null, "tree.missing-member", "pipeline.data", "is missing" },
        { "data.inputs", "[]", "tree.wrong-type", "pipeline.data.inputs", "must be an object, but is a list" },
        { "data.inputs", """{ "${x}": 1 }""", "tree.wrong-type", "pipeline.data.inputs.${x}", "must be an object, but is the number 1" },
        { "data.inputs", """{ "${x}": { "type": "Plain", "value": 1 } }""", "tree.unknown-variable-type", "pipeline.data.inputs.${x}.type", "\"Plain\" is no type of variable; it must be plain, splice or lazy" },
        { "data.inputs", """{ "${x}": { "type": "plain" } }""", "tree.missing-member", "pipeline.data.inputs.${x}.value", "is missing" },
        { "data.inputs", """{ "${x}": { "source_act": "a" } }""", "tree.missing-member", "pipeline.data.inputs.${x}.source_key", "is missing" },
        { "data.inputs", """{ "${x}": { "source_act": 1 } }""", "tree.wrong-type", "pipeline.data.inputs.${x}.source_act", "must be the id of a node or a list of sources, but is the number 1" },
        { "data.inputs", """{ "${x}": { "source_act": [{ "source_act": "a" }] } }""", "tree.missing-member", "pipeline.data.inputs.${x}.source_act[0].source_key", "is missing" },
        { "data.inputs", """{ "${x}": { "source_act": ["a"] } }""", "tree.wrong-type", "pipeline.data.inputs.${x}.source_act[0]", "must be an object, but is text" },
        { "data.inputs", """{ "${x}": { "source_act": "a", "source_key": "k", "need_initialization": true } }""", "tree.missing-member", "pipeline.data.inputs.${x}.type", "is missing" },
        { "data.outputs", null, "tree.missing-member", "pipeline.data.outputs", "is missing" },
        { "data.outputs", "\"${x}\"", "tree.wrong-type", "pipeline.data.outputs", "must be a list of texts, but is text" },
        { "data.outputs", "[null]", "tree.wrong-type", "pipeline.data.outputs[0]", "must be text, but is null" },
        { "data.pre_render_keys", "{}", "tree.wrong-type", "pipeline.data.pre_render_keys", "must be a list of texts, but is an object" },
    };

    /// <summary>Each row breaks one member of a tree with a gateway.</summary>
    public static TheoryData<string, string?, string, string, string> GatewayRows => new()
    {
        { "gateways.g.conditions.f2", "\"1 == 1\"", "tree.wrong-type", "pipeline.gateways.g.conditions.f2", "must be an object, but is text" },
        { "gateways.g.conditions.f2", "{}", "tree.missing-member", "pipeline.gateways.g.conditions.f2.evaluate", "is missing" },
        { "gateways.g.conditions.f2.evaluate", "true", "tree.wrong-type", "pipeline.gateways.g.conditions.f2.evaluate", "must be text, but is true" },
        { "gateways.g.conditions.f1", """{ "evaluate": "1 == 1" }""", "tree.unknown-flow", "pipeline.gateways.g.conditions.f1", "names flow \"f1\", which is not an outgoing flow of the gateway" },
        { "gateways.g.default_condition", "[]", "tree.wrong-type", "pipeline.gateways.g.default_condition", "must be an object, but is a list" },
        { "gateways.g.default_condition", """{ "name": "else" }""", "tree.missing-member", "pipeline.gateways.g.default_condition.flow_id", "is missing" },
        { "gateways.g.default_condition.flow_id", "\"f9\"", "tree.unknown-flow", "pipeline.gateways.g.default_condition.flow_id", "names flow \"f9\", which is not an outgoing flow of the gateway" },
        { "gateways.g.extra_info", "\"FIRST\"", "tree.wrong-type", "pipeline.gateways.g.extra_info", "must be an object, but is text" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_broken_tree_is_refused_with_what_is_wrong_and_where(string member, string? json, string code, string path, string problem) =>
        AssertRefused(Trees.Change(Trees.Minimal, member, json), code, path, problem);

    [Theory]
    [MemberData(nameof(GatewayRows))]
    public void A_broken_gateway_is_refused_with_what_is_wrong_and_where(string member, string? json, string code, string path, string problem) =>
        AssertRefused(Trees.Change(Trees.WithGateway, member, json), code, path, problem);

    [Theory]
    [InlineData("null", "null")]
    [InlineData("[]", "a list")]
    [InlineData("\"tree\"", "text")]
    [InlineData("123456789012345678901234567890", "a number")]
    public void A_tree_that_is_no_object_is_refused(string json, string found) =>
        AssertRefused(json, "tree.wrong-type", "pipeline", $"must be an object, but is {found}");

    [Fact]
    public void An_id_may_not_be_longer_than_the_limit() => AssertRefused(
        Trees.With("id", $"\"{new string('x', PipelineTreeReader.MaxIdLength + 1)}\""),
        "tree.id-too-long",
        "pipeline.id",
        "has 256 characters, but 255 at most are allowed");

    [Fact]
    public void A_key_with_as_many_characters_as_the_limit_is_read() =>
        PipelineTreeReader.Read(Trees.With("data.inputs", $$"""{ "{{new string('中', PipelineTreeReader.MaxContextKeyLength)}}": { "type": "plain", "value": 1 } }"""));

    private static void AssertRefused(string json, string code, string path, string problem)
    {
        var error = Assert.Throws<PipelineTreeException>(() => PipelineTreeReader.Read(json));

        Assert.Equal((code, path, $"{path}: {problem}"), (error.Code, error.Path, error.Message));
    }
}
