using BambooOrleans.Console.Tests.Support;

namespace BambooOrleans.Console.Tests;

/// <summary>The page on which a tree is written, checked and run.</summary>
public sealed class SubmitTests(Browser browser) : ConsoleTest(browser)
{
    private ILocator Editor => Page.GetByRole(AriaRole.Textbox, new() { Name = "Pipeline tree" });

    private ILocator Validity => Page.GetByTestId("validity");

    [ChromiumFact]
    public async Task A_tree_that_is_submitted_is_seen_to_run_without_a_reload()
    {
        await OpenAsync("/submit");
        await WriteAsync(Trees.Chain("ship", Trees.Held("ship_load"), Trees.Echo("ship_sail")).ToJson(indented: true));
        await Expect(Validity).ToHaveAttributeAsync("data-state", "good");
        await Expect(Node("ship_load")).ToBeVisibleAsync();
        await Page.EvaluateAsync("window.isSamePage = true");
        await Button("Run").ClickAsync();

        await Expect(Page).ToHaveURLAsync(new Uri(Served.Address, "/pipelines/ship").ToString());
        await SeePipelineAsync("RUNNING");
        await SeeNodeAsync("ship_load", "RUNNING");
        await SeeNodeAsync("ship_sail", "NONE");
        Served.Gates.Open("ship_load");
        await SeePipelineAsync("FINISHED");
        await SeeNodeAsync("ship_load", "FINISHED");
        await SeeNodeAsync("ship_sail", "FINISHED");
        Assert.True(await Page.EvaluateAsync<bool>("window.isSamePage === true"));
    }

    [ChromiumFact]
    public async Task What_is_wrong_with_a_tree_is_shown_where_it_is_wrong()
    {
        await OpenAsync("/submit");
        string good = Trees.Chain("err", Trees.Echo("err_a"), Trees.Echo("err_b")).ToJson(indented: true);
        string[] lines = good.Split('\n');
        int line = Array.FindIndex(lines, text => text.Contains("\"target\": \"err_b\"", StringComparison.Ordinal)) + 1;
        await WriteAsync(good.Replace("\"target\": \"err_b\"", "\"target\": \"nowhere\"", StringComparison.Ordinal));
        await Expect(Validity).ToHaveAttributeAsync("data-state", "bad");
        await Expect(Button("Run")).ToBeDisabledAsync();
        ILocator finding = Page.GetByTestId("findings").GetByRole(AriaRole.Button).First;
        await Expect(finding).ToContainTextAsync("nowhere");
        await Expect(finding).ToContainTextAsync($"{line}:");

        // The finding leads to its place, which is marked.
        await finding.ClickAsync();
        await Expect(Editor).ToBeFocusedAsync();
        await Expect(Page.Locator(".cm-activeLine")).ToContainTextAsync("nowhere");
        await Expect(Page.Locator(".cm-lintRange-error").First).ToContainTextAsync("nowhere");
        await Page.Keyboard.InsertTextAsync("\"err_b\"");
        await Expect(Validity).ToHaveAttributeAsync("data-state", "good");

        await WriteAsync(good[..^4]);
        await Expect(Validity).ToHaveAttributeAsync("data-state", "bad");
        await Expect(Page.GetByTestId("findings").GetByRole(AriaRole.Button).First).ToContainTextAsync($"{good[..^4].Count(letter => letter == '\n') + 1}:");
    }

    [ChromiumFact]
    public async Task What_ran_already_gets_new_ids_and_a_context_and_runs_again()
    {
        await Served.SettleAsync(Trees.Chain("again", Trees.Echo("again_a")), new RunPipelineOptions { RootPipelineContext = Value.Map(("${colour}", "red")) });
        await OpenAsync("/submit?from=again");
        await Expect(Validity).ToHaveAttributeAsync("data-state", "good");
        await Expect(Node("again_a")).ToBeVisibleAsync();
        await Button("Run").ClickAsync();
        ILocator problem = Page.GetByRole(AriaRole.Alert);
        await Expect(problem).ToContainTextAsync("again");
        await Button("Give it new ids", problem).ClickAsync();
        await Page.GetByText("Options", new() { Exact = true }).ClickAsync();
        await Expect(Page.GetByLabel("Context")).ToHaveValueAsync("{\n  \"${colour}\": \"red\"\n}");
        await Page.GetByLabel("Context").FillAsync("{ \"colour\": \"green\" }");
        await Expect(Validity).ToHaveAttributeAsync("data-state", "good");
        await Button("Run").ClickAsync();
        await SeePipelineAsync("FINISHED");
        Assert.NotEqual("/pipelines/again", new Uri(Page.Url).AbsolutePath);
        await Link("Context").ClickAsync();
        await Expect(Page.GetByTestId("context").GetByRole(AriaRole.Row).Filter(new() { HasText = "${colour}" })).ToContainTextAsync("\"green\"");
    }

    // The editor is no field whose value can be set; it takes what is pasted.
    private async Task WriteAsync(string text)
    {
        await Editor.ClickAsync();
        await Page.Keyboard.PressAsync("ControlOrMeta+a");
        await Page.Keyboard.InsertTextAsync(text);
    }
}
