using System.Collections.Concurrent;
using System.Net;
using System.Text;
using BambooOrleans.Cli;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace BambooOrleans.Server.Tests;

/// <summary><c>bamboo serve</c> before a collector that keeps what it is sent.</summary>
[Collection(nameof(TelemetryTests))]
[CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true)]
public class TelemetryTests
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Span = "b7ad6b7169203331";

    [Fact]
    public async Task What_a_caller_has_done_over_HTTP_arrives_at_the_collector_in_the_callers_trace()
    {
        await using Collector collector = await Collector.StartAsync();
        using var database = new TemporaryDirectory();
        using var output = new SharedWriter();
        using var error = new SharedWriter();
        using var stop = new CancellationTokenSource();
        Task<int> serving = BambooCli.RunAsync(
            [
                "serve", "--json", "--db", database.File("served.db"), "--listen", "127.0.0.1:0",
                "--otlp", collector.Address, "--otlp-protocol", "http/protobuf", "--log-json", "--log-level", "information",
            ],
            new CliTerminal { Out = output, Error = error, In = TextReader.Null },
            stop.Token);
        string line = await output.FirstLineAsync().WaitAsync(Served.Patience);
        using var http = new HttpClient { BaseAddress = new Uri(((TextValue)((ListValue)((MapValue)Value.ParseJson(line))["addresses"])[0]).Value), Timeout = Served.Patience };

        using (HttpRequestMessage submission = Served.Request(HttpMethod.Post, "api/v1/run_pipeline", Value.Map(("pipeline", Pipeline))))
        {
            submission.Headers.Add("traceparent", $"00-{Trace}-{Span}-01");
            using HttpResponseMessage answer = await http.SendAsync(submission);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Contains("\"result\":true", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using (HttpRequestMessage wait = Served.Request(HttpMethod.Post, "api/v1/wait_until_settled", Value.Map(("root_id", "traced"))))
        using (await http.SendAsync(wait))
        {
        }

        await stop.CancelAsync();
        Assert.Equal(0, await serving.WaitAsync(Served.Patience));

        // The bytes of the trace's id, as protobuf has them, in the same message as the names of spans.
        byte[] trace = Convert.FromHexString(Trace);
        string[] names = ["run_pipeline", "ServiceActivity sleep", "execute sleep", "EmptyStartEvent"];
        byte[] spans = [.. collector.Bodies("/v1/traces").SelectMany(body => body)];
        Assert.True(Count(spans, trace) >= names.Length, $"the trace came {Count(spans, trace)} times");
        Assert.All(names, name => Assert.True(Count(spans, Encoding.UTF8.GetBytes(name)) > 0, $"{name} did not come"));
        Assert.True(Count(spans, Convert.FromHexString(Span)) > 0, "the caller's span is nobody's parent");
        byte[] metrics = [.. collector.Bodies("/v1/metrics").SelectMany(body => body)];
        Assert.All(
            ["bamboo.node.attempts", "bamboo.commit.duration", "engine_node_execute_time", "engine_process_running_time", "http.server.request.duration"],
            (string name) => Assert.True(Count(metrics, Encoding.UTF8.GetBytes(name)) > 0, $"{name} did not come"));
        MapValue[] log = [.. error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(text => (MapValue)Value.ParseJson(text))];
        MapValue opened = Assert.Single(log, entry => entry["event"].Equals((Value)"Opened"));
        Assert.Equal("0", ((MapValue)opened["fields"])["Unfinished"]);
        MapValue failed = Assert.Single(log, entry => entry["event"].Equals((Value)"NodeFailed"));
        Assert.Equal(("traced", "bad"), (((TextValue)((MapValue)failed["fields"])["Pipeline"]).Value, ((TextValue)((MapValue)failed["fields"])["Node"]).Value));
    }

    [Fact]
    public async Task A_traceparent_is_kept_with_the_pipeline_also_where_nothing_is_traced()
    {
        await using Served served = await Served.StartAsync(isSeeded: false);
        using HttpRequestMessage submission = Served.Request(HttpMethod.Post, "api/v1/run_pipeline", Value.Map(("pipeline", Pipeline)));
        submission.Headers.Add("traceparent", $"00-{Trace}-{Span}-01");
        using HttpResponseMessage answer = await served.Http.SendAsync(submission);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Storage.PipelineExport export = await ((Embedded.EmbeddedEngine)served.Engine).ExportAsync("traced");
        Assert.Contains($"00-{Trace}-{Span}-01", Encoding.UTF8.GetString(export.Stored.Options.Span), StringComparison.Ordinal);
    }

    private static MapValue Pipeline => (MapValue)Value.ParseJson("""
        {
          "id": "traced",
          "start_event": {"id": "s", "type": "EmptyStartEvent", "incoming": "", "outgoing": "f1"},
          "end_event": {"id": "e", "type": "EmptyEndEvent", "incoming": ["f3"], "outgoing": ""},
          "activities": {
            "well": {
              "id": "well", "type": "ServiceActivity", "incoming": ["f1"], "outgoing": "f2",
              "component": {"code": "sleep", "inputs": {"seconds": {"type": "plain", "value": 0}}}
            },
            "bad": {
              "id": "bad", "type": "ServiceActivity", "incoming": ["f2"], "outgoing": "f3",
              "component": {"code": "sleep", "inputs": {"seconds": {"type": "plain", "value": "no number"}}}
            }
          },
          "gateways": {},
          "flows": {
            "f1": {"id": "f1", "source": "s", "target": "well"},
            "f2": {"id": "f2", "source": "well", "target": "bad"},
            "f3": {"id": "f3", "source": "bad", "target": "e"}
          },
          "data": {"inputs": {}, "outputs": []}
        }
        """);

    private static int Count(ReadOnlySpan<byte> text, ReadOnlySpan<byte> part)
    {
        int count = 0;
        for (int at = text.IndexOf(part); at >= 0; at = text.IndexOf(part))
        {
            count++;
            text = text[(at + part.Length)..];
        }

        return count;
    }

    private sealed class Collector : IAsyncDisposable
    {
        private readonly ConcurrentQueue<(string Path, byte[] Body)> _requests = new();
        private readonly WebApplication _application;

        private Collector()
        {
            WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
            _application = builder.Build();
            _application.Run(async context =>
            {
                using var body = new MemoryStream();
                await context.Request.Body.CopyToAsync(body);
                _requests.Enqueue((context.Request.Path, body.ToArray()));
                context.Response.ContentType = "application/x-protobuf";
            });
        }

        public string Address => _application.Urls.First();

        public static async Task<Collector> StartAsync()
        {
            var collector = new Collector();
            await collector._application.StartAsync();
            return collector;
        }

        public IEnumerable<byte[]> Bodies(string path) => _requests.Where(request => request.Path == path).Select(request => request.Body);

        public ValueTask DisposeAsync() => _application.DisposeAsync();
    }

    private sealed class TemporaryDirectory : IDisposable
    {
        private readonly string _path = Directory.CreateTempSubdirectory("bamboo-").FullName;

        public string File(string name) => Path.Combine(_path, name);

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }

    /// <summary>Written by the server's threads, and read by the test's.</summary>
    private sealed class SharedWriter : StringWriter
    {
        private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock _lock = new();

        public Task<string> FirstLineAsync() => _first.Task;

        public override void WriteLine(string? value)
        {
            lock (_lock)
            {
                base.WriteLine(value);
                _first.TrySetResult(value ?? "");
            }
        }

        public override string ToString()
        {
            lock (_lock)
            {
                return base.ToString();
            }
        }
    }
}
