using BambooOrleans.Building;

namespace BambooOrleans.Cli.Tests;

public sealed class ControlCommandTests : IDisposable
{
    private readonly Bamboo _bamboo = new();

    public void Dispose() => _bamboo.Dispose();

    [Fact]
    public async Task A_paused_pipeline_stands_until_it_is_resumed()
    {
        await RunWaitingAsync();

        Output paused = await _bamboo.OnDatabaseAsync("pause", "p", "--json");
        paused.IsOf(0);
        Assert.Equal("SUSPENDED", paused.At("state"));
        (await _bamboo.OnDatabaseAsync("callback", "w", "{}")).IsOf(3);
        Output resumed = await _bamboo.OnDatabaseAsync("resume", "p", "--json");

        resumed.IsOf(0);
        Assert.Equal("FINISHED", resumed.At("state"));
    }

    [Fact]
    public async Task A_paused_pipeline_is_told_with_the_command_that_goes_on()
    {
        await RunWaitingAsync();
        (await _bamboo.OnDatabaseAsync("pause", "p")).IsOf(0);

        Output why = await _bamboo.OnDatabaseAsync("why", "p");
        Output called = await _bamboo.OnDatabaseAsync("callback", "w", "{}");

        Assert.Contains($"bamboo resume p --db {_bamboo.Database}", why.Text, StringComparison.Ordinal);
        Assert.Contains($"bamboo resume p --db {_bamboo.Database}", called.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_resume_at_a_time_leaves_the_pipeline_paused_until_then_and_can_be_taken_back()
    {
        await RunWaitingAsync();
        (await _bamboo.OnDatabaseAsync("node", "pause", "z")).IsOf(0);
        (await _bamboo.OnDatabaseAsync("callback", "w", "{}")).IsOf(3);

        (await _bamboo.OnDatabaseAsync("node", "resume", "z", "--at", "2999-01-01T08:00Z")).IsOf(0);
        Output appointed = await _bamboo.OnDatabaseAsync("why", "p");
        (await _bamboo.OnDatabaseAsync("node", "resume", "z", "--cancel")).IsOf(0);
        Output taken = await _bamboo.OnDatabaseAsync("why", "p");

        Assert.Contains("until 2999-01-01T08:00:00", appointed.Text, StringComparison.Ordinal);
        Assert.Contains("bamboo node resume z --cancel", appointed.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("2999", taken.Text, StringComparison.Ordinal);
        (await _bamboo.OnDatabaseAsync("node", "resume", "z")).IsOf(0);
    }

    [Theory]
    [InlineData("journal", "--follow")]
    [InlineData("run", "--resume")]
    public async Task A_paused_pipeline_goes_on_by_itself_when_the_time_has_come(params string[] command)
    {
        await RunWaitingAsync();
        (await _bamboo.OnDatabaseAsync("pause", "p")).IsOf(0);
        (await _bamboo.OnDatabaseAsync("callback", "w", "{}")).IsOf(3);

        (await _bamboo.OnDatabaseAsync("resume", "p", "--at", "+1s")).IsOf(0);

        (await _bamboo.OnDatabaseAsync(command)).IsOf(0);
        Assert.Equal("FINISHED", (await _bamboo.OnDatabaseAsync("show", "p", "--json")).At("state"));
    }

    [Fact]
    public async Task A_revoked_pipeline_goes_nowhere()
    {
        await RunWaitingAsync();

        Output revoked = await _bamboo.OnDatabaseAsync("revoke", "p", "--json");
        Output again = await _bamboo.OnDatabaseAsync("revoke", "p", "--json");

        revoked.IsOf(0);
        Assert.Equal("REVOKED", revoked.At("state"));
        again.IsOf(2);
        Assert.Equal(false, again.At("result"));
    }

    [Fact]
    public async Task A_callback_takes_the_current_version_where_none_is_named()
    {
        await RunWaitingAsync();

        Output stale = await _bamboo.OnDatabaseAsync("node", "callback", "w", "v0", "{}", "--json");
        Output called = await _bamboo.OnDatabaseAsync("node", "callback", "w", """{"by": "ada"}""", "--json");

        stale.IsOf(2);
        Assert.Equal("not-found", stale.At("code"));
        called.IsOf(0);
    }

    [Fact]
    public async Task A_running_node_is_made_to_fail_with_a_message()
    {
        await RunWaitingAsync();

        Output failed = await _bamboo.OnDatabaseAsync("node", "fail", "w", "nobody answers", "--json");

        failed.IsOf(0);
        Assert.Equal("FAILED", failed.At("state"));
        Output data = await _bamboo.OnDatabaseAsync("data", "w", "--json");
        Assert.Contains("nobody answers", data.At("execution_data", "outputs", "ex_data").ToJson(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Outputs_of_a_failed_node_are_what_a_skip_leaves_it_with()
    {
        await RunFailingAsync();

        (await _bamboo.OnDatabaseAsync("node", "outputs", "a", """{"answer": 42}""")).IsOf(0);
        (await _bamboo.OnDatabaseAsync("node", "skip", "a")).IsOf(0);

        Assert.Equal(42, (await _bamboo.OnDatabaseAsync("data", "a", "--json")).At("execution_data", "outputs", "answer"));
    }

    [Fact]
    public async Task A_failed_node_is_retried_and_its_first_attempt_is_in_the_history()
    {
        await RunFailingAsync();

        (await _bamboo.OnDatabaseAsync("node", "retry", "a", "--data", """{"seconds": 0}""")).IsOf(0);

        Output history = await _bamboo.OnDatabaseAsync("history", "a", "--json");
        var entry = (MapValue)Assert.Single((ListValue)history.At("histories"));
        Assert.Equal(-1, ((MapValue)entry["inputs"])["seconds"]);
        Assert.Empty((ListValue)(await _bamboo.OnDatabaseAsync("history", "a", "--loop", "2", "--json")).At("histories"));
        Assert.Contains("loop 1 retry 0", (await _bamboo.OnDatabaseAsync("history", "a")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_exclusive_gateway_is_skipped_along_the_flow_that_is_named()
    {
        string[] flows = await RunFailingGatewayAsync(new ExclusiveGateway("g"));

        Output none = await _bamboo.OnDatabaseAsync("node", "skip", "g", "--json");
        Output two = await _bamboo.OnDatabaseAsync("node", "skip", "g", "--flow", flows[0], "--flow", flows[1], "--json");
        Output why = await _bamboo.OnDatabaseAsync("why", "p");
        Output one = await _bamboo.OnDatabaseAsync("node", "skip", "g", "--flow", flows[1], "--json");

        none.IsOf(2);
        Assert.Equal("--flow", none.At("path"));
        two.IsOf(2);
        Assert.Contains($"bamboo node skip g --flow {flows[1]} --db", why.Text, StringComparison.Ordinal);
        one.IsOf(0);
        Assert.Equal("FINISHED", one.At("states", "p", "children", "y", "state"));
        Assert.DoesNotContain("x", ((MapValue)one.At("states", "p", "children")).Keys);
    }

    [Fact]
    public async Task A_failed_conditional_parallel_gateway_is_skipped_along_several_flows()
    {
        string[] flows = await RunFailingGatewayAsync(new ConditionalParallelGateway("g"));

        Output output = await _bamboo.OnDatabaseAsync("node", "skip", "g", "--flow", flows[0], "--flow", flows[1], "--json");

        output.IsOf(0);
        Assert.Equal("FINISHED", output.At("states", "p", "children", "x", "state"));
        Assert.Equal("FINISHED", output.At("states", "p", "children", "y", "state"));
    }

    [Fact]
    public async Task Only_gateways_are_skipped_along_flows()
    {
        await RunFailingAsync();

        Output output = await _bamboo.OnDatabaseAsync("node", "skip", "a", "--flow", "f", "--json");

        output.IsOf(2);
        Assert.Equal("invalid-argument", output.At("code"));
    }

    [Fact]
    public async Task A_context_value_is_replaced_and_a_key_that_is_not_there_is_refused()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);

        Output set = await _bamboo.OnDatabaseAsync("context", "set", "approval", "service=\"bakery\"");
        Output unknown = await _bamboo.OnDatabaseAsync("context", "set", "approval", "servise=1", "--json");

        set.IsOf(0);
        unknown.IsOf(2);
        Assert.Equal("${servise}", unknown.At("path"));
        Assert.Equal("bakery", (await _bamboo.OnDatabaseAsync("show", "approval", "--json")).At("context", "${service}"));
    }

    [Fact]
    public async Task A_subprocess_that_failed_to_be_entered_is_entered_again()
    {
        string file = _bamboo.Write("p.json", (await File.ReadAllTextAsync(Bamboo.Example("nested.json")))
            .Replace("\"value\": \"${order}\"", "\"value\": \"${'x' * 10**9}\"", StringComparison.Ordinal));
        Output run = await _bamboo.OnDatabaseAsync("run", file, "--id", "p");
        run.IsOf(1);
        Assert.DoesNotContain("bamboo skip", run.Text, StringComparison.Ordinal);

        await TryAsync("subprocess", "retry", "warehouse_p");
        (await _bamboo.OnDatabaseAsync("subprocess", "retry", "warehouse_p")).IsOf(1);
        Output mended = await _bamboo.OnDatabaseAsync(
            "node", "retry", "warehouse_p", "--data", """{"${order}": {"item": "books", "count": 3}}""", "--json");

        mended.IsOf(0);
        Assert.Equal(2, mended.At("states", "p", "children", "warehouse_p", "retry"));
    }

    [Fact]
    public async Task A_subprocess_that_did_not_fail_to_be_entered_is_not_retried()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);

        (await _bamboo.OnDatabaseAsync("subprocess", "retry", "pack")).IsOf(2);
    }

    [Theory]
    [InlineData("pause", "p")]
    [InlineData("revoke", "p")]
    [InlineData("node", "pause", "z")]
    [InlineData("node", "fail", "w")]
    [InlineData("node", "callback", "w", "{}")]
    public async Task A_dry_run_tells_what_it_would_cause_and_changes_nothing(params string[] command)
    {
        await RunWaitingAsync();

        await TryAsync(command);
    }

    [Theory]
    [InlineData("node", "retry", "a")]
    [InlineData("node", "skip", "a")]
    [InlineData("node", "outputs", "a", "{\"answer\": 42}")]
    public async Task A_dry_run_on_a_failed_node_changes_nothing(params string[] command)
    {
        await RunFailingAsync();

        await TryAsync(command);
    }

    [Fact]
    public async Task A_dry_run_of_what_ends_a_pause_changes_nothing()
    {
        await RunWaitingAsync();
        (await _bamboo.OnDatabaseAsync("pause", "p")).IsOf(0);

        await TryAsync("resume", "p");
        await TryAsync("resume", "p", "--at", "+10m");
    }

    [Fact]
    public async Task A_dry_run_of_what_ends_a_nodes_pause_changes_nothing()
    {
        await RunWaitingAsync();
        (await _bamboo.OnDatabaseAsync("node", "pause", "z")).IsOf(0);
        (await _bamboo.OnDatabaseAsync("node", "callback", "w", "{}")).IsOf(3);

        await TryAsync("node", "resume", "z");
    }

    [Fact]
    public async Task A_dry_run_of_a_context_value_changes_nothing()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"), "--id", "p")).IsOf(3);

        await TryAsync("context", "set", "p", "service=1");
    }

    [Fact]
    public async Task A_dry_run_names_the_component_that_would_run()
    {
        await RunFailingAsync();

        Output output = await _bamboo.OnDatabaseAsync("node", "skip", "a", "--dry-run");

        output.IsOf(0);
        Assert.StartsWith("dry run: nothing was changed", output.Text, StringComparison.Ordinal);
        Assert.Contains("node-skipped", output.Text, StringComparison.Ordinal);
        Assert.Contains("run the component assign of b", output.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pause", "p")]
    [InlineData("resume", "p")]
    [InlineData("revoke", "p")]
    [InlineData("node", "pause", "p")]
    [InlineData("node", "resume", "p")]
    [InlineData("node", "fail", "p")]
    [InlineData("node", "retry", "p")]
    [InlineData("node", "skip", "p")]
    [InlineData("node", "callback", "p", "{}")]
    [InlineData("node", "outputs", "p", "{}")]
    [InlineData("subprocess", "retry", "p")]
    [InlineData("context", "set", "p", "x=1")]
    [InlineData("history", "p")]
    [InlineData("data", "p")]
    [InlineData("journal", "p")]
    [InlineData("why", "p")]
    public async Task What_names_nothing_that_is_there_is_refused(params string[] command)
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);

        Output output = await _bamboo.OnDatabaseAsync([.. command, "--json"]);

        output.IsOf(2);
        Assert.Equal("not-found", output.At("code"));
    }

    [Fact]
    public async Task An_unexpected_version_is_refused()
    {
        await RunWaitingAsync();

        Output output = await _bamboo.OnDatabaseAsync("node", "fail", "w", "--expect-version", "v0", "--json");

        output.IsOf(2);
        Assert.Equal("state-version-mismatch", output.At("code"));
    }

    [Fact]
    public async Task Who_asked_and_why_stands_in_the_journal()
    {
        await RunWaitingAsync();

        (await _bamboo.OnDatabaseAsync("pause", "p", "--reason", "the shop is closed", "--operator", "ada")).IsOf(0);

        Output journal = await _bamboo.OnDatabaseAsync("journal", "p");
        Assert.Contains("operator=ada reason=\"the shop is closed\"", journal.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("+")]
    [InlineData("+10")]
    [InlineData("+999999999d")]
    [InlineData("2030-13-01")]
    public async Task What_is_no_time_is_refused(string time)
    {
        Output output = await _bamboo.OnDatabaseAsync("resume", "p", "--at", time, "--json");

        output.IsOf(2);
        Assert.Equal("--at", output.At("path"));
    }

    private async Task TryAsync(params string[] command)
    {
        Output before = await _bamboo.OnDatabaseAsync("show", "p", "--json");

        Output tried = await _bamboo.OnDatabaseAsync([.. command, "--dry-run", "--json"]);

        tried.IsOf(0);
        Assert.Equal(true, tried.At("dry_run"));
        Assert.NotEmpty((ListValue)tried.At("facts"));
        Assert.Equal(before.Json, (await _bamboo.OnDatabaseAsync("show", "p", "--json")).Json);
    }

    private async Task RunWaitingAsync()
    {
        string file = _bamboo.Write("p.json", RunCommandTests.Tree(
            new ServiceActivity("wait_callback", "w"), new ServiceActivity("assign", "z")));
        (await _bamboo.OnDatabaseAsync("run", file)).IsOf(3);
    }

    private async Task RunFailingAsync()
    {
        string file = _bamboo.Write("p.json", RunCommandTests.Tree(
            new ServiceActivity("sleep", "a") { Inputs = { { "seconds", -1 } } }, new ServiceActivity("assign", "b")));
        (await _bamboo.OnDatabaseAsync("run", file)).IsOf(1);
    }

    /// <summary>Runs a pipeline whose gateway fails as no condition holds, and gives the gateway's flows.</summary>
    private async Task<string[]> RunFailingGatewayAsync<TGateway>(TGateway gateway)
        where TGateway : ConditionGateway
    {
        var x = new ServiceActivity("assign", "x");
        var y = new ServiceActivity("assign", "y");
        var start = new EmptyStartEvent("s");
        start.Extend(gateway.When("1 == 2", x).When("2 == 3", y)).Converge(new ConvergeGateway("c")).Extend(new EmptyEndEvent("e"));
        Pipelines.PipelineTree tree = PipelineBuilder.BuildTree(start, id: "p");
        (await _bamboo.OnDatabaseAsync("run", _bamboo.Write("p.json", tree.ToJson()))).IsOf(1);
        return [.. tree.Gateways["g"].Outgoing];
    }
}
