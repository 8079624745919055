using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Pipelines;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Embedded.Tests;

/// <summary>What the engine is asked and cannot do: each is refused with its exact error, and the store stays as it was.</summary>
public class BadInputTests
{
    private static readonly string Long = new('k', PipelineTreeReader.MaxIdLength + 1);

    /// <summary>JSON that is no tree: name, text, code, message.</summary>
    public static TheoryData<string, string, string, string> Texts => new()
    {
        { "nothing", "", "tree.not-json", "pipeline: line 1, column 1: The input does not contain any JSON tokens. Expected the input to start with a valid JSON token, when isFinalBlock is true." },
        { "broken off", """{ "id": "q", """, "tree.not-json", "pipeline: line 1, column 14: Expected start of a property name or value, but instead reached end of data." },
        { "two values", "{} {}", "tree.not-json", "pipeline: line 1, column 4: '{' is invalid after a single JSON value. Expected end of data." },
        { "no JSON", "id: q", "tree.not-json", "pipeline: line 1, column 1: 'i' is an invalid start of a value." },
        { "a list", "[]", "tree.wrong-type", "pipeline: must be an object, but is a list" },
        { "a number", "7", "tree.wrong-type", "pipeline: must be an object, but is the number 7" },
        { "null", "null", "tree.wrong-type", "pipeline: must be an object, but is null" },
        { "an empty object", "{}", "tree.missing-member", "pipeline.id: is missing" },
        { "nested 600 deep", new string('[', 600) + new string(']', 600), "tree.too-deep", "pipeline: the JSON is nested deeper than 512 levels" },
        { "half a surrogate pair", """{ "id": "\ud800" }""", "tree.not-json", "pipeline: The text at byte 8 is not valid Unicode." },
    };

    /// <summary>One member of a good tree is changed: name, path of the member, JSON put there (null removes it), code, message.</summary>
    public static TheoryData<string, string, string?, string, string> Members => new()
    {
        { "no id", "id", null, "tree.missing-member", "pipeline.id: is missing" },
        { "an id that is no text", "id", "7", "tree.wrong-type", "pipeline.id: must be text, but is the number 7" },
        { "an empty id", "id", "\"\"", "tree.empty-id", "pipeline.id: must not be empty" },
        { "a long id", "id", $"\"{Long}\"", "tree.id-too-long", "pipeline.id: has 256 characters, but 255 at most are allowed" },
        { "no start", "start_event", null, "tree.missing-member", "pipeline.start_event: is missing" },
        { "no end", "end_event", null, "tree.missing-member", "pipeline.end_event: is missing" },
        { "an end that is null", "end_event", "null", "tree.missing-member", "pipeline.end_event: is null, but must have a value" },
        { "activities that are a list", "activities", "[]", "tree.wrong-type", "pipeline.activities: must be an object, but is a list" },
        { "a name that is no text", "activities.a.name", "{}", "tree.wrong-type", "pipeline.activities.a.name: must be text, but is an object" },
        { "another id inside", "activities.a.id", "\"b\"", "tree.id-mismatch", "pipeline.activities.a.id: is \"b\", but stands under the key \"a\"" },
        { "the same id twice", "end_event.id", "\"start\"", "tree.duplicate-id", "pipeline.end_event.id: \"start\" is the id of pipeline.start_event too" },
        { "an unknown type", "activities.a.type", "\"Task\"", "tree.unknown-node-type", "pipeline.activities.a.type: \"Task\" cannot stand here; an activity is ServiceActivity or SubProcess" },
        { "no component", "activities.a.component", null, "tree.missing-member", "pipeline.activities.a.component: is missing" },
        { "a component without a code", "activities.a.component.code", "\"\"", "tree.empty-id", "pipeline.activities.a.component.code: must not be empty" },
        { "inputs that are text", "activities.a.component.inputs", "\"x\"", "tree.wrong-type", "pipeline.activities.a.component.inputs: must be an object, but is text" },
        { "an input of an unknown type", "activities.a.component.inputs", """{ "x": { "type": "any", "value": 1 } }""", "tree.unknown-variable-type", "pipeline.activities.a.component.inputs.x.type: \"any\" is no type of variable; it must be plain, splice or lazy" },
        { "an input without a value", "activities.a.component.inputs", """{ "x": { "type": "plain" } }""", "tree.missing-member", "pipeline.activities.a.component.inputs.x.value: is missing" },
        { "loop times that are text", "activities.a.loop_config", """{ "enable": true, "loop_times": "3" }""", "tree.wrong-type", "pipeline.activities.a.loop_config.loop_times: must be a whole number of at most 2147483647, but is text" },
        { "a flag that is text", "activities.a.skippable", "\"yes\"", "tree.wrong-type", "pipeline.activities.a.skippable: must be true or false, but is text" },
        { "a dangling flow", "flows.q:a>end.target", "\"nowhere\"", "tree.unknown-node", "pipeline.flows.q:a>end.target: names node \"nowhere\", which is not in the pipeline" },
        { "a flow that is missing", "flows.q:a>end", null, "tree.unknown-flow", "pipeline.end_event.incoming: names flow \"q:a>end\", which is not in the pipeline" },
        { "a flow of another node", "start_event.outgoing", "\"q:a>end\"", "tree.flow-mismatch", "pipeline.start_event.outgoing: lists flow \"q:a>end\", but that flow leaves node \"a\"" },
        { "no data", "data", null, "tree.missing-member", "pipeline.data: is missing" },
        { "a variable that is a number", "data.inputs", """{ "${x}": 1 }""", "tree.wrong-type", "pipeline.data.inputs.${x}: must be an object, but is the number 1" },
        { "outputs that are text", "data.outputs", "\"${x}\"", "tree.wrong-type", "pipeline.data.outputs: must be a list of texts, but is text" },
        { "a key that is too long", "data.inputs", $$"""{ "${{{new string('k', 126)}}}": { "type": "plain", "value": 1 } }""", "tree.key-too-long", $"pipeline.data.inputs.${{{new string('k', 126)}}}: its context key ${{{new string('k', 126)}}} has 129 characters, but 128 at most are allowed" },
    };

