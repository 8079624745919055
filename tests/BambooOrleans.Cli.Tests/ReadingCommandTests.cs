namespace BambooOrleans.Cli.Tests;

public sealed class ReadingCommandTests : IDisposable
{
    private readonly Bamboo _bamboo = new();

    public void Dispose() => _bamboo.Dispose();

    [Fact]
    public async Task Data_tells_inputs_as_written_and_as_executed()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);

        Output json = await _bamboo.OnDatabaseAsync("data", "request", "--json");
        Output text = await _bamboo.OnDatabaseAsync("data", "request");

        json.IsOf(0);
        Assert.Equal("please approve the release of ${service}", json.At("data", "inputs", "message", "value"));
        Assert.Equal("please approve the release of shop", json.At("execution_data", "inputs", "message"));
        Assert.Contains("message = \"please approve the release of shop\"", text.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_of_a_node_that_has_not_been_reached_has_no_execution()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);

        Output json = await _bamboo.OnDatabaseAsync("data", "release", "--json");

        json.IsOf(0);
        Assert.Equal(Value.Null, json.At("execution_data"));
    }

    [Fact]
    public async Task The_journal_has_a_line_for_each_fact_from_a_position_on()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);

        Output all = await _bamboo.OnDatabaseAsync("journal", "--json");
        Output tail = await _bamboo.OnDatabaseAsync("journal", "order", "--from", "5", "--json");
        Output one = await _bamboo.OnDatabaseAsync("journal", "wrap");

        all.IsOf(0);
        Assert.Equal("pipeline-started", Facts(all)[0]["fact"]);
        Assert.Equal(Facts(all).Where(fact => Position(fact) >= 5), Facts(tail));
        Assert.Contains(" wrap node-started ", one.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(" pick ", one.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Following_the_journal_has_everything_once_and_ends_when_the_pipeline_has_settled()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);

        Output read = await _bamboo.OnDatabaseAsync("journal");
        Output followed = await _bamboo.OnDatabaseAsync("journal", "--follow");

        followed.IsOf(0);
        Assert.Equal(read.Text, followed.Text);
    }

    [Fact]
    public async Task Why_tells_what_a_token_waits_for_and_a_command_that_moves_it()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);

        Output json = await _bamboo.OnDatabaseAsync("why", "approval", "--json");
        Output text = await _bamboo.OnDatabaseAsync("why", "approve");
        Output elsewhere = await _bamboo.OnDatabaseAsync("why", "release");

        var wait = (MapValue)Assert.Single((ListValue)json.At("waits"));
        Assert.Equal("Callback", wait["kind"]);
        string version = ((TextValue)wait["version"]).Value;
        Assert.Contains("waits for a callback", text.Text, StringComparison.Ordinal);
        Assert.Contains($"  bamboo node callback approve {version} '{{\"result\": true}}' --db", text.Text, StringComparison.Ordinal);
        Assert.Contains("no token stands at release", elsewhere.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Why_says_of_a_finished_pipeline_that_no_token_is_left()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);

        Output text = await _bamboo.OnDatabaseAsync("why", "order");

        text.IsOf(0);
        Assert.Contains("order is FINISHED: no token is left in it", text.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Show_tells_the_waits_of_an_unfinished_pipeline()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);

        Output json = await _bamboo.OnDatabaseAsync("show", "approval", "--json");

        Assert.Equal("approve", ((MapValue)Assert.Single((ListValue)json.At("waits")))["node_id"]);
    }

    [Fact]
    public async Task A_preview_renders_the_inputs_of_a_node_without_a_database()
    {
        Output output = await Bamboo.RunAsync(["preview", Bamboo.Example("approval.json"), "request", "--json"]);

        output.IsOf(0);
        Assert.Equal("please approve the release of shop", output.At("inputs", "message"));
    }

    [Fact]
    public async Task A_preview_enters_the_subprocesses_around_the_node()
    {
        Output inside = await Bamboo.RunAsync(["preview", Bamboo.Example("nested.json"), "wrap", "--stack", "warehouse", "--stack", "pack", "--json"]);
        Output outside = await Bamboo.RunAsync(["preview", Bamboo.Example("nested.json"), "wrap", "--json"]);

        inside.IsOf(0);
        outside.IsOf(2);
    }

    private static MapValue[] Facts(Output output) =>
        [.. output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => (MapValue)Value.ParseJson(line))];

    private static long Position(MapValue fact) => (long)((IntValue)fact["position"]).Value;
}
