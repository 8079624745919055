using BambooOrleans.Embedded;
using BambooOrleans.Embedded.Tests.Support;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Storage;
using BambooOrleans.Tests;

namespace BambooOrleans.Hosting.Tests.Wire;

/// <summary>What lies between the two ends: its failures, its waiting, and its limits.</summary>
public class TransportTests
{
    [Fact]
    public async Task A_transport_that_fails_is_an_engine_that_is_unavailable()
    {
        var remote = new RemoteEngine((_, _, _) => throw new HttpRequestException("connection refused"));

        EngineApiResult verb = await remote.PausePipelineAsync("p");
        EngineApiResult read = await remote.GetContextAsync("p");
        EngineApiResult wait = await remote.WaitUntilSettledAsync("p");
        var journal = await Assert.ThrowsAsync<EngineUnavailableException>(async () => await remote.ReadJournalAsync().ToListAsync());

        Assert.All([verb.Error, read.Error, wait.Error, journal], error =>
            Assert.IsType<HttpRequestException>(Assert.IsType<EngineUnavailableException>(error).InnerException));
        Assert.Equal("the engine could not be reached for pause_pipeline: connection refused", verb.Message);
        Assert.Equal("the engine could not be reached for read_journal: connection refused", journal.Message);
    }

    [Fact]
    public async Task A_transport_that_gives_up_is_an_engine_that_is_unavailable_but_a_caller_who_does_is_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var remote = new RemoteEngine((_, _, token) => stop.IsCancellationRequested
            ? Task.FromCanceled<MapValue>(token)
            : throw new TaskCanceledException("timed out"));