    /// <summary>Whole trees and options that the engine refuses: name, code, message.</summary>
    public static TheoryData<string, string, string> Submissions => new()
    {
        { "no pipeline", "invalid-argument", "pipeline is missing" },
        { "an id that is taken", "already-exists", "the id p belongs to a pipeline that was submitted already" },
        { "a node id that is taken", "already-exists", "the id w belongs to a pipeline that was submitted already" },
        { "an unknown component", "component.unknown", "the component nobody of a is not registered" },
        { "an unknown version", "component.unknown", "the component ok of a has no version v9" },
        { "an unknown component in a sub-process", "component.unknown", "the component nobody of b is not registered" },
        { "an unknown lazy variable", "lazy-variable.unknown", "the lazy variable nobody of ${x} in q is not registered" },
        { "an unknown lazy input", "lazy-variable.unknown", "the lazy variable nobody of ${n_a} in q is not registered" },
        { "a lazy variable without a code", "lazy-variable.unknown", "the lazy variable  of ${x} in q is not registered" },
        { "an unknown end event", "end-event.unknown", "the end event nobody of qe is not registered" },
        { "a cycle", "tree.cycle", "the flows of the pipeline lead round in a circle: a -> eg -> a" },
        { "start leads to the end", "tree.connection", "node \"qs\" leads to \"qe\", but EmptyEndEvent cannot follow EmptyStartEvent" },
        { "an activity with two ways on", "tree.connection", "node \"a\" has 2 outgoing flows, but it must have 1" },
        { "an activity with no way on", "tree.connection", "node \"a\" has no outgoing flow" },
        { "a fork that meets nowhere", "tree.converge", "gateway \"pg2\" has branches that do not all meet at one converge gateway; they meet \"qe\"" },
        { "a node that cannot be reached", "tree.connection", "node \"x\" has 0 incoming flows, but it must have 1 to 1000" },
        { "a key of root_pipeline_context that the tree has", "already-exists", "the context key ${x} of q is given twice (the second time by root_pipeline_context)" },
        { "a key of subprocess_context that the sub-process has", "already-exists", "the context key ${y} of sp2 is given twice (the second time by data)" },
        { "start_node_id unknown", "start-position-invalid", "the pipeline cannot start at node \"nobody\"" },
        { "start_node_id the end", "start-position-invalid", "the pipeline cannot start at node \"qe\"" },
        { "start_node_id a sub-process", "start-position-invalid", "the pipeline cannot start at node \"sp2\"" },
        { "start_node_id in a parallel block", "start-position-invalid", "the pipeline cannot start at node \"b\"" },
        { "start_node_id in a sub-process", "start-position-invalid", "the pipeline cannot start at node \"b\"" },
        { "root_pipeline_data nested too deep", "invalid-argument", "root_pipeline_data is nested deeper than 512 levels" },
        { "subprocess_context nested too deep", "invalid-argument", "subprocess_context is nested deeper than 512 levels" },
        { "an id that is no Unicode", "invalid-argument", "the id \"a\\uFFFD\" holds half a surrogate pair, which is no Unicode text" },
        { "a key that is no Unicode", "invalid-argument", "the context key \"${\\uFFFD}\" holds half a surrogate pair, which is no Unicode text" },
        { "sub-processes 66 deep", "tree.too-deep", "sub-processes are nested deeper than 64 levels" },
    };

