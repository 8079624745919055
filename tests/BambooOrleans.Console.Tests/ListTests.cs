using BambooOrleans.Console.Tests.Support;

namespace BambooOrleans.Console.Tests;

/// <summary>The list of pipelines: search, filters, counts that are up to date, and one verb on many.</summary>
public sealed class ListTests(Browser browser) : ConsoleTest(browser)
{
    private ILocator Rows => Page.GetByTestId("pipeline-row");

    private ILocator Total => Page.GetByTestId("list-total");

    private ILocator Search => Page.GetByRole(AriaRole.Searchbox);

    [ChromiumFact]
    public async Task Pipelines_are_found_by_text_and_state_and_the_counts_follow()
    {
        foreach (string id in (string[])["apple", "apricot", "banana"])
        {
            await Served.SettleAsync(Trees.Chain(id, Trees.Echo($"{id}_a")));
        }

        await Served.RunAsync(Trees.Chain("cherry", Trees.Held("cherry_a")));
        await OpenAsync();
        await Expect(Total).ToHaveTextAsync("4 pipelines");
        await SeeCountAsync("FINISHED", 3);
        await SeeCountAsync("RUNNING", 1);

        // Nobody reads again.
        await Served.RunAsync(Trees.Chain("apex", Trees.Held("apex_a")));
        await SeeCountAsync("RUNNING", 2);
        await Expect(Row("apex")).ToHaveAttributeAsync("data-state", "RUNNING");
        Served.Gates.Open("cherry_a");
        await SeeCountAsync("FINISHED", 4);
        await Expect(Row("cherry")).ToHaveAttributeAsync("data-state", "FINISHED");

        await Search.FillAsync("ap");
        await Expect(Total).ToHaveTextAsync("3 pipelines that match");
        await SeeRowsAsync("apex", "apricot", "apple");
        await SeeCountAsync("FINISHED", 2);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Finished" }).ClickAsync();
        await SeeRowsAsync("apricot", "apple");
        await Expect(Total).ToHaveTextAsync("2 pipelines that match");
        await Page.ReloadAsync();
        await SeeRowsAsync("apricot", "apple");
        await Expect(Search).ToHaveValueAsync("ap");

        await Search.FillAsync("no such thing");
        await Expect(Page.GetByText("No pipeline matches.")).ToBeVisibleAsync();
        await Button("Clear").ClickAsync();
        await Expect(Total).ToHaveTextAsync("5 pipelines");
        await Page.GetByLabel("Submitted", new() { Exact = true }).SelectOptionAsync("Between…");
        await Page.GetByLabel("Submitted before").FillAsync("2001-01-01T00:00");
        await Expect(Total).ToHaveTextAsync("0 pipelines that match");
        await Page.GetByLabel("Submitted", new() { Exact = true }).SelectOptionAsync("Last hour");
        await Expect(Total).ToHaveTextAsync("5 pipelines that match");
    }

    [ChromiumFact]
    public async Task One_verb_is_tried_and_then_done_on_the_pipelines_that_were_chosen_and_on_all_that_match()
    {
        foreach (string id in (string[])["one", "two", "three"])
        {
            await Served.RunAsync(Trees.Chain(id, Trees.Held($"{id}_a"), Trees.Echo($"{id}_b")));
        }

        await OpenAsync();
        await Page.GetByLabel("Select one").CheckAsync();
        await Page.GetByLabel("Select two").CheckAsync();
        await Button("Act on them").ClickAsync();
        await Dialog.GetByLabel("Action").SelectOptionAsync("Pause");
        await Dialog.GetByLabel("Reason").FillAsync("all of them");
        await Expect(Page.GetByTestId("batch-accepted")).ToHaveTextAsync("2 pipelines");
        await Button("Pause 2 pipelines", Dialog).ClickAsync();
        await Expect(Dialog).ToContainTextAsync("Pause: 2 pipelines done");
        await Button("Close", Dialog).Last.ClickAsync();
        await Expect(Row("one")).ToHaveAttributeAsync("data-state", "SUSPENDED");
        await Expect(Row("two")).ToHaveAttributeAsync("data-state", "SUSPENDED");
        await Expect(Row("three")).ToHaveAttributeAsync("data-state", "RUNNING");
        await SeeCountAsync("SUSPENDED", 2);

        await Page.GetByRole(AriaRole.Button, new() { Name = "Suspended" }).ClickAsync();
        await Expect(Total).ToHaveTextAsync("2 pipelines that match");
        await Button("Act on all that match…").ClickAsync();
        await Dialog.GetByLabel("Action").SelectOptionAsync("Resume");
        await Expect(Page.GetByTestId("batch-accepted")).ToHaveTextAsync("2 pipelines");
        await Button("Resume 2 pipelines", Dialog).ClickAsync();
        await Expect(Dialog).ToContainTextAsync("Resume: 2 pipelines done");
        await Button("Close", Dialog).Last.ClickAsync();
        await SeeCountAsync("RUNNING", 3);
        await Expect(Page.GetByText("No pipeline matches.")).ToBeVisibleAsync();

        await Page.GotoAsync("/pipelines/one");
        await SeeInJournalAsync($"pause_pipeline by {Environment.UserName}: all of them");
    }

    [ChromiumFact]
    public async Task A_long_list_is_read_page_by_page_as_it_is_scrolled()
    {
        await Task.WhenAll(Enumerable.Range(0, 230).Select(number => Served.RunAsync(Trees.Chain($"p{number:D3}", Trees.Echo($"p{number:D3}_a")))));
        await OpenAsync();
        await Expect(Total).ToHaveTextAsync("230 pipelines");
        await SeeCountAsync("FINISHED", 230);
        Assert.InRange(await Rows.CountAsync(), 10, 60);
        ILocator last = Page.Locator("[aria-rowindex='230']");
        await Rows.First.HoverAsync();
        for (int turns = 0; turns < 60 && await last.CountAsync() == 0; turns++)
        {
            await Page.Mouse.WheelAsync(0, 2000);
            await Expect(Page.GetByText("Loading more…")).ToHaveCountAsync(0);
        }

        await Expect(last).ToBeVisibleAsync();
    }

    private Task SeeCountAsync(string state, int count) => Expect(Page.GetByTestId($"count-{state}")).ToHaveTextAsync($"{count}");

    private async Task SeeRowsAsync(params string[] ids)
    {
        await Expect(Rows).ToHaveCountAsync(ids.Length);
        for (int at = 0; at < ids.Length; at++)
        {
            await Expect(Rows.Nth(at)).ToHaveAttributeAsync("data-id", ids[at]);
        }
    }
}
