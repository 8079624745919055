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

    // The editor is no field whose value can be set; it takes what is pasted.
    private async Task WriteAsync(string text)
    {
        await Editor.ClickAsync();
        await Page.Keyboard.PressAsync("ControlOrMeta+a");
        await Page.Keyboard.InsertTextAsync(text);
    }
}