    /// <summary>Verbs that are refused: name, code, message. The pipeline p waits at w; f has failed, d is finished, later was never reached.</summary>
    public static TheoryData<string, string, string> Verbs => new()
    {
        { "callback of nobody", "callback.not-waiting", "can not find sleep process with current node id: nobody" },
        { "callback of no id", "invalid-argument", "the id is missing" },
        { "callback without a version", "invalid-argument", "version is missing" },
        { "callback without data", "invalid-argument", "data is missing" },
        { "callback nested too deep", "invalid-argument", "data is nested deeper than 512 levels" },
        { "callback of a node never reached", "callback.not-waiting", "can not find sleep process with current node id: later" },
        { "callback of a gateway", "not-found", "pg never waited under version v" },
        { "callback of a finished node", "callback.not-waiting", "can not find sleep process with current node id: d" },
        { "callback of the root", "callback.not-waiting", "can not find sleep process with current node id: p" },
        { "callback of a sub-process", "callback.not-waiting", "can not find sleep process with current node id: sp" },
        { "callback of a failed node that never waited", "not-found", "f never waited under version v" },
        { "callback under an unknown version", "not-found", "w never waited under version v" },
        { "retry of nobody", "not-found", "there is no node nobody" },
        { "retry of a waiting node", "verb.not-failed", "w state is not FAILED, actual RUNNING" },
        { "retry of a node never reached", "not-found", "later has no state: it has not been reached" },
        { "retry with data nested too deep", "invalid-argument", "data is nested deeper than 512 levels" },
        { "retry with wrong escape keys", "invalid-argument", "_escape_render_keys is no list of texts" },
        { "loop retry of a node without a loop", "retry.not-loop-retryable", "node(f) is not loop retryable" },
        { "retry_subprocess of an activity", "retry.not-a-sub-process", "node(f) type is not SubProcess" },
        { "skip of a waiting node", "verb.not-failed", "w state is not FAILED, actual RUNNING" },
        { "skip of the end event", "skip.not-skippable", "can not skip end" },
        { "skip of a sub-process", "skip.not-skippable", "can not skip sp, a sub-process" },
        { "skip_exclusive_gateway of an activity", "skip.wrong-type", "f is not exclusive gateway, actual: ServiceActivity" },
        { "skip_exclusive_gateway without a flow", "invalid-argument", "flow_id is missing" },
        { "skip_conditional_parallel_gateway with a missing flow", "invalid-argument", "a flow of flow_ids is missing" },
        { "forced failure of a finished node", "verb.not-running", "d state is not RUNNING, actual: FINISHED" },
        { "forced failure of a gateway", "verb.not-an-activity", "pg is not activity, actual: ParallelGateway" },
        { "forced failure without a text", "invalid-argument", "ex_data is missing" },
        { "pause of nobody", "not-found", "node(nobody) does not exist" },
        { "resume of a running pipeline", "verb.not-suspended", "pipeline(p) state is: RUNNING" },
        { "revoke of a sub-process that was not reached", "not-found", "node(sp) does not exist" },
        { "appointed pause of a finished node", "illegal-transition", "can't not transit node(d) state from FINISHED to SUSPENDED" },
        { "context values without a list", "invalid-argument", "values is missing" },
        { "a context value without a key", "invalid-argument", "the key of a context value is missing" },
        { "a context value that is nothing", "invalid-argument", "${x} is missing" },
        { "execution data of nobody", "not-found", "there is no execution data of nobody" },
        { "data of a gateway", "not-found", "there is no data of pg" },
        { "waiting for nobody", "not-found", "there is no pipeline nobody" },
        { "waiting for a node", "not-found", "there is no pipeline w" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void Text_that_is_no_tree_is_refused(string name, string json, string code, string message)
    {
        var refusal = Assert.Throws<PipelineTreeException>(() => PipelineTreeReader.Read(json));

        Assert.Equal((name, code, message), (name, refusal.Code, refusal.Message));
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void A_tree_with_a_bad_member_is_refused_with_its_path(string name, string member, string? json, string code, string message)
    {
        MapValue tree = new TreeSketch("q").Flow("start", "a", "end").ToValue();

        var refusal = Assert.Throws<PipelineTreeException>(
            () => PipelineTreeReader.Read(Change(tree, member.Split('.'), json is null ? null : Value.ParseJson(json))));

        Assert.Equal((name, code, message), (name, refusal.Code, refusal.Message));
    }

    [Theory]
    [MemberData(nameof(Submissions))]
    public async Task A_submission_that_is_wrong_is_refused_and_the_store_is_unchanged(string name, string code, string message)
    {
        var store = new MemoryStore();
        await using EmbeddedEngine engine = await OpenWithPipeline(store);
        string before = await Engines.StatisticsOf(store);

        EngineApiResult result;
        try
        {
            result = await Submit(engine, name);
        }
        catch (PipelineTreeException refusal)
        {
            Assert.Equal(code, refusal.Code);
            Assert.EndsWith(message, refusal.Message);
            return;
        }

        Assert.Equal((false, code, message), (result.Result, result.ErrorCode, result.Message));
        Assert.Equal(before, await Engines.StatisticsOf(store));
        Assert.Equal(NodeStateName.Running, await engine.StateOf("w"));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public async Task A_verb_that_cannot_be_carried_out_is_refused_and_the_store_is_unchanged(string name, string code, string message)
    {
        var store = new MemoryStore();
        await using EmbeddedEngine engine = await OpenWithPipeline(store);
        string before = await Engines.StatisticsOf(store);

        EngineApiResult result = await Call(engine, name).WaitAsync(Engines.Patience);

        Assert.Equal((false, code, message), (result.Result, result.ErrorCode, result.Message));
        Assert.Equal(before, await Engines.StatisticsOf(store));
        Assert.Equal(NodeStateName.Running, await engine.StateOf("w"));
    }

    /// <summary>Where an expression bomb stands: the tree, the node that fails, its error.</summary>
    public static TheoryData<string, string, string> Bombs => new()
    {
        { "inputs", "a", "inputs hydrate failed(The expressions need more than 67108864 bytes.), check node log for details" },
        { "variable", "a", "inputs hydrate failed(${bomb}: The expressions need more than 67108864 bytes.), check node log for details" },
        { "condition", "eg", "evaluation context hydrate failed(The expressions need more than 67108864 bytes.), check node log for details." },
        { "params", "sp", "context hydrate failed(The expressions need more than 67108864 bytes.), check node log for details." },
        { "pre-render", "start", "context hydrate failed(${bomb}: The expressions need more than 67108864 bytes.), check node log for details." },
    };

    [Theory]
    [MemberData(nameof(Bombs))]
    public async Task An_expression_bomb_fails_its_node_and_the_engine_goes_on(string place, string node, string error)
    {
        const string Bomb = "${'x' * 10 ** 10}";
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), new Workbench());

        await engine.RunAsync(place switch
        {
            "inputs" => new TreeSketch().Flow("start", "a", "end").Activity("a", "ok", ("n", $"{Bomb}!")),
            "variable" => new TreeSketch().Flow("start", "a", "end")
                .Var("${bomb}", TreeSketch.Splice(Bomb)).Activity("a", "ok", ("n", "${bomb}")),
            "condition" => new TreeSketch().Flow("start", "eg", "a", "end").Flow("eg", "b", "end")
                .When("eg", "a", $"{Bomb} == 1").When("eg", "b", "1 == 1"),
            "params" => new TreeSketch().Flow("start", "sp", "end")
                .Sub("sp", new TreeSketch("i", "s1", "e1").Flow("s1", "a", "e1"), ("${p}", Bomb)),
            _ => new TreeSketch().Flow("start", "a", "end").Var("${bomb}", TreeSketch.Splice(Bomb)).PreRender("${bomb}"),
        });

        Assert.Equal(NodeStateName.Failed, await engine.StateOf(node));
        Assert.Equal(error, await engine.ExDataOf(node));
    }

    [Fact]
    public async Task Sub_processes_as_deep_as_they_may_be_run()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), new Workbench());

