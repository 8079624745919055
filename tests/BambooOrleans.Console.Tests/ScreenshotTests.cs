using BambooOrleans.Building;
using BambooOrleans.Console.Tests.Support;
using BambooOrleans.Pipelines;

namespace BambooOrleans.Console.Tests;

/// <summary>Pictures of each view, light and dark, for people to look at: <c>artifacts/console/*.png</c>.</summary>
public sealed class ScreenshotTests(Browser browser) : ConsoleTest(browser)
{
    [ChromiumFact]
    public async Task Every_view_can_be_seen_in_light_and_dark()
    {
        await FillAsync();
        foreach (ColorScheme colours in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            IBrowserContext context = await NewContextAsync(colours);
            IPage page = await context.NewPageAsync();
            string theme = colours.ToString().ToLowerInvariant();
            Task Shoot(string view) => ShootAsync($"{view}-{theme}", page);

            await page.GotoAsync("/");
            await Expect(page.GetByLabel("API key")).ToBeVisibleAsync();
            await Shoot("key");
            await OpenAsync(page: page);
            await Expect(page.GetByTestId("count-FINISHED")).ToHaveTextAsync("30");
            await page.GetByLabel("Select order", new() { Exact = true }).CheckAsync();
            await Shoot("list");
            await page.GetByRole(AriaRole.Button, new() { Name = "Act on them" }).ClickAsync();
            await Expect(page.GetByTestId("batch-accepted")).ToBeVisibleAsync();
            await Shoot("batch");

            await page.GotoAsync("/pipelines/order?open=order_pack");
            await Expect(page.GetByTestId("node-order_pack_b")).ToHaveAttributeAsync("data-state", "RUNNING");
            await Expect(page.GetByTestId("connection")).ToHaveAttributeAsync("data-state", "live");
            await Expect(page.GetByTestId("why").GetByRole(AriaRole.Listitem)).Not.ToHaveCountAsync(0);
            await Shoot("graph");
            await page.GotoAsync("/pipelines/order?node=order_pay");
            await Expect(page.GetByTestId("node-error")).ToBeVisibleAsync();
            await Shoot("drawer");
            await page.GotoAsync("/pipelines/order?node=order_pay&pane=inputs");
            await Expect(page.GetByLabel("inputs as executed", new() { Exact = true })).ToBeVisibleAsync();
            await Shoot("drawer-inputs");
            await page.GetByTestId("drawer").GetByRole(AriaRole.Button, new() { Name = "Retry", Exact = true }).ClickAsync();
            await page.GetByLabel("New inputs").FillAsync("{ \"answer\": 42 }");
            await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("inputs replaced");
            await Shoot("verb");
            foreach (string view in (string[])["timeline", "journal", "context", "definition"])
            {
                await page.GotoAsync($"/pipelines/order/{view}");
                await Expect(page.GetByTestId(view)).ToBeVisibleAsync();
                await Expect(page.GetByTestId(view).Locator(view switch
                {
                    "timeline" => "[data-testid=timeline-order_pay]",
                    "journal" => "[role=listitem]",
                    "context" => "td",
                    _ => ".cm-line",
                }).First).ToBeVisibleAsync();
                await Shoot(view);
            }

            await page.GotoAsync("/submit?from=order");
            await Expect(page.GetByTestId("validity")).ToHaveAttributeAsync("data-state", "good");
            await Expect(page.GetByTestId("node-order_check")).ToBeVisibleAsync();
            await Shoot("submit");
            await page.GetByRole(AriaRole.Textbox, new() { Name = "Pipeline tree" }).ClickAsync();
            await page.Keyboard.PressAsync("ControlOrMeta+a");
            await page.Keyboard.InsertTextAsync(Trees.Chain("bad", Trees.Echo("bad_a"), Trees.Echo("bad_b")).ToJson(indented: true)
                .Replace("\"target\": \"bad_b\"", "\"target\": \"nowhere\"", StringComparison.Ordinal));
            await Expect(page.GetByTestId("findings")).ToBeVisibleAsync();
            await Shoot("submit-errors");
            await page.GotoAsync("/");
            await Expect(page.GetByTestId("list-total")).ToHaveTextAsync("31 pipelines");
            await page.Keyboard.PressAsync("?");
            await Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
            await Shoot("help");
            await page.SetViewportSizeAsync(480, 800);
            await page.GotoAsync("/pipelines/order?node=order_pay");
            await Expect(page.GetByTestId("node-error")).ToBeVisibleAsync();
            await Expect(page.GetByTestId("node-order_pay")).ToBeInViewportAsync();
            await Shoot("narrow");
            await context.DisposeAsync();
        }

        Assert.True(Directory.GetFiles(OutputFolder, "*-dark.png").Length >= 15);
    }

    // Thirty that are finished, and one in which something of everything goes on.
    private async Task FillAsync()
    {
        Expected("status of 401");
        for (int number = 1; number <= 30; number++)
        {
            await Served.SettleAsync(Trees.Chain($"invoice_{number}", Trees.Echo($"invoice_{number}_a")));
        }

        var inner = new EmptyStartEvent("order_pack_start");
        inner.Extend(Trees.Echo("order_pack_a", "Fetch the goods")).Extend(Named(Trees.Held("order_pack_b"), "Wrap them")).Extend(new EmptyEndEvent("order_pack_end"));
        ServiceActivity check = Trees.Echo("order_check", "Check the stock");
        var round = new ExclusiveGateway("order_enough", "Enough?");
        var fork = new ParallelGateway("order_fork");
        var start = new EmptyStartEvent("order_start");
        start.Extend(check).Extend(round);
        round.When("${round} < 3", check).When("${round} >= 3", fork);
        ServiceActivity pay = Named(Trees.Picky("order_pay", Var.Splice("${sum}")), "Take the money");
        ServiceActivity ask = Named(Trees.Callback("order_ask"), "Have it approved");
        fork.Connect(pay, ask, new SubProcess(inner, "order_pack", "Pack"));
        fork.Converge(new ConvergeGateway("order_join")).Extend(Trees.Echo("order_send", "Send it")).Extend(new EmptyEndEvent("order_end"));
        var data = new Data { Inputs = { { "${round}", new NodeOutput(check, "_loop") }, { "${sum}", 41 } }, Outputs = ["${sum}"] };
        PipelineTree tree = Trees.Build("order", start, data);
        await Served.RunAsync(tree, new RunPipelineOptions { CycleTolerate = true, Operator = "ada" });
        await OpenAsync("/pipelines/order");
        await SeeNodeAsync("order_pay", "FAILED");
        Assert.True((await Served.Engine.RetryNodeAsync("order_pay", options: new VerbOptions { Operator = "ada", Reason = "the bank was closed" })).Result);
        await Expect(Node("order_pay").GetByTitle("Retried 1 times")).ToBeVisibleAsync();
        await Page.GotoAsync("about:blank");
    }

    private static ServiceActivity Named(ServiceActivity activity, string name) =>
        new(activity.Component, activity.Id, name) { Inputs = activity.Inputs };
}
