using System.Text.RegularExpressions;
using BambooOrleans.Building;
using BambooOrleans.Console.Tests.Support;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Console.Tests;

/// <summary>The views of one pipeline, and what is told of its nodes.</summary>
public sealed class PipelinePageTests(Browser browser) : ConsoleTest(browser)
{
    [ChromiumFact]
    public async Task The_drawer_tells_the_inputs_as_written_and_as_executed_the_outputs_and_the_journal_of_a_node()
    {
        var data = new Data { Inputs = { { "${who}", "world" } } };
        var greet = new ServiceActivity("echo", "greet_a", "Greet") { Inputs = { { "greeting", Var.Splice("hello, ${who}") } } };
        await Served.SettleAsync(Trees.Chain("greet", data, greet));
        await OpenAsync("/pipelines/greet");
        await SelectAsync("greet_a");
        await ChoosePaneAsync("Inputs");
        await Expect(Drawer.GetByLabel("inputs as written", new() { Exact = true })).ToContainTextAsync("hello, ${who}");
        await Expect(Drawer.GetByLabel("inputs as executed", new() { Exact = true })).ToContainTextAsync("hello, world");
        await ChoosePaneAsync("Outputs");
        await Expect(Drawer.GetByLabel("outputs", new() { Exact = true })).ToContainTextAsync("hello, world");
        await ChoosePaneAsync("Journal");
        await Expect(Drawer.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "component runs with" })).ToHaveCountAsync(1);
        await ChoosePaneAsync("JSON");
        await Expect(Drawer.GetByLabel("definition of the node", new() { Exact = true })).ToContainTextAsync("\"code\": \"echo\"");
        await Button("Close", Drawer).ClickAsync();
        await Expect(Page.GetByTestId("why")).ToContainTextAsync("It is finished");
    }

    [ChromiumFact]
    public async Task Secrets_are_masked_wherever_they_would_be_shown()
    {
        const string Secret = "tiger-of-1906";
        var login = new ServiceActivity("echo", "safe_a", "Log in") { Inputs = { { "password", new Var(TreeVariableType.Plain, Secret) { IsSecret = true } }, { "user", "ada" } } };
        await Served.SettleAsync(Trees.Chain("safe", login));
        await OpenAsync("/pipelines/safe");
        await SelectAsync("safe_a");
        foreach ((string pane, string label) in ((string, string)[])[("Inputs", "inputs as written"), ("Inputs", "inputs as executed"), ("Outputs", "outputs"), ("JSON", "definition of the node")])
        {
            await ChoosePaneAsync(pane);
            await Expect(Drawer.GetByLabel(label, new() { Exact = true })).ToContainTextAsync("\"******\"");
            Assert.DoesNotContain(Secret, await Page.ContentAsync(), StringComparison.Ordinal);
        }

        await SeeInJournalAsync("******");
        Assert.DoesNotContain(Secret, await Page.ContentAsync(), StringComparison.Ordinal);
    }

    [ChromiumFact]
    public async Task The_timeline_has_a_row_for_each_node_and_a_bar_for_each_attempt()
    {
        await Served.SettleAsync(Trees.Chain("time", Trees.Echo("time_a"), Trees.Picky("time_b", 41)));
        Assert.True((await Served.Engine.RetryNodeAsync("time_b")).Result);
        Assert.True((await Served.Engine.WaitUntilSettledAsync("time")).Result);
        await OpenAsync("/pipelines/time");
        await Link("Timeline").ClickAsync();
        await Expect(Page.GetByTestId("timeline-time_a").GetByLabel(new Regex("^Echo time_a, attempt 1, Finished, "))).ToBeVisibleAsync();
        ILocator asked = Page.GetByTestId("timeline-time_b");
        await Expect(asked.GetByLabel(new Regex(", attempt [12], Failed, "))).ToHaveCountAsync(2);
        await Expect(asked).ToContainTextAsync("×2");

        // What was first stands further left.
        LocatorBoundingBoxResult? first = await asked.GetByLabel(new Regex(", attempt 1, ")).BoundingBoxAsync();
        LocatorBoundingBoxResult? second = await asked.GetByLabel(new Regex(", attempt 2, ")).BoundingBoxAsync();
        Assert.True(first!.X < second!.X, $"{first.X} {second.X}");
        await asked.GetByRole(AriaRole.Button).First.ClickAsync();
        await Expect(Drawer).ToHaveAttributeAsync("data-node", "time_b");

        // It grows while it is looked at.
        Assert.True((await Served.Engine.RetryNodeAsync("time_b", Value.Map(("answer", 42)))).Result);
        await Expect(asked.GetByLabel(new Regex(", attempt 3, Finished, "))).ToBeVisibleAsync();
        await Page.GetByLabel("Compress idle time").UncheckAsync();
        await Expect(asked.GetByLabel(new Regex(", attempt "))).ToHaveCountAsync(3);
    }

    [ChromiumFact]
    public async Task What_is_in_a_sub_process_stands_behind_it_on_the_timeline()
    {
        await Served.RunAsync(Aside("side"));
        await OpenAsync("/pipelines/side/timeline");
        await Expect(Page.GetByTestId("timeline-side_sub_b")).ToBeVisibleAsync();
        string[] ids = await Page.GetByTestId(new Regex("^timeline-")).EvaluateAllAsync<string[]>("rows => rows.map(row => row.dataset.testid.slice(9))");
        int sub = Array.IndexOf(ids, "side_sub");
        Assert.Equal(["side_sub", "side_sub_start", "side_sub_a", "side_sub_b"], ids[sub..(sub + 4)]);
        Assert.Contains("side_beside", ids);
    }

    [ChromiumFact]
    public async Task The_journal_is_filtered_by_kind_text_and_node()
    {
        await Served.SettleAsync(Trees.Chain("log", Trees.Echo("log_a"), Trees.Picky("log_b", 41)));
        await OpenAsync("/pipelines/log/journal");
        ILocator journal = Page.GetByTestId("journal");
        ILocator lines = journal.GetByRole(AriaRole.Listitem);
        await Expect(lines.Filter(new() { HasText = "failed: the answer 41 is wrong" })).ToHaveCountAsync(1);
        await Expect(lines.Filter(new() { HasText = "token" })).ToHaveCountAsync(0);
        await journal.GetByRole(AriaRole.Button, new() { Name = "Tokens" }).ClickAsync();
        await Expect(lines.Filter(new() { HasText = "comes to log_b" })).Not.ToHaveCountAsync(0);
        await journal.GetByLabel("Find in the journal").FillAsync("failed");
        await Expect(lines).ToHaveCountAsync(1);
        await lines.First.GetByRole(AriaRole.Button).First.ClickAsync();
        await Expect(lines.First.GetByLabel("fact", new() { Exact = true })).ToContainTextAsync("node-failed");
        await Button("Only its lines", lines.First).ClickAsync();
        await journal.GetByLabel("Find in the journal").FillAsync("");
        await Expect(lines.Filter(new() { HasText = "Echo log_a" })).ToHaveCountAsync(0);
        await Expect(lines.Filter(new() { HasText = "Ask log_b" })).Not.ToHaveCountAsync(0);

        // What happens now comes to it.
        Assert.True((await Served.Engine.SkipNodeAsync("log_b")).Result);
        await Expect(lines.Filter(new() { HasText = "skipped" })).Not.ToHaveCountAsync(0);
    }

    [ChromiumFact]
    public async Task A_sub_process_opens_where_it_stands_and_a_link_leads_into_it()
    {
        await Served.RunAsync(Nested("nest"));
        await OpenAsync("/pipelines/nest");
        await SeeNodeAsync("nest_sub", "RUNNING");
        await Expect(Node("nest_sub")).ToContainTextAsync("2 of 4");
        await Expect(Page.GetByTestId("graph")).ToHaveAttributeAsync("data-placed", "4");
        await Button("Open Inner", Node("nest_sub")).ClickAsync();
        await Expect(Page.GetByTestId("graph")).ToHaveAttributeAsync("data-placed", "8");
        await SeeNodeAsync("nest_sub_b", "RUNNING");
        LocatorBoundingBoxResult outer = (await Node("nest_sub").BoundingBoxAsync())!;
        LocatorBoundingBoxResult inner = (await Node("nest_sub_b").BoundingBoxAsync())!;
        Assert.True(inner.X > outer.X && inner.X + inner.Width < outer.X + outer.Width && inner.Y > outer.Y && inner.Y + inner.Height < outer.Y + outer.Height);
        await SelectAsync("nest_sub_b");
        await ChoosePaneAsync("Journal");
        string link = Page.Url;

        IPage other = await Context.NewPageAsync();
        await other.GotoAsync(link);
        await Expect(other.GetByTestId("drawer")).ToHaveAttributeAsync("data-node", "nest_sub_b");
        await Expect(other.GetByTestId("node-nest_sub_b")).ToBeInViewportAsync();
        await Expect(other.GetByRole(AriaRole.Tab, new() { Name = "Journal" })).ToHaveAttributeAsync("aria-selected", "true");
        await other.GotoAsync("/pipelines/nest?node=nest_sub_b");
        await Expect(other.GetByTestId("node-nest_sub_b")).ToBeInViewportAsync();
        await other.CloseAsync();

        Served.Gates.Open("nest_sub_b");
        await SeeNodeAsync("nest_sub", "FINISHED");
        await Button("Close Inner", Node("nest_sub")).ClickAsync();
        await Expect(Node("nest_sub_b")).ToHaveCountAsync(0);
        await Expect(Node("nest_sub")).ToContainTextAsync("4 of 4");
    }

    [ChromiumFact]
    public async Task Rounds_and_retries_are_counted_at_the_node()
    {
        ServiceActivity again = Trees.Echo("loop_a");
        ServiceActivity ask = Trees.Picky("loop_b", 41);
        var data = new Data { Inputs = { { "${round}", new NodeOutput(again, "_loop") } } };
        var start = new EmptyStartEvent("loop_start");
        var gateway = new ExclusiveGateway("loop_gate");
        start.Extend(again).Extend(gateway);
        gateway.When("${round} < 3", again).When("${round} >= 3", ask);
        ask.Extend(new EmptyEndEvent("loop_end"));
        await Served.SettleAsync(Trees.Build("loop", start, data), new RunPipelineOptions { CycleTolerate = true });
        Assert.True((await Served.Engine.RetryNodeAsync("loop_b")).Result);
        await OpenAsync("/pipelines/loop");
        await Expect(Node("loop_a").GetByTitle("Entered 3 times")).ToHaveTextAsync("↻3");
        await Expect(Node("loop_b").GetByTitle("Retried 1 times")).ToHaveTextAsync("⟲1");
        await SelectAsync("loop_a");
        await Expect(Drawer).ToContainTextAsync("round 3");
        await ChoosePaneAsync("Attempts");
        await Expect(Drawer.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);
    }

    [ChromiumFact]
    public async Task A_node_is_found_by_name_and_the_keyboard_leads_through_the_page()
    {
        await Served.SettleAsync(Nested("keys", isHeld: false));
        await OpenAsync();
        await Expect(Row("keys")).ToBeVisibleAsync();
        await Page.Keyboard.PressAsync("?");
        await Expect(Dialog).ToContainTextAsync("Keyboard shortcuts");
        await Page.Keyboard.PressAsync("Escape");
        await Expect(Dialog).ToHaveCountAsync(0);
        await Page.Keyboard.PressAsync("/");
        await Expect(Page.GetByRole(AriaRole.Searchbox)).ToBeFocusedAsync();
        await Page.Keyboard.PressAsync("Escape");
        await Expect(Row("keys")).ToBeVisibleAsync();
        await Page.Keyboard.PressAsync("j");
        await Page.Keyboard.PressAsync("Enter");
        await SeePipelineAsync("FINISHED");

        await Page.Keyboard.PressAsync("/");
        await Page.GetByRole(AriaRole.Searchbox, new() { Name = "Find a node" }).FillAsync("SUB_B");
        await Page.Keyboard.PressAsync("Enter");
        await Expect(Drawer).ToHaveAttributeAsync("data-node", "keys_sub_b");
        await Expect(Node("keys_sub_b")).ToBeInViewportAsync();
        await Page.Keyboard.PressAsync("Escape");
        await Page.Keyboard.PressAsync("ArrowLeft");
        await Expect(Drawer).ToHaveAttributeAsync("data-node", "keys_sub_a");
        foreach ((string key, string view) in ((string, string)[])[("2", "timeline"), ("3", "journal"), ("4", "context"), ("5", "definition")])
        {
            await Page.Keyboard.PressAsync(key);
            await Expect(Page.GetByTestId(view)).ToBeVisibleAsync();
        }

        await Page.Keyboard.PressAsync("1");
        await Expect(Page.GetByTestId("graph")).ToBeVisibleAsync();
        await Page.Keyboard.PressAsync("Escape");
        await Expect(Drawer).ToHaveCountAsync(0);
        await Page.Keyboard.PressAsync("g");
        await Page.Keyboard.PressAsync("s");
        await Expect(Page.GetByTestId("validity")).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task The_definition_is_the_tree_as_it_was_submitted()
    {
        PipelineTree tree = Trees.Chain("def", Trees.Echo("def_a"));
        await Served.SettleAsync(tree);
        await OpenAsync("/pipelines/def/definition");
        string copied = await CopiedAsync(Page.GetByTestId("definition").GetByTitle("Copy the definition"));
        Assert.Equal(tree.Source, Value.ParseJson(copied));
        await Expect(Page.GetByRole(AriaRole.Textbox, new() { Name = "Definition of the pipeline" })).ToContainTextAsync("\"def_a\"");
    }

    [ChromiumFact]
    public async Task A_stream_that_breaks_comes_back_and_catches_up()
    {
        Expected("ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET");
        await Served.RunAsync(Trees.Chain("cut", Trees.Held("cut_a"), Trees.Echo("cut_b"), Trees.Held("cut_c")));
        await OpenWithKeyAsync(Served.Keys[Server.Security.Role.Operator].Key, "/pipelines/cut");
        ILocator connection = Page.GetByTestId("connection");
        await Expect(connection).ToHaveAttributeAsync("data-state", "live");
        await SeeNodeAsync("cut_a", "RUNNING");
        await Served.StopListeningAsync();
        await Expect(connection).ToHaveAttributeAsync("data-state", "disconnected");
        Served.Gates.Open("cut_a");
        await Served.ListenAgainAsync();
        await Expect(connection).ToHaveAttributeAsync("data-state", "live");
        await SeeNodeAsync("cut_b", "FINISHED");
        await SeeNodeAsync("cut_c", "RUNNING");

        // And it is followed again.
        Served.Gates.Open("cut_c");
        await SeePipelineAsync("FINISHED");
        await SeeInJournalAsync("finished");
    }

    private static PipelineTree Aside(string id)
    {
        var inner = new EmptyStartEvent($"{id}_sub_start");
        inner.Extend(Trees.Echo($"{id}_sub_a")).Extend(Trees.Held($"{id}_sub_b")).Extend(new EmptyEndEvent($"{id}_sub_end"));
        var start = new EmptyStartEvent($"{id}_start");
        ParallelGateway fork = start.Extend(new ParallelGateway($"{id}_fork"));
        fork.Connect(new SubProcess(inner, $"{id}_sub", "Inner"), Trees.Held($"{id}_beside"));
        fork.Converge(new ConvergeGateway($"{id}_join")).Extend(new EmptyEndEvent($"{id}_end"));
        return Trees.Build(id, start);
    }

    private static PipelineTree Nested(string id, bool isHeld = true)
    {
        var inner = new EmptyStartEvent($"{id}_sub_start");
        inner.Extend(Trees.Echo($"{id}_sub_a")).Extend(isHeld ? Trees.Held($"{id}_sub_b") : Trees.Echo($"{id}_sub_b")).Extend(new EmptyEndEvent($"{id}_sub_end"));
        var start = new EmptyStartEvent($"{id}_start");
        start.Extend(Trees.Echo($"{id}_a")).Extend(new SubProcess(inner, $"{id}_sub", "Inner")).Extend(new EmptyEndEvent($"{id}_end"));
        return Trees.Build(id, start);
    }
}