        Assert.Equal("the engine could not be reached for get_waits: timed out", (await remote.GetWaitsAsync("p", stop.Token)).Message);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => remote.GetWaitsAsync("p", stop.Token));
    }

    [Theory]
    [InlineData("""{}""", "the answer.result is missing")]
    [InlineData("""{"result": "yes"}""", "the answer.result must be true or false, but is text")]
    [InlineData("""{"result": false, "message": "no"}""", "the answer.code is missing")]
    [InlineData("""{"result": true, "message": "success", "data": null}""", "data must be a list, but is null")]
    [InlineData("""{"result": true, "data": [{"key": "${x}", "type": "OTHER", "value": 1}]}""", "data[0].type must be PLAIN, SPLICE or COMPUTE, but is text")]
    [InlineData("""{"result": true, "data": [{"type": "PLAIN", "value": 1}]}""", "data[0].key is missing")]
    public async Task An_answer_that_is_none_is_an_engine_that_is_unavailable(string answer, string problem)
    {
        var remote = new RemoteEngine((_, _, _) => Task.FromResult((MapValue)Value.ParseJson(answer)));

        EngineApiResult result = await remote.GetContextAsync("p");

        Assert.IsType<EngineUnavailableException>(result.Error);
        Assert.Equal($"what came as the engine's answer to get_context is none: {problem}", result.Message);
    }

    [Fact]
    public async Task Waiting_asks_again_until_the_pipeline_has_settled()
    {
        var time = new VirtualTime();
        var go = new TaskCompletionSource<EngineApiResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        (IBambooEngine held, AnsweringEngine answers) = AnsweringEngine.Make();
        answers.Answer = (_, arguments) => go.Task.WaitAsync((CancellationToken)arguments[1]!);

        Task<EngineApiResult> waiting = AnsweringEngine.Beyond(held, time).WaitUntilSettledAsync("p");
        await Engines.Until(() => time.NextDue is not null);
        time.Advance(TimeSpan.FromSeconds(20));
        await Engines.Until(() => answers.Calls.Count == 2);
        Assert.False(waiting.IsCompleted);
        go.SetResult(EngineApiResult.Success);

        await waiting.Done();
        Assert.Equal(2, answers.Calls.Count);
    }

    [Fact]
    public async Task A_wait_that_is_over_says_that_nothing_came()
    {
        var time = new VirtualTime();
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), new Workbench());

        Task<MapValue> journal = new EngineDispatcher(time).CallAsync(engine, "read_journal", Value.Map(("wait_seconds", 2.5)));
        await Engines.Until(() => time.NextDue is not null);
        Assert.False(journal.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2.5));

        Assert.Equal(
            Value.Map(("result", true), ("message", "success"), ("data", Value.List()), ("code", Value.Null)),
            await journal.WaitAsync(Engines.Patience));
    }

    [Fact]
    public async Task A_page_of_the_journal_has_no_more_than_was_asked_for()
    {
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), new Workbench());
        await engine.RunAsync(new TreeSketch().Flow("start", "a", "b", "end"));
        List<JournalTurn> all = await engine.ReadJournalAsync().ToListAsync();

        MapValue answer = await new EngineDispatcher().CallAsync(engine, "read_journal", Value.Map(("from", all[1].Position), ("limit", 2)));

        Assert.Equal([all[1].Position, all[2].Position], ((ListValue)answer["data"]).Select(turn => (long)((IntValue)((MapValue)turn)["position"]).Value));
    }

    [Fact]
    public async Task The_names_and_times_of_an_answer_are_those_of_the_documents()
    {
        (IBambooEngine engine, AnsweringEngine answers) = AnsweringEngine.Make();
        DateTimeOffset time = new DateTimeOffset(2021, 3, 10, 5, 45, 54, TimeSpan.FromHours(2)).AddMicroseconds(688423);
        answers.Answer = (_, _) => Task.FromResult(EngineApiResult.Of<IReadOnlyDictionary<string, NodeStateInfo>>(new Dictionary<string, NodeStateInfo>
        {
            ["p"] = new NodeStateInfo
            {
                Id = "p", State = NodeStateName.LoopReady, RootId = "p", ParentId = "q", Version = "v1", Loop = 2, InnerLoop = 1,
                Retry = 3, Skip = false, ErrorIgnored = true, CreatedTime = time, StartedTime = time, ArchivedTime = null,
            },
        }));

        MapValue answer = await new EngineDispatcher().CallAsync(engine, "get_pipeline_states", Value.Map(("root_id", "p")));

        Assert.Equal(
            """{"result":true,"message":"success","data":{"p":{"id":"p","state":"LOOP_READY","root_id:":"p","root_id":"p","parent_id":"q","version":"v1","loop":2,"inner_loop":1,"retry":3,"skip":false,"error_ignorable":true,"error_ignored":true,"created_time":"2021-03-10T03:45:54.688423Z","started_time":"2021-03-10T03:45:54.688423Z","archived_time":null,"children":{}}},"code":null}""",
            answer.ToJson());
    }

    [Fact]
    public async Task A_node_that_was_never_reached_has_empty_texts_for_its_root_and_its_parent()
    {
        (IBambooEngine engine, AnsweringEngine answers) = AnsweringEngine.Make();
        var state = new NodeStateInfo
        {
            Id = "a", State = NodeStateName.Suspended, RootId = null, ParentId = null, Version = "v1", Loop = 1, InnerLoop = 1,
            Retry = 0, Skip = false, ErrorIgnored = false, CreatedTime = DateTimeOffset.UnixEpoch, StartedTime = null, ArchivedTime = null,
        };
        answers.Answer = (_, _) => Task.FromResult(
            EngineApiResult.Of<IReadOnlyDictionary<string, NodeStateInfo>>(new Dictionary<string, NodeStateInfo> { ["a"] = state }));

        MapValue answer = await new EngineDispatcher().CallAsync(engine, "get_children_states", Value.Map(("node_id", "a")));

        var written = (MapValue)((MapValue)answer["data"])["a"];
        Assert.Equal(("", ""), (written["root_id:"], written["parent_id"]));
        Assert.Equal(("", ""), (state.ToValue()["root_id:"], state.ToValue()["parent_id"]));
    }

    [Fact]
    public async Task An_engine_that_throws_is_an_answer_too()
    {
        (IBambooEngine engine, AnsweringEngine answers) = AnsweringEngine.Make();
        answers.Answer = (_, _) => throw new InvalidOperationException("unforeseen");

        MapValue answer = await new EngineDispatcher().CallAsync(engine, "get_waits", Value.Map(("root_id", "p")));

        Assert.Equal(Value.Map(("result", false), ("message", "unforeseen"), ("data", Value.Null), ("code", "internal")), answer);
    }

    [Theory]
    [InlineData("one text")]
    [InlineData("many members")]
    [InlineData("many items")]
    public async Task Ten_megabytes_arrive_whole(string kind)
    {
        const int Bytes = 10 * 1024 * 1024;
        MapValue data = kind switch
        {
            "one text" => Value.Map(("x", new string('x', Bytes))),
            "many members" => Value.Map(Enumerable.Range(0, Bytes / 20).Select(number => ($"member {number}", (Value)number))),
            _ => Value.Map(("x", Value.List(Enumerable.Range(0, Bytes / 10).Select(number => (Value)(number / 2.0))))),
        };
        await using EmbeddedEngine engine = await Engines.OpenAsync(new MemoryStore(), new Workbench());
        RemoteEngine remote = AnsweringEngine.Beyond(engine);
        await remote.RunAsync(new TreeSketch().Flow("start", "w", "end").Activity("w", "wait"));

        await remote.CallbackAsync("w", await remote.VersionOf("w"), data).Done();
        await remote.WaitUntilSettledAsync("p").Done();

        Assert.True(data.Equals((await remote.GetExecutionDataOutputsAsync("w").Get())["data"]));
    }

    [Fact]
    public async Task Data_nested_as_deep_as_it_may_be_arrives_whole()
    {
        Value deepest = BadCallTests.Deep(ValueJson.MaxDepth);
        (IBambooEngine engine, AnsweringEngine answers) = AnsweringEngine.Make();
        RemoteEngine remote = AnsweringEngine.Beyond(engine);
        answers.Answer = (_, _) => Task.FromResult(EngineApiResult.Of(VerbOutcome.CarriedOut));
        await remote.CallbackAsync("a", "v", deepest).Done();
        Assert.Equal(deepest, answers.Calls[0].Arguments[2]);

        answers.Answer = (_, _) => Task.FromResult(EngineApiResult.Of(new NodeDebugInfo(
            "a", "t", "", new Dictionary<string, string>(), new NodeData(new Dictionary<string, DataInput> { ["x"] = new(true, deepest) }, new Dictionary<string, string>()), null)));
        Assert.Equal(deepest, (await remote.GetNodeDebugInfoAsync("a").Get()).Data!.Inputs["x"].Value);
    }

    [Fact]
    public void JSON_as_deep_as_it_may_be_is_written_and_read_and_one_level_more_is_refused()
    {
        MapValue deepest = Value.Map(("x", BadCallTests.Deep(WireJson.MaxDepth - 1)));
        MapValue deeper = Value.Map(("x", BadCallTests.Deep(WireJson.MaxDepth)));

        Assert.Equal(deepest, WireJson.Parse(WireJson.ToUtf8(deepest)));
        Assert.Equal("the JSON is nested deeper than 544 levels", Assert.Throws<InvalidArgumentException>(() => WireJson.ToUtf8(deeper)).Message);
        Assert.Equal(
            "the JSON is nested deeper than 544 levels",
            Assert.Throws<InvalidArgumentException>(() => WireJson.Parse(
                System.Text.Encoding.UTF8.GetBytes($"{{\"[\\\"[\":{new string('[', 544)}{new string(']', 544)}}}"))).Message);
    }
}
