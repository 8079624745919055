using System.Text.RegularExpressions;
using BambooOrleans.Building;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Cli.Tests;

public sealed class RunCommandTests : IDisposable
{
    private readonly Bamboo _bamboo = new();

    public void Dispose() => _bamboo.Dispose();

    [Fact]
    public async Task Progress_is_told_in_lines_and_ends_with_state_and_outputs()
    {
        Output output = await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"));

        output.IsOf(0);
        Assert.Matches(new Regex(@"^\d\d:\d\d:\d\d wrap \(Wrap\) FINISHED \d+\.\d s\r?$", RegexOptions.Multiline), output.Text);
        Assert.Matches(new Regex(@"^\d\d:\d\d:\d\d accept: an order of Ada", RegexOptions.Multiline), output.Text);
        Assert.Matches(new Regex(@"^order FINISHED \d+\.\d s\r?$", RegexOptions.Multiline), output.Text);
        Assert.Contains("  ${shipment} = \"a parcel with 3 books to Ada\"", output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_node_is_told_with_its_reason_and_what_to_do()
    {
        string file = _bamboo.Write("p.json", Tree(new ServiceActivity("sleep", "a") { Inputs = { { "seconds", "soon" } } }));

        Output output = await _bamboo.OnDatabaseAsync("run", file);

        output.IsOf(1);
        Assert.Contains("a FAILED: the input \"seconds\" must be a number", output.Text, StringComparison.Ordinal);
        Assert.Contains($"bamboo retry a --db {_bamboo.Database}", output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failed_node_is_in_the_document_too()
    {
        string file = _bamboo.Write("p.json", Tree(new ServiceActivity("sleep", "a") { Inputs = { { "seconds", -1 } } }));

        Output output = await _bamboo.OnDatabaseAsync("run", file, "--json");

        output.IsOf(1);
        Assert.Equal("failed", output.At("outcome"));
        Assert.Equal("a", ((MapValue)((ListValue)output.At("failed"))[0])["node_id"]);
    }

    [Fact]
    public async Task What_waits_is_told_with_the_command_that_goes_on()
    {
        Output output = await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"));

        output.IsOf(3);
        Match command = Regex.Match(output.Text, "  bamboo (callback approve [^ ]+) '(.*)' --db (.*)");
        Assert.True(command.Success, output.Text);
        Output called = await Bamboo.RunAsync(
            [.. command.Groups[1].Value.Split(' '), """{"decision": "yes", "by": "ada"}""", "--db", command.Groups[3].Value.Trim()]);
        called.IsOf(0);
    }

    [Fact]
    public async Task A_file_can_be_run_again_under_other_ids()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);

        Output again = await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"), "--json");

        again.IsOf(0);
        string id = ((TextValue)again.At("id")).Value;
        Assert.Matches("^order-[a-z2-9]{6}$", id);
        Assert.Equal("FINISHED", again.At("states", id, "children", $"pack-{id[^6..]}", "state"));
        Assert.Equal("a parcel with 3 books to Ada", again.At("outputs", "${shipment}"));
    }

    [Fact]
    public async Task An_id_of_the_callers_own_runs_once()
    {
        Output first = await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"), "--id", "mine", "--json");
        Output second = await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"), "--id", "mine", "--json");

        first.IsOf(0);
        Assert.Equal("FINISHED", first.At("states", "mine", "children", "pack_mine", "state"));
        second.IsOf(2);
        Assert.Equal("already-exists", second.At("code"));
    }

    [Fact]
    public async Task A_pipeline_can_start_at_a_node_under_fresh_ids_too()
    {
        Output output = await _bamboo.OnDatabaseAsync(
            "run", Bamboo.Example("nested.json"), "--fresh-ids", "--start", "ship", "--json");

        output.IsOf(0);
        string id = ((TextValue)output.At("id")).Value;
        Assert.False(((MapValue)output.At("states", id, "children")).ContainsKey($"accept-{id[^6..]}"));
    }

    [Fact]
    public async Task Data_and_context_come_from_the_command_line_or_a_file()
    {
        string file = _bamboo.Write("p.json", Tree(
            new ServiceActivity("assign", "a") { Inputs = { { "out", Var.Splice("${name} and ${other}") } } }));
        string context = _bamboo.Write("context.json", """{"name": "ada", "${other}": "bob"}""");

        Output output = await _bamboo.OnDatabaseAsync("run", file, "--context", "@" + context, "--data", """{"x": 1}""", "--json");
        Output show = await _bamboo.OnDatabaseAsync("show", "p", "--json");

        output.IsOf(0);
        Assert.Equal("ada and bob", show.At("data", "a", "outputs", "out"));
    }

    [Fact]
    public async Task A_tree_can_come_from_standard_input()
    {
        Output output = await Bamboo.RunAsync(
            ["run", "-", "--db", _bamboo.Database], Tree(new ServiceActivity("assign", "a")));

        output.IsOf(0);
    }

    [Fact]
    public async Task Watching_reads_callbacks_from_standard_input()
    {
        Output output = await Bamboo.RunAsync(
            ["run", Bamboo.Example("approval.json"), "--watch", "--db", _bamboo.Database],
            "no json\n{\"decision\": \"yes\", \"by\": \"ada\"}\n");

        output.IsOf(0);
        Assert.Contains("DATA is not JSON", output.Error, StringComparison.Ordinal);
        Assert.Contains("approval FINISHED", output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watching_ends_with_standard_input() =>
        (await Bamboo.RunAsync(["run", Bamboo.Example("approval.json"), "--watch", "--db", _bamboo.Database])).IsOf(3);

    [Fact]
    public async Task A_pipeline_that_was_stopped_goes_on_where_it_stood()
    {
        string file = _bamboo.Write("p.json", Tree(
            new ServiceActivity("assign", "a") { Inputs = { { "x", 1 } } },
            new ServiceActivity("sleep", "b") { Inputs = { { "seconds", 0.5 } } },
            new ServiceActivity("assign", "c") { Inputs = { { "x", 2 } } }));
        using var stop = new CancellationTokenSource();
        using var output = new StopsAt("b RUNNING", stop);
        using var error = new StringWriter();
        int exitCode = await BambooCli.RunAsync(
            ["run", file, "--db", _bamboo.Database],
            new CliTerminal { Out = output, Error = error, In = TextReader.Null },
            stop.Token);
        Assert.Equal(130, exitCode);
        Assert.Contains($"bamboo run --resume --db {_bamboo.Database}", error.ToString(), StringComparison.Ordinal);

        Output resumed = await _bamboo.OnDatabaseAsync("run", "--resume", "--json");

        resumed.IsOf(0);
        Assert.Equal("p", resumed.At("id"));
        Assert.Equal(1, resumed.At("states", "p", "children", "a", "loop"));
        Assert.Equal("FINISHED", resumed.At("states", "p", "children", "c", "state"));
    }

    [Fact]
    public async Task One_that_nobody_drives_is_shown_as_unfinished_and_waits_for_no_callback()
    {
        string file = _bamboo.Write("p.json", Tree(new ServiceActivity("sleep", "b") { Inputs = { { "seconds", 3600 } } }));
        using var stop = new CancellationTokenSource();
        using var output = new StopsAt("b RUNNING", stop);
        await BambooCli.RunAsync(
            ["run", file, "--db", _bamboo.Database],
            new CliTerminal { Out = output, Error = TextWriter.Null, In = TextReader.Null },
            stop.Token);

        Output shown = await _bamboo.OnDatabaseAsync("show", "p", "--json");

        shown.IsOf(0);
        Assert.Equal("unfinished", shown.At("outcome"));
        Assert.Equal(ListValue.Empty, shown.At("waiting"));
    }

    [Fact]
    public async Task Resuming_takes_one_id_several_or_nothing()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);

        Output several = await _bamboo.OnDatabaseAsync("run", "--resume", "--json");
        Output one = await _bamboo.OnDatabaseAsync("run", "--resume", "order", "--json");
        Output unknown = await _bamboo.OnDatabaseAsync("run", "--resume", "nobody", "--json");

        several.IsOf(3);
        Assert.Equal(2, ((ListValue)several.At("pipelines")).Count);
        one.IsOf(0);
        Assert.Equal("finished", one.At("outcome"));
        unknown.IsOf(2);
        Assert.Equal("not-found", unknown.At("code"));
    }

    [Fact]
    public async Task Nothing_to_resume_is_no_error()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("nested.json"))).IsOf(0);

