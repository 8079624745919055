using System.Net;
using System.Net.Sockets;
using System.Text;

namespace BambooOrleans.Cli.Tests;

/// <summary>Every pipeline in examples/ runs to the end that its page tells of.</summary>
public sealed class ExampleTests : IDisposable
{
    private readonly Bamboo _bamboo = new();

    public void Dispose() => _bamboo.Dispose();

    [Fact]
    public void Every_example_is_run_by_a_test() => Assert.Equal(
        ["approval.json", "deploy.json", "loop.json", "nested.json", "notify.json", "polling-job.json"],
        Directory.GetFiles(Bamboo.Examples, "*.json").Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Deploy_rolls_out_to_every_region()
    {
        Output output = await _bamboo.OnDatabaseAsync("run", Bamboo.Example("deploy.json"), "--json");

        output.IsOf(0);
        Assert.Equal(
            Value.List("shop 1.4.2 is live in eu", "shop 1.4.2 is live in us", "shop 1.4.2 is live in ap"),
            output.At("outputs", "${summary}"));
        Assert.Equal("FINISHED", output.At("states", "deploy", "children", "all_regions", "state"));
    }

    [Theory]
    [InlineData("yes", "shop was released by ada")]
    [InlineData("no", "shop was turned down by ada")]
    public async Task Approval_waits_for_a_callback_and_goes_where_it_says(string decision, string verdict)
    {
        Output waiting = await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"), "--json");
        waiting.IsOf(3);
        var node = (MapValue)((ListValue)waiting.At("waiting"))[0];
        Assert.Equal("approve", node["node_id"]);

        Output done = await _bamboo.OnDatabaseAsync(
            "callback", "approve", ((TextValue)node["version"]).Value, $$"""{"decision": "{{decision}}", "by": "ada"}""", "--json");

        done.IsOf(0);
        Assert.Equal(verdict, done.At("outputs", "${verdict}"));
    }

    [Fact]
    public async Task Polling_job_asks_until_the_job_is_done()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var stop = new CancellationTokenSource();
        Task serving = ServeAsync(listener, ["busy", "busy", "done"], stop.Token);

        Output output = await _bamboo.OnDatabaseAsync(
            "run", Bamboo.Example("polling-job.json"), "--allow-private-addresses", "--json", "--context",
            $$"""{"job_url": "http://127.0.0.1:{{((IPEndPoint)listener.LocalEndpoint).Port}}/"}""");

        output.IsOf(0);
        Assert.Equal("the job is done after 3 requests", output.At("outputs", "${text}"));
        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task Polling_job_may_not_ask_this_machine_unless_allowed()
    {
        Output output = await _bamboo.OnDatabaseAsync(
            "run", Bamboo.Example("polling-job.json"), "--context", """{"job_url": "http://127.0.0.1:9/"}""");

        output.IsOf(1);
        Assert.Contains("not a public one", output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Loop_processes_every_item()
    {
        Output output = await _bamboo.OnDatabaseAsync("run", Bamboo.Example("loop.json"), "--cycle-tolerate", "--json");

        output.IsOf(0);
        Assert.Equal("apples;pears;plums;", output.At("outputs", "${done}"));
        Assert.Equal(3, output.At("states", "loop", "children", "process", "loop"));
    }

    [Fact]
    public async Task Nested_hands_an_order_down_and_a_parcel_up()
    {
        Output output = await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"), "--json");

        output.IsOf(0);
        Assert.Equal("a parcel with 3 books to Ada", output.At("outputs", "${shipment}"));
        Assert.Equal("FINISHED", output.At("states", "order", "children", "pack", "state"));
    }

    [Fact]
    public async Task Notify_takes_the_branches_that_the_severity_asks_for()
    {
        Output output = await _bamboo.OnDatabaseAsync("run", Bamboo.Example("notify.json"), "--json");

        output.IsOf(0);
        var children = (MapValue)output.At("states", "notify", "children");
        Assert.True(children.ContainsKey("mail"));
        Assert.True(children.ContainsKey("chat"));
        Assert.False(children.ContainsKey("phone"));
        Assert.Equal(3, ((MapValue)children["archive"])["loop"]);
        Assert.Equal(true, ((MapValue)children["cleanup"])["error_ignored"]);
    }

    private static async Task ServeAsync(TcpListener listener, string[] states, CancellationToken cancellationToken)
    {
        try
        {
            for (int asked = 0; ; asked++)
            {
                using TcpClient client = await listener.AcceptTcpClientAsync(cancellationToken);
                NetworkStream stream = client.GetStream();
                await stream.ReadAtLeastAsync(new byte[4096], 1, cancellationToken: cancellationToken);
                string body = $$$"""{"job": {"state": "{{{states[Math.Min(asked, states.Length - 1)]}}}"}}""";
                await stream.WriteAsync(
                    Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"),
                    cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
