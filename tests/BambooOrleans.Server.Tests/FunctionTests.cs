using System.Diagnostics;
using System.Text;
using BambooOrleans.Hosting.Wire;
using BambooOrleans.Server.Http;

namespace BambooOrleans.Server.Tests;

public class FunctionTests
{
    [Fact]
    public async Task Every_function_answers_over_http_as_in_process()
    {
        await using Served served = await Served.StartAsync();
        var dispatcher = new EngineDispatcher();
        HashSet<string> called = [];
        HashSet<bool> results = [];
        foreach ((string function, MapValue arguments) in Calls.All)
        {
            string direct = Calls.Comparable(await dispatcher.CallAsync(served.Engine, function, arguments));
            MapValue overHttp = await served.CallAsync(function, arguments);

            Assert.Equal($"{function} {arguments.ToJson()} {direct}", $"{function} {arguments.ToJson()} {Calls.Comparable(overHttp)}");
            called.Add(function);
            results.Add(overHttp["result"].IsTruthy);
        }

        Assert.Equal(EngineDispatcher.Functions.Keys.Order(), called.Order());
        Assert.Equal(2, results.Count);
    }

    [Fact]
    public async Task A_pipeline_is_submitted_paused_resumed_called_back_and_revoked()
    {
        await using Served served = await Served.StartAsync();
        await served.DoneAsync("run_pipeline", Value.Map(("pipeline", Served.Waiting("p"))));
        await served.DoneAsync("wait_until_settled", Value.Map(("root_id", "p")));
        await served.DoneAsync("pause_pipeline", Value.Map(("pipeline_id", "p"), ("operator", "ada"), ("reason", "lunch")));
        Assert.Equal("SUSPENDED", await served.StateAsync("p"));
        await served.DoneAsync("resume_pipeline", Value.Map(("pipeline_id", "p")));
        MapValue waits = await served.DoneAsync("get_waits", Value.Map(("root_id", "p")));
        string version = ((TextValue)((MapValue)((ListValue)waits["data"])[0])["version"]).Value;
        await served.DoneAsync("callback", Value.Map(("node_id", "p_wait"), ("version", version), ("data", Value.Map(("by", "ada")))));
        Assert.Equal("FINISHED", await served.StateAsync("p"));

        await served.DoneAsync("revoke_pipeline", Value.Map(("pipeline_id", "dev_waiting")));
        Assert.Equal("REVOKED", await served.StateAsync("dev_waiting"));
        await served.DoneAsync("retry_node", Value.Map(("node_id", "dev_rest"), ("data", Value.Map(("seconds", 0)))));
        Assert.Equal("FINISHED", await served.StateAsync("dev_failed"));
        Assert.Contains("lunch", (await served.CallAsync("read_journal", Value.Map(("root_id", "p")))).ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_by_path_answer_as_their_functions()
    {
        await using Served served = await Served.StartAsync();
        foreach (Read read in Read.All)
        {
            foreach (string id in new[] { read.Kind == "nodes" ? "dev_greet" : "dev_finished", "no/body ü?" })
            {
                MapValue byFunction = await served.CallAsync(read.Function, Value.Map((read.Argument, id)));
                (int status, MapValue byPath) = await served.AskAsync(HttpMethod.Get, $"/api/v1/{read.Kind}/{Uri.EscapeDataString(id)}/{read.Name}");
                Assert.Equal((200, byFunction.ToJson()), (status, byPath.ToJson()));
            }
        }

        (_, MapValue nested) = await served.AskAsync(HttpMethod.Get, "/api/v1/pipelines/dev_finished/states?flat_children=false");
        Assert.True(nested["result"].IsTruthy);
        (_, MapValue page) = await served.AskAsync(HttpMethod.Get, "/api/v1/pipelines/dev_finished/journal?limit=1");
        Assert.Single((ListValue)page["data"]);
        Assert.Equal(400, (await served.AskAsync(HttpMethod.Get, "/api/v1/pipelines/dev_finished/states?flat_children=perhaps")).Status);
        Assert.Equal(400, (await served.AskAsync(HttpMethod.Get, "/api/v1/pipelines/dev_finished/states?root_id=other")).Status);
    }

    [Fact]
    public async Task Pages_of_the_list_stay_as_they_are_while_pipelines_are_submitted()
    {
        await using Served served = await Served.StartAsync(isSeeded: false);
        for (int number = 0; number < 10; number++)
        {
            await served.DoneAsync("run_pipeline", Value.Map(("pipeline", Served.Waiting($"Pipe{number}"))));
        }

        List<string> seen = [];
        string? cursor = null;
        do
        {
            (int status, MapValue page) = await served.AskAsync(
                HttpMethod.Get, $"/api/v1/pipelines?limit=3&text=pipe{(cursor is null ? "" : $"&cursor={cursor}")}");
            Assert.Equal(200, status);
            seen.AddRange(((ListValue)page["pipelines"]).Select(item => ((TextValue)((MapValue)item)["root_id"]).Value));
            cursor = (page["next_cursor"] as TextValue)?.Value;
            await served.DoneAsync("run_pipeline", Value.Map(("pipeline", Served.Waiting($"pipe-later{seen.Count}"))));
        }
        while (cursor is not null);

        Assert.Equal(Enumerable.Range(0, 10).Reverse().Select(number => $"Pipe{number}"), seen);
        await served.DoneAsync("revoke_pipeline", Value.Map(("pipeline_id", "Pipe4")));
        (_, MapValue revoked) = await served.AskAsync(HttpMethod.Get, "/api/v1/pipelines?state=REVOKED,FAILED");
        Assert.Equal("Pipe4", ((TextValue)((MapValue)Assert.Single((ListValue)revoked["pipelines"]))["root_id"]).Value);
        foreach (string bad in new[] { "limit=0", "limit=x", "state=happy", "cursor=!", "cursor=AAAA", "created_from=soon", "other=1", "limit=1&limit=2" })
        {
            Assert.Equal((bad, 400), (bad, (await served.AskAsync(HttpMethod.Get, $"/api/v1/pipelines?{bad}")).Status));
        }
    }

    [Fact]
    public async Task Lists_have_names_and_counts_take_the_same_filters()
    {
        await using Served served = await Served.StartAsync(isSeeded: false);
        foreach ((string id, string name) in new[] { ("c1", "Nightly backup"), ("c2", "Nightly report"), ("c3", "by hand") })
        {
            await served.DoneAsync("run_pipeline", Value.Map(("pipeline", Served.Waiting(id).With("name", name))));
        }

        await served.DoneAsync("pause_pipeline", Value.Map(("pipeline_id", "c2")));
        (int status, MapValue counts) = await served.AskAsync(HttpMethod.Get, "/api/v1/pipeline_counts");
        Assert.Equal(
            (200, """{"counts":{"RUNNING":2,"SUSPENDED":1},"total":3}"""), (status, ((MapValue)counts["data"]).ToJson()));
        (_, MapValue some) = await served.AskAsync(
            HttpMethod.Get, "/api/v1/pipeline_counts?name=nightly&state=RUNNING,FINISHED&created_from=2020-01-01T00:00:00Z&text=BACK");
        Assert.Equal("""{"counts":{"RUNNING":1},"total":1}""", ((MapValue)some["data"]).ToJson());
        (_, MapValue page) = await served.AskAsync(HttpMethod.Get, "/api/v1/pipelines?name=NIGHTLY&state=SUSPENDED");
        MapValue only = (MapValue)Assert.Single((ListValue)page["pipelines"]);
        Assert.Equal(("c2", "Nightly report", "SUSPENDED"), (Text(only, "root_id"), Text(only, "name"), Text(only, "state")));
        MapValue after = await served.DoneAsync("list_pipelines", Value.Map(
            ("after", Value.Map(("created_time", only["created_time"]), ("root_id", "c2"))), ("states", Value.List("RUNNING"))));
        Assert.Equal("c1", Text((MapValue)Assert.Single((ListValue)after["data"]), "root_id"));

        foreach (string bad in new[] { "limit=1", "cursor=x", "state=happy", "created_before=soon", "name=a&name=b" })
        {
            Assert.Equal((bad, 400), (bad, (await served.AskAsync(HttpMethod.Get, $"/api/v1/pipeline_counts?{bad}")).Status));
        }
    }

    [Fact]
    public async Task A_definition_is_what_was_submitted_and_by_whom_and_the_journal_says_so_too()
    {
        await using Served served = await Served.StartAsync(Served.WithKeys, isSeeded: false);
        MapValue tree = Served.Waiting("d").With("name", "Ünïcode").With("x-unknown", Value.List(1, 2.5, Value.Null));
        MapValue data = Value.Map(("language", "en"));
        MapValue asked = Value.Map(("pipeline", tree), ("root_pipeline_data", data), ("cycle_tolerate", true), ("reason", "a try"));
        string key = Served.Keys[Security.Role.Operator].Key;
        Assert.True((await served.CallAsync("run_pipeline", asked, key))["result"].IsTruthy);

        (int status, MapValue answer) = await served.AskAsync(HttpMethod.Get, "/api/v1/pipelines/d/definition", bearer: key);
        MapValue definition = (MapValue)answer["data"];
        Assert.Equal(200, status);
        Assert.Equal(tree, definition["pipeline"]);
        Assert.Equal(("operator-key", "a try"), (Text(definition, "operator"), Text(definition, "reason")));
        Assert.Equal(Value.Map(("root_pipeline_data", data), ("cycle_tolerate", true)), definition["options"]);
        MapValue turn = (MapValue)((ListValue)(await served.CallAsync("read_journal", Value.Map(("root_id", "d")), key))["data"])[0];
        MapValue started = (MapValue)((ListValue)turn["events"])[0];
        Assert.Equal(("operator-key", "a try"), (Text(started, "operator"), Text(started, "reason")));

        MapValue forged = await served.AskAsync(
            HttpMethod.Post, "/api/v1/run_pipeline", Value.Map(("pipeline", Served.Waiting("e")), ("operator", "the boss")), key) is (403, var problem)
            ? problem
            : throw new InvalidOperationException("a forged operator was let through");
        Assert.Contains("operator-key", forged.ToJson(), StringComparison.Ordinal);
        Assert.Equal("not-found", Text(await served.CallAsync("get_pipeline_definition", Value.Map(("root_id", "d_wait")), key), "code"));
    }

    [Fact]
    public async Task Validation_tells_every_problem_with_its_place_and_stores_nothing()
    {
        await using Served served = await Served.StartAsync(isSeeded: false);
        MapValue good = Served.Tree("v", ("a", "log", Value.Map(("message", "hello"))));

        MapValue valid = await ValidateAsync(good);
        Assert.Equal(("true", "[]"), (valid["valid"].ToJson(), valid["problems"].ToJson()));
        Assert.Equal(
            [("component.unknown", "pipeline.activities.v_a.component.code", "error"), ("component.input", "pipeline.activities.v_b.component.inputs.message", "error"),
                ("component.unknown-input", "pipeline.activities.v_b.component.inputs.massage", "warning")],
            await ProblemsAsync(Served.Tree("v", ("a", "nobodys", MapValue.Empty), ("b", "log", Value.Map(("massage", "hello"))))));
        Assert.Equal([("tree.wrong-type", "pipeline", "error")], await ProblemsAsync("a text"));
        Assert.Equal([("tree.missing-member", "pipeline.id", "error")], await ProblemsAsync(MapValue.Empty));
        Assert.Equal(
            [("start-position-invalid", "start_node_id", "error")],
            Problems(await served.DoneAsync("validate_pipeline", Value.Map(("pipeline", good), ("start_node_id", "nobody")))));
        Assert.Equal(
            "already-exists",
            Assert.Single(Problems(await served.DoneAsync("validate_pipeline", Value.Map(
                ("pipeline", good.With("data", Value.Map(
                    ("inputs", Value.Map(("${k}", Value.Map(("type", "plain"), ("value", 1))))), ("outputs", ListValue.Empty)))),
                ("root_pipeline_context", Value.Map(("${k}", 2))))))).Code);
        Assert.Empty((await served.Engine.ListPipelinesAsync()).Data!);

        async Task<MapValue> ValidateAsync(Value pipeline) =>
            (MapValue)(await served.DoneAsync("validate_pipeline", Value.Map(("pipeline", pipeline))))["data"];

        async Task<IEnumerable<(string Code, string Path, string Severity)>> ProblemsAsync(Value pipeline) =>
            Problems(Value.Map(("data", await ValidateAsync(pipeline))));

        static IEnumerable<(string Code, string Path, string Severity)> Problems(MapValue answer)
        {
            MapValue data = (MapValue)answer["data"];
            Assert.False(data["valid"].IsTruthy);
            return ((ListValue)data["problems"]).Cast<MapValue>().Select(problem => (Text(problem, "code"), Text(problem, "path"), Text(problem, "severity")));
        }
    }

    [Fact]
    public async Task The_session_tells_who_asks()
    {
        await using Served served = await Served.StartAsync(Served.WithKeys, isSeeded: false);
        foreach ((Security.Role role, (_, string key)) in Served.Keys)
        {
            (int status, MapValue answer) = await served.AskAsync(HttpMethod.Get, "/api/v1/session", bearer: key);
            MapValue session = (MapValue)answer["data"];
            Assert.Equal((200, $"{role.ToString().ToLowerInvariant()}-key", role.ToString().ToLowerInvariant()), (status, Text(session, "operator"), Text(session, "role")));
            Assert.Matches(@"^\d+\.\d+\.\d+", Text(session, "version"));
            Assert.False(session["callback_tokens"].IsTruthy);
        }

        Assert.Equal(401, (await served.AskAsync(HttpMethod.Get, "/api/v1/session")).Status);
        Assert.Equal(401, (await served.AskAsync(HttpMethod.Get, "/api/v1/session", bearer: "bk_wrong")).Status);
        await using Served open = await Served.StartAsync(Served.OnFreePort with { CallbackSecret = new byte[32] }, isSeeded: false);
        (_, MapValue anybody) = await open.AskAsync(HttpMethod.Get, "/api/v1/session");
        MapValue nobody = (MapValue)anybody["data"];
        Assert.Equal(("null", "admin", "true"), (nobody["operator"].ToJson(), Text(nobody, "role"), nobody["callback_tokens"].ToJson()));
    }

    [Fact]
    public async Task Events_from_the_end_are_those_that_happen_from_now_on()
    {
        await using Served served = await Served.StartAsync();
        long end = (await served.Engine.GetJournalEndAsync()).Data;
        using var stop = new CancellationTokenSource(Served.Patience);
        using HttpResponseMessage response = await served.Http.SendAsync(
            Served.Request(HttpMethod.Get, "/api/v1/events?from=end"), HttpCompletionOption.ResponseHeadersRead, stop.Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop.Token));

        // Who is cut off now goes on from here.
        Assert.Equal($": bamboo|id: {end - 1}|", $"{await LineAsync()}|{await LineAsync()}|{await LineAsync()}");
        await served.DoneAsync("pause_pipeline", Value.Map(("pipeline_id", "dev_waiting")));
        Assert.Equal($"id: {end}", await LineAsync());
        Assert.Equal("event: turn", await LineAsync());
        Assert.Contains("pause_pipeline", await LineAsync(), StringComparison.Ordinal);
        Assert.Equal(400, (await served.AskAsync(HttpMethod.Get, "/api/v1/events?from=END")).Status);

        async Task<string> LineAsync() => await reader.ReadLineAsync(stop.Token) ?? throw new EndOfStreamException();
    }

    [Fact]
    public async Task A_batch_is_previewed_and_then_carried_out_on_as_many()
    {
        await using Served served = await Served.StartAsync();
        foreach (string id in new[] { "b1", "b2", "b3" })
        {
            await served.DoneAsync("run_pipeline", Value.Map(("pipeline", Served.Waiting(id))));
        }

        MapValue filter = Value.Map(("text", "b"), ("state", "RUNNING"));
        (int status, MapValue preview) = await served.AskAsync(
            HttpMethod.Post, "/api/v1/batch/pause_pipeline", Value.Map(("filter", filter), ("preview", true)));
        Assert.Equal((200, "3", "3"), (status, preview["count"].ToJson(), preview["accepted"].ToJson()));
        Assert.Equal("RUNNING", await served.StateAsync("b1"));

        Assert.Equal(400, (await served.AskAsync(HttpMethod.Post, "/api/v1/batch/pause_pipeline", Value.Map(("filter", filter)))).Status);
        Assert.Equal(409, (await served.AskAsync(
            HttpMethod.Post, "/api/v1/batch/pause_pipeline", Value.Map(("filter", filter), ("expected_count", 2)))).Status);
        Assert.Equal("RUNNING", await served.StateAsync("b1"));

        (_, MapValue done) = await served.AskAsync(
            HttpMethod.Post, "/api/v1/batch/pause_pipeline", Value.Map(("filter", filter), ("expected_count", 3)));
        Assert.Equal("3", done["accepted"].ToJson());
        Assert.Equal("SUSPENDED", await served.StateAsync("b3"));

        // Of a verb of nodes, a filter takes the nodes that it would move.
        (_, MapValue retried) = await served.AskAsync(HttpMethod.Post, "/api/v1/batch/retry_node", Value.Map(
            ("filter", Value.Map(("text", "dev"))), ("arguments", Value.Map(("data", Value.Map(("seconds", 0))))), ("expected_count", 1)));
        Assert.Equal("dev_rest", ((TextValue)((MapValue)Assert.Single((ListValue)retried["results"]))["id"]).Value);
        Assert.Equal("FINISHED", await served.StateAsync("dev_failed"));
        (_, MapValue refused) = await served.AskAsync(
            HttpMethod.Post, "/api/v1/batch/revoke_pipeline", Value.Map(("ids", Value.List("nobody", "b1"))));
        Assert.Equal("2", refused["count"].ToJson());
        Assert.Equal("REVOKED", await served.StateAsync("b1"));
    }

    [Fact]
    public async Task Events_are_resumed_after_the_last_one_that_was_received()
    {
        await using Served served = await Served.StartAsync();
        List<JournalTurn> turns = [];
        await foreach (JournalTurn turn in served.Engine.ReadJournalAsync())
        {
            turns.Add(turn);
        }

        using var stop = new CancellationTokenSource(Served.Patience);
        List<long> first = await ReadEventsAsync("/api/v1/events?from=2", null, 3);
        Assert.Equal(turns.Where(turn => turn.Position >= 2).Take(3).Select(turn => turn.Position), first);

        // Those that are there, and then one that is not yet.
        long[] rest = [.. turns.Select(turn => turn.Position).Where(position => position > first[^1])];
        Task<List<long>> resumed = ReadEventsAsync("/api/v1/events?from=1", first[^1], rest.Length + 1);
        await served.DoneAsync("pause_pipeline", Value.Map(("pipeline_id", "dev_waiting")));
        Assert.Equal(rest, (await resumed).Take(rest.Length));
        Assert.True((await resumed)[^1] > rest[^1]);

        List<long> ofOne = await ReadEventsAsync("/api/v1/events?root_id=dev_failed", null, 1);
        Assert.Equal(turns.First(turn => turn.RootId == "dev_failed").Position, ofOne[0]);
        using HttpRequestMessage wrong = Served.Request(HttpMethod.Get, "/api/v1/events");
        wrong.Headers.Add("Last-Event-ID", "x");
        Assert.Equal(400, (await served.AskAsync(wrong)).Status);
        Assert.Equal(400, (await served.AskAsync(HttpMethod.Get, "/api/v1/events?from=0")).Status);

        async Task<List<long>> ReadEventsAsync(string path, long? after, int count)
        {
            using HttpRequestMessage request = Served.Request(HttpMethod.Get, path);
            if (after is { } last)
            {
                request.Headers.Add("Last-Event-ID", $"{last}");
            }

            using HttpResponseMessage response = await served.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop.Token);
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(stop.Token));
            List<long> positions = [];
            while (positions.Count < count && await reader.ReadLineAsync(stop.Token) is { } line)
            {
                if (line.StartsWith("id: ", StringComparison.Ordinal))
                {
                    positions.Add(long.Parse(line[4..], System.Globalization.CultureInfo.InvariantCulture));
                    Assert.Equal("event: turn", await reader.ReadLineAsync(stop.Token));
                    string data = (await reader.ReadLineAsync(stop.Token))!["data: ".Length..];
                    Assert.Equal(positions[^1], ((IntValue)((MapValue)Value.ParseJson(data))["position"]).Value);
                }
            }

            return positions;
        }
    }

    [Fact]
    public async Task The_server_ends_although_event_streams_are_open()
    {
        Served served = await Served.StartAsync();
        using HttpResponseMessage response = await served.Http.SendAsync(
            Served.Request(HttpMethod.Get, "/api/v1/events"), HttpCompletionOption.ResponseHeadersRead);

        await served.DisposeAsync().AsTask().WaitAsync(Served.Patience);
    }

    [Fact]
    public void The_checked_in_openapi_document_is_the_one_that_is_served()
    {
        string file = Path.Combine(Served.Solution(), "docs", "openapi.json");
        string document = OpenApiDocument.Create();

        Assert.True(File.Exists(file) && File.ReadAllText(file) == document, "docs/openapi.json is not what there is; write it anew with: bamboo openapi > docs/openapi.json");
        foreach (string function in EngineDispatcher.Functions.Keys)
        {
            Assert.Contains($"\"/api/v1/{function}\"", document, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_openapi_document_is_served_and_its_references_lead_somewhere()
    {
        await using Served served = await Served.StartAsync(isSeeded: false);
        (_, MapValue document) = await served.AskAsync(HttpMethod.Get, "/api/v1/openapi.json");

        Assert.Equal(OpenApiDocument.Create(), ValueJson.ToText(document, indented: true) + "\n");
        HashSet<string> ids = [];
        foreach (Value item in ((MapValue)document["paths"]).Values)
        {
            Assert.All(((MapValue)item).Values, operation => Assert.True(ids.Add(((TextValue)((MapValue)operation)["operationId"]).Value)));
        }

        CheckReferences(document);

        void CheckReferences(Value value)
        {
            switch (value)
            {
                case MapValue map when map.TryGetValue("$ref", out Value? reference):
                    Value at = document;
                    foreach (string part in ((TextValue)reference).Value.Split('/').Skip(1))
                    {
                        at = ((MapValue)at)[part];
                    }

                    break;
                case MapValue map:
                    Assert.All(map.Values, CheckReferences);
                    break;
                case ListValue list:
                    Assert.All(list, CheckReferences);
                    break;
            }
        }
    }

    private static string Text(MapValue map, string name) => map[name] is TextValue text ? text.Value : map[name].ToJson();

    [PythonFact]
    public async Task The_python_client_answers_as_in_process()
    {
        await using Served served = await Served.StartAsync(Served.WithKeys);
        var dispatcher = new EngineDispatcher();
        MapValue fresh = Value.Map(("pipeline", Served.Waiting("from-python")));
        (string Function, MapValue Arguments)[] calls = [.. Calls.All, ("run_pipeline", fresh), ("list_pipelines", MapValue.Empty)];
        string task = Value.Map(
            ("url", served.Server.Addresses[0].ToString()),
            ("key", Served.Keys[Security.Role.Admin].Key),
            ("calls", Value.List(calls.Select(call => (Value)Value.List(call.Function, call.Arguments))))).ToJson();

        (string output, string error) = await PythonFactAttribute.RunAsync(task, "clients", "python", "tests", "calls.py");

        Assert.True(output.Length > 0, error);
        ListValue results = (ListValue)Value.ParseJson(output);
        Assert.Equal(calls.Length, results.Count);
        for (int index = 0; index < Calls.All.Count; index++)
        {
            (string function, MapValue arguments) = calls[index];
            MapValue direct = await dispatcher.CallAsync(served.Engine, function, arguments);
            MapValue result = (MapValue)results[index];
            bool isDryRun = direct["data"] is MapValue data && data.ContainsKey("dry_run");

            // The one that was submitted last has changed these.
            if (function is not ("list_pipelines" or "count_pipelines" or "get_journal_end"))
            {
                Assert.Equal(Text(function, direct, isDryRun), Text(function, result, isDryRun));
            }
        }

        Assert.True(((MapValue)results[^2])["result"].IsTruthy);
        Assert.Contains("from-python", results[^1].ToJson(), StringComparison.Ordinal);

        static string Text(string function, MapValue answer, bool isDryRun) =>
            $"{function} {answer["result"]} {answer["message"]} {answer["code"]} {(isDryRun ? "" : answer["data"].ToJson())}";
    }

    [PythonFact]
    public async Task The_python_clients_own_tests_pass()
    {
        (_, string report) = await PythonFactAttribute.RunAsync("", "clients", "python", "tests", "test_api.py");

        Assert.EndsWith("OK", report.TrimEnd(), StringComparison.Ordinal);
    }
}

/// <summary>A test that needs a Python of at least 3.8 as <c>python3</c>.</summary>
public sealed class PythonFactAttribute : FactAttribute
{
    public PythonFactAttribute()
    {
        try
        {
            using Process python = Start(["-c", "import sys; sys.exit(sys.version_info < (3, 8))"]);
            python.WaitForExit();
            Skip = python.ExitCode == 0 ? null : "python3 is older than 3.8";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Skip = "there is no python3";
        }
    }

    public static async Task<(string Output, string Error)> RunAsync(string input, params string[] file)
    {
        using Process python = Start(["-B", Path.Combine([Served.Solution(), .. file])]);
        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        Task<string> output = python.StandardOutput.ReadToEndAsync(stop.Token);
        Task<string> error = python.StandardError.ReadToEndAsync(stop.Token);
        await python.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(input), stop.Token);
        python.StandardInput.Close();
        await python.WaitForExitAsync(stop.Token);
        return (await output, await error);
    }

    private static Process Start(string[] arguments) => Process.Start(new ProcessStartInfo("python3", arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