        Output output = await _bamboo.OnDatabaseAsync("run", "--resume");

        output.IsOf(0);
        Assert.Contains("nothing is unfinished", output.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stale_callback_is_refused()
    {
        (await _bamboo.OnDatabaseAsync("run", Bamboo.Example("approval.json"))).IsOf(3);

        Output output = await _bamboo.OnDatabaseAsync("callback", "approve", "v0", "{}", "--json");

        output.IsOf(2);
        Assert.Equal(false, output.At("result"));
    }

    [Fact]
    public async Task A_pipeline_of_a_thousand_nodes_is_told_line_by_line()
    {
        string file = _bamboo.Write("p.json", Tree(
            [.. Enumerable.Range(0, 1000).Select(i => new ServiceActivity("assign", $"n{i}"))]));

        Output output = await _bamboo.OnDatabaseAsync("run", file, "--store-sync", "normal");

        output.IsOf(0);
        Assert.Equal(1000, Regex.Count(output.Text, @" n\d+ FINISHED "));
    }

    internal static string Tree(params ServiceActivity[] activities)
    {
        var start = new EmptyStartEvent("s");
        Element at = start;
        foreach (ServiceActivity activity in activities)
        {
            at = at.Extend(activity);
        }

        at.Extend(new EmptyEndEvent("e"));
        return PipelineBuilder.BuildTree(start, id: "p").ToJson();
    }

    /// <summary>A writer that pulls the plug when it sees some text.</summary>
    private sealed class StopsAt(string text, CancellationTokenSource stop) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.Contains(text, StringComparison.Ordinal) == true)
            {
                stop.Cancel();
            }
        }
    }
}