        await engine.RunAsync(Nested(PipelineTreeReader.MaxSubProcessDepth, "p"));

        Assert.Equal(NodeStateName.Finished, await engine.StateOf("p"));
        Assert.Equal(NodeStateName.Finished, await engine.StateOf("deepest"));
    }

    private static async Task<EmbeddedEngine> OpenWithPipeline(MemoryStore store)
    {
        var bench = new Workbench();
        bench.Executions["f"] = (_, _) => Task.FromResult(Components.ComponentResult.Failed);
        EmbeddedEngine engine = await Engines.OpenAsync(store, bench);
        await engine.RunAsync(new TreeSketch().Flow("start", "d", "pg", "w", "cg", "later", "sp", "end").Flow("pg", "f", "cg")
            .Var("${x}", TreeSketch.Plain(1)).Activity("w", "wait")
            .Sub("sp", new TreeSketch("i", "s1", "e1").Flow("s1", "inner", "e1")));
        return engine;
    }

    private static TreeSketch Chain() => new TreeSketch("q", "qs", "qe").Flow("qs", "a", "qe");

    private static TreeSketch WithSub(TreeSketch? inner = null) => new TreeSketch("q", "qs", "qe").Flow("qs", "a", "sp2", "qe")
        .Sub("sp2", inner ?? Inner());

    private static TreeSketch Inner() => new TreeSketch("i2", "s2", "e2").Flow("s2", "b", "e2");

    private static TreeSketch Nested(int levels, string id)
    {
        var deepest = new TreeSketch("i0", "s0", "e0").Flow("s0", "deepest", "e0");
        for (int level = 1; level < levels; level++)
        {
            deepest = new TreeSketch($"i{level}", $"s{level}", $"e{level}").Flow($"s{level}", $"sp{level}", $"e{level}").Sub($"sp{level}", deepest);
        }

        return new TreeSketch(id, "qs", "qe").Flow("qs", "sp", "qe").Sub("sp", deepest);
    }

    private static Task<EngineApiResult> Submit(EmbeddedEngine engine, string name)
    {
        return name switch
        {
            "no pipeline" => engine.RunPipelineAsync(null!),
            "an id that is taken" => Run(new TreeSketch("p", "qs", "qe").Flow("qs", "a", "qe")),
            "a node id that is taken" => Run(new TreeSketch("q", "qs", "qe").Flow("qs", "w", "qe")),
            "an unknown component" => Run(Chain().Activity("a", "nobody")),
            "an unknown version" => Run(Chain().Activity("a", "ok", "v9", MapValue.Empty, MapValue.Empty)),
            "an unknown component in a sub-process" => Run(WithSub(Inner().Activity("b", "nobody"))),
            "an unknown lazy variable" => Run(Chain().Var("${x}", TreeSketch.LazyOf("nobody", 1))),
            "an unknown lazy input" => Run(Chain().Activity("a", "ok", "legacy", Value.Map(("n", TreeSketch.LazyOf("nobody", 1))), MapValue.Empty)),
            "a lazy variable without a code" => Run(Chain().Var("${x}", Value.Map(("type", "lazy"), ("value", 1)))),
            "an unknown end event" => Run(Chain().EndsWith("nobody")),
            "a cycle" => Run(new TreeSketch("q", "qs", "qe").Flow("qs", "a", "eg", "qe").Flow("eg", "a")),
            "start leads to the end" => Run(new TreeSketch("q", "qs", "qe").Flow("qs", "qe")),
            "an activity with two ways on" => Run(Chain().Flow("a", "b", "qe")),
            "an activity with no way on" => Run(new TreeSketch("q", "qs", "qe").Flow("qs", "a")),
            "a fork that meets nowhere" => Run(new TreeSketch("q", "qs", "qe").Flow("qs", "pg2", "a", "qe").Flow("pg2", "b", "qe")),
            "a node that cannot be reached" => Run(Chain().Flow("x", "qe")),
            "a key of root_pipeline_context that the tree has" => Run(
                Chain().Var("${x}", TreeSketch.Plain(1)), new RunPipelineOptions { RootPipelineContext = Value.Map(("${x}", 2)) }),
            "a key of subprocess_context that the sub-process has" => Run(
                WithSub(Inner().Var("${y}", TreeSketch.Plain(1))), new RunPipelineOptions { SubprocessContext = Value.Map(("${y}", 2)) }),
            "start_node_id unknown" => Run(Chain(), new RunPipelineOptions { StartNodeId = "nobody" }),
            "start_node_id the end" => Run(Chain(), new RunPipelineOptions { StartNodeId = "qe" }),
            "start_node_id a sub-process" => Run(WithSub(), new RunPipelineOptions { StartNodeId = "sp2" }),
            "start_node_id in a parallel block" => Run(
                new TreeSketch("q", "qs", "qe").Flow("qs", "pg2", "a", "cg2", "qe").Flow("pg2", "b", "cg2"), new RunPipelineOptions { StartNodeId = "b" }),
            "start_node_id in a sub-process" => Run(WithSub(), new RunPipelineOptions { StartNodeId = "b" }),
            "root_pipeline_data nested too deep" => Run(
                Chain(), new RunPipelineOptions { RootPipelineData = Value.Map(("x", UserCodeTests.Deep(600))) }),
            "subprocess_context nested too deep" => Run(
                Chain(), new RunPipelineOptions { SubprocessContext = Value.Map(("${x}", UserCodeTests.Deep(600))) }),
            "an id that is no Unicode" => Run(new TreeSketch("q", "qs", "qe").Flow("qs", "a\ud800", "qe")),
            "a key that is no Unicode" => Run(Chain(), new RunPipelineOptions { RootPipelineContext = Value.Map(("${\ud800}", 1)) }),
            "sub-processes 66 deep" => Run(Nested(66, "q")),
            _ => throw new ArgumentException(name),
        };

        Task<EngineApiResult> Run(TreeSketch sketch, RunPipelineOptions? options = null) => engine.RunPipelineAsync(sketch.Build(), options);
    }

    private static async Task<EngineApiResult> Call(EmbeddedEngine engine, string name) => name switch
    {
        "callback of nobody" => await engine.CallbackAsync("nobody", "v", 1),
        "callback of no id" => await engine.CallbackAsync(null!, "v", 1),
        "callback without a version" => await engine.CallbackAsync("w", null!, 1),
        "callback without data" => await engine.CallbackAsync("w", "v", null!),
        "callback nested too deep" => await engine.CallbackAsync("w", "v", UserCodeTests.Deep(600)),
        "callback of a node never reached" => await engine.CallbackAsync("later", "v", 1),
        "callback of a gateway" => await engine.CallbackAsync("pg", "v", 1),
        "callback of a finished node" => await engine.CallbackAsync("d", await engine.VersionOf("d"), 1),
        "callback of the root" => await engine.CallbackAsync("p", "v", 1),
        "callback of a sub-process" => await engine.CallbackAsync("sp", "v", 1),
        "callback of a failed node that never waited" => await engine.CallbackAsync("f", "v", 1),
        "callback under an unknown version" => await engine.CallbackAsync("w", "v", 1),
        "retry of nobody" => await engine.RetryNodeAsync("nobody"),
        "retry of a waiting node" => await engine.RetryNodeAsync("w"),
        "retry of a node never reached" => await engine.RetryNodeAsync("later"),
        "retry with data nested too deep" => await engine.RetryNodeAsync("f", Value.Map(("x", UserCodeTests.Deep(600)))),
        "retry with wrong escape keys" => await engine.RetryNodeAsync("f", Value.Map(("_escape_render_keys", 1))),
        "loop retry of a node without a loop" => await engine.RetryNodeAsync("f", loopRetry: true),
        "retry_subprocess of an activity" => await engine.RetrySubprocessAsync("f"),
        "skip of a waiting node" => await engine.SkipNodeAsync("w"),
        "skip of the end event" => await engine.SkipNodeAsync("end"),
        "skip of a sub-process" => await engine.SkipNodeAsync("sp"),
        "skip_exclusive_gateway of an activity" => await engine.SkipExclusiveGatewayAsync("f", "flow"),
        "skip_exclusive_gateway without a flow" => await engine.SkipExclusiveGatewayAsync("pg", null!),
        "skip_conditional_parallel_gateway with a missing flow" =>
            await engine.SkipConditionalParallelGatewayAsync("pg", [null!], "cg"),
        "forced failure of a finished node" => await engine.ForcedFailActivityAsync("d", "no"),
        "forced failure of a gateway" => await engine.ForcedFailActivityAsync("pg", "no"),
        "forced failure without a text" => await engine.ForcedFailActivityAsync("w", null!),
        "pause of nobody" => await engine.PausePipelineAsync("nobody"),
        "resume of a running pipeline" => await engine.ResumePipelineAsync("p"),
        "revoke of a sub-process that was not reached" => await engine.RevokePipelineAsync("sp"),
        "appointed pause of a finished node" => await engine.PauseNodeAppointAsync("d"),
        "context values without a list" => await engine.UpdateContextValuesAsync("p", null!),
        "a context value without a key" => await engine.UpdateContextValuesAsync("p", [new ContextValue(null!, ContextValueType.Plain, 1, null)]),
        "a context value that is nothing" => await engine.UpdateContextValuesAsync("p", [new ContextValue("${x}", ContextValueType.Plain, null!, null)]),
        "execution data of nobody" => await engine.GetExecutionDataAsync("nobody"),
        "data of a gateway" => await engine.GetDataAsync("pg"),
        "waiting for nobody" => await engine.WaitUntilSettledAsync("nobody"),
        "waiting for a node" => await engine.WaitUntilSettledAsync("w"),
        _ => throw new ArgumentException(name),
    };

    private static MapValue Change(MapValue map, ReadOnlySpan<string> path, Value? value)
    {
        MapValue.Builder changed = map.ToBuilder();
        if (path.Length > 1)
        {
            changed[path[0]] = Change((MapValue)map[path[0]], path[1..], value);
        }
        else if (value is null)
        {
            changed.Remove(path[0]);
        }
        else
        {
            changed[path[0]] = value;
        }

        return changed.Build();
    }
}
