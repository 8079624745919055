using System.Diagnostics;
using BambooOrleans.Building;
using BambooOrleans.Cli;
using BambooOrleans.Console.Tests.Support;

namespace BambooOrleans.Console.Tests;

/// <summary>What people do to a pipeline from its page: each verb with its dialog, and what is seen to come of it without a reload.</summary>
public sealed class VerbTests(Browser browser) : ConsoleTest(browser)
{
    [ChromiumFact]
    public async Task A_node_is_seen_to_fail_and_is_retried_with_new_inputs()
    {
        await Served.RunAsync(Trees.Chain("buy", Trees.Held("buy_wait"), Trees.Picky("buy_ask", 41), Trees.Echo("buy_pay")));
        await OpenAsync("/pipelines/buy");
        await SeeNodeAsync("buy_wait", "RUNNING");
        Served.Gates.Open("buy_wait");
        await SeeNodeAsync("buy_ask", "FAILED");
        await SelectAsync("buy_ask");
        await Expect(Page.GetByTestId("node-error")).ToHaveTextAsync("the answer 41 is wrong");

        await Button("Retry", Drawer).ClickAsync();
        ILocator inputs = Dialog.GetByLabel("New inputs");
        await Button("start from the present inputs", Dialog).ClickAsync();
        await Expect(inputs).ToHaveValueAsync("{\n  \"answer\": 41\n}");
        await inputs.FillAsync("{ \"answer\": 4");
        await Expect(Dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("this is not JSON");
        await Expect(Preview).ToContainTextAsync("Fill in what is needed");
        await inputs.FillAsync("{ \"answer\": 42 }");
        await ConfirmAsync("Retry", "inputs replaced: {\"answer\":42}", "it was off by one");

        await SeePipelineAsync("FINISHED");
        await SeeNodeAsync("buy_ask", "FINISHED");
        await Expect(Node("buy_ask").GetByTitle("Retried 1 times")).ToBeVisibleAsync();
        await ChoosePaneAsync("Inputs");
        await Expect(Drawer.GetByLabel("inputs as executed", new() { Exact = true })).ToContainTextAsync("\"answer\": 42");
        await ChoosePaneAsync("Outputs");
        await Expect(Drawer.GetByLabel("outputs", new() { Exact = true })).ToContainTextAsync("well done");
        await ChoosePaneAsync("Attempts");
        ILocator attempt = Drawer.GetByRole(AriaRole.Listitem);
        await Expect(attempt).ToHaveCountAsync(1);
        await attempt.Locator("summary").ClickAsync();
        await Expect(attempt.GetByLabel("outputs of the attempt", new() { Exact = true })).ToContainTextAsync("the answer 41 is wrong");
        await SeeInJournalAsync($"retry_node by {Environment.UserName}: it was off by one");
    }

    [ChromiumFact]
    public async Task A_failed_node_is_skipped()
    {
        await Served.SettleAsync(Trees.Chain("hop", Trees.Picky("hop_ask", 41), Trees.Echo("hop_on")));
        await OpenAsync("/pipelines/hop");
        await SeeNodeAsync("hop_ask", "FAILED");
        await SelectAsync("hop_ask");
        await Button("Skip", Drawer).ClickAsync();
        await ConfirmAsync("Skip", "skipped", "not needed");

        await SeePipelineAsync("FINISHED");
        await SeeNodeAsync("hop_on", "FINISHED");
        await Expect(Node("hop_ask").GetByTitle("Skipped by an operator")).ToBeVisibleAsync();
        await SeeInJournalAsync($"skip_node by {Environment.UserName}: not needed");
    }

    [ChromiumFact]
    public async Task A_pipeline_is_paused_and_resumed()
    {
        await Served.RunAsync(Trees.Chain("rest", Trees.Held("rest_first"), Trees.Echo("rest_then")));
        await OpenAsync("/pipelines/rest");
        await SeePipelineAsync("RUNNING");
        await Button("Pause", Actions("The rest")).ClickAsync();
        await ConfirmAsync("Pause", "paused", "lunch");
        await SeePipelineAsync("SUSPENDED");

        Served.Gates.Open("rest_first");
        await SeeNodeAsync("rest_first", "FINISHED");
        await SeeNodeAsync("rest_then", "NONE");
        await Button("Resume", Actions("The rest").First).ClickAsync();
        await ConfirmAsync("Resume", "resumed");
        await SeePipelineAsync("FINISHED");
        await SeeNodeAsync("rest_then", "FINISHED");
        await SeeInJournalAsync($"pause_pipeline by {Environment.UserName}: lunch");
    }

    [ChromiumFact]
    public async Task A_node_is_paused_before_it_is_reached_and_resumed()
    {
        await Served.RunAsync(Trees.Chain("stop", Trees.Held("stop_first"), Trees.Echo("stop_then")));
        await OpenAsync("/pipelines/stop");
        await SeeNodeAsync("stop_first", "RUNNING");
        await SelectAsync("stop_then");
        await Button("Pause here", Drawer).ClickAsync();
        await ConfirmAsync("Pause here", "paused");
        await SeeNodeAsync("stop_then", "SUSPENDED");
        Served.Gates.Open("stop_first");
        await SeeNodeAsync("stop_first", "FINISHED");
        await SeeNodeAsync("stop_then", "SUSPENDED");
        await Button("Resume here", Drawer).First.ClickAsync();
        await ConfirmAsync("Resume here", "pause ended");
        await SeePipelineAsync("FINISHED");
    }

    [ChromiumFact]
    public async Task A_pipeline_is_revoked()
    {
        await Served.RunAsync(Trees.Chain("gone", Trees.Held("gone_first")));
        await OpenAsync("/pipelines/gone");
        await SeePipelineAsync("RUNNING");
        await Button("More actions for The gone").ClickAsync();
        await Page.GetByRole(AriaRole.Menuitem).Filter(new() { HasText = "Revoke" }).ClickAsync();
        await ConfirmAsync("Revoke", "revoked", "nobody wants it");
        await SeePipelineAsync("REVOKED");
        await Expect(Actions("The gone").GetByRole(AriaRole.Button)).ToHaveCountAsync(0);
        await Expect(Page.GetByTestId("why")).ToContainTextAsync("It was revoked");
        await SeeInJournalAsync($"revoke_pipeline by {Environment.UserName}: nobody wants it");
    }

    [ChromiumFact]
    public async Task What_waits_for_a_callback_says_so_and_is_called_back_with_data()
    {
        await Served.SettleAsync(Trees.Chain("call", Trees.Callback("call_wait"), Trees.Echo("call_then")));
        await OpenAsync("/pipelines/call");
        await SeeNodeAsync("call_wait", "RUNNING");
        await Expect(Node("call_wait")).ToContainTextAsync("callback");
        ILocator why = Page.GetByTestId("why");
        await Expect(why.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(1);
        await Expect(why).ToContainTextAsync("callback");
        await Button("Call back", why).ClickAsync();
        await Dialog.GetByLabel("Data").FillAsync("{ \"result\": true, \"by\": \"mail\" }");
        await ConfirmAsync("Call back", "called back with");

        await SeePipelineAsync("FINISHED");
        await Expect(why).ToContainTextAsync("It is finished");
        await SelectAsync("call_wait");
        await ChoosePaneAsync("Outputs");
        await Expect(Drawer.GetByLabel("outputs", new() { Exact = true })).ToContainTextAsync("\"by\": \"mail\"");
    }

    [ChromiumFact]
    public async Task What_runs_is_forced_to_fail()
    {
        await Served.RunAsync(Trees.Chain("slow", Trees.Held("slow_one"), Trees.Echo("slow_two")));
        await OpenAsync("/pipelines/slow");
        await SeeNodeAsync("slow_one", "RUNNING");
        await SelectAsync("slow_one");
        await Button("Force to fail", Drawer).ClickAsync();
        await Dialog.GetByLabel("Error").FillAsync("it takes too long");
        await ConfirmAsync("Force to fail", "forced to fail: it takes too long", "the customer called");
        await SeeNodeAsync("slow_one", "FAILED");
        await Expect(Page.GetByTestId("node-error")).ToHaveTextAsync("it takes too long");
        await SeeInJournalAsync($"forced_fail_activity by {Environment.UserName}: the customer called");
    }

    [ChromiumFact]
    public async Task A_dialog_about_an_attempt_that_is_over_does_nothing()
    {
        await Served.SettleAsync(Trees.Chain("twice", Trees.Picky("twice_ask", 41)));
        await OpenAsync("/pipelines/twice");
        await SeeNodeAsync("twice_ask", "FAILED");
        await SelectAsync("twice_ask");
        await Button("Retry", Drawer).ClickAsync();
        await Expect(Preview.GetByRole(AriaRole.Listitem).First).ToBeVisibleAsync();
        Assert.True((await Served.Engine.RetryNodeAsync("twice_ask")).Result);
        await Expect(Dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("It has changed since this was opened");
        await Expect(Button("Retry", Dialog)).ToBeDisabledAsync();
    }

    [ChromiumFact]
    public async Task What_would_be_refused_is_said_before_it_is_asked_for()
    {
        await Served.SettleAsync(Trees.Chain("late", Trees.Picky("late_ask", 41)));
        await OpenAsync("/pipelines/late");
        await SeeNodeAsync("late_ask", "FAILED");
        await SelectAsync("late_ask");
        await Button("Retry", Drawer).ClickAsync();
        Assert.True((await Served.Engine.SkipNodeAsync("late_ask")).Result);
        await Dialog.GetByLabel("New inputs").FillAsync("{}");
        await Expect(Preview.GetByRole(AriaRole.Alert)).ToContainTextAsync("It would be refused");
        await Expect(Preview.GetByRole(AriaRole.Alert)).ToContainTextAsync("state-version-mismatch");
    }

    [ChromiumFact]
    public async Task The_command_that_is_copied_does_the_same_at_the_command_line()
    {
        const string Reason = "it's \"off\" by $one";
        await Served.SettleAsync(Trees.Chain("copy", new ServiceActivity("sleep", "copy_ask", "Rest") { Inputs = { { "seconds", "a while" } } }));
        await OpenAsync("/pipelines/copy");
        await SeeNodeAsync("copy_ask", "FAILED");
        await SelectAsync("copy_ask");
        await Button("Retry", Drawer).ClickAsync();
        await Dialog.GetByLabel("New inputs").FillAsync("{ \"seconds\": 0, \"why\": \"it's so\" }");
        await Dialog.GetByLabel("Reason").FillAsync(Reason);
        await Expect(Preview.GetByRole(AriaRole.Listitem).First).ToBeVisibleAsync();
        string command = await CopiedAsync(Button("bamboo", Dialog, exact: false));
        string curl = await CopiedAsync(Button("curl", Dialog, exact: false));
        Assert.StartsWith("bamboo node retry copy_ask ", command, StringComparison.Ordinal);
        Assert.Contains("/api/v1/retry_node", curl, StringComparison.Ordinal);
        Assert.DoesNotContain("bamboo_session", curl, StringComparison.Ordinal);
        await Button("Cancel", Dialog).ClickAsync();
        await SeeNodeAsync("copy_ask", "FAILED");

        Expected("ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET");
        await Page.GotoAsync("about:blank");
        await Served.CloseAsync();
        string[] words = await WordsAsync(command);
        Assert.Equal("bamboo", words[0]);
        using var output = new StringWriter();
        int exit = await BambooCli.RunAsync(
            [.. words[1..], "--db", Served.Database], new CliTerminal { Out = output, Error = output, In = TextReader.Null });
        Assert.True(exit == 0, output.ToString());

        using var journal = new StringWriter();
        await BambooCli.RunAsync(["journal", "copy", "--db", Served.Database, "--json"], new CliTerminal { Out = journal, Error = journal, In = TextReader.Null });
        Assert.Contains(Value.Map(("reason", Reason)).ToJson()[1..^1], journal.ToString().Replace("\": \"", "\":\"", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    // As a shell takes a command apart.
    private static async Task<string[]> WordsAsync(string command)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", $"printf '%s\\0' {command}"]) { RedirectStandardOutput = true };
        using Process shell = Process.Start(start)!;
        string text = await shell.StandardOutput.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return text.Split('\0')[..^1];
    }
}
