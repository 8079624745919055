using BambooOrleans.Console.Tests.Support;
using BambooOrleans.Server.Security;

namespace BambooOrleans.Console.Tests;

/// <summary>Who uses the console, and in which colours.</summary>
public sealed class SessionTests(Browser browser) : ConsoleTest(browser)
{
    [ChromiumFact]
    public async Task Who_has_no_key_is_asked_for_one_and_a_viewer_can_only_look()
    {
        await Served.SettleAsync(Trees.Chain("look", Trees.Picky("look_ask", 41)));
        Expected("status of 401");
        await Page.GotoAsync("/pipelines/look");
        await Page.GetByLabel("API key").FillAsync("bamboo_wrong");
        await Button("Go on").ClickAsync();
        await Expect(Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await OpenWithKeyAsync(Served.Keys[Role.Viewer].Key, "/pipelines/look");

        await Expect(Page.GetByText("viewer-key")).ToBeVisibleAsync();
        await SeeNodeAsync("look_ask", "FAILED");
        await Expect(Page.GetByTestId("connection")).ToHaveAttributeAsync("data-state", "live");
        await SelectAsync("look_ask");
        await Expect(Page.GetByTestId("node-error")).ToBeVisibleAsync();
        ILocator verbs = Actions("Ask look_ask", Drawer).GetByRole(AriaRole.Button);
        await Expect(verbs.First).ToBeVisibleAsync();
        foreach (ILocator verb in await verbs.AllAsync())
        {
            await Expect(verb).ToBeDisabledAsync();
        }

        await Expect(Button("Pause", Actions("The look"))).ToBeDisabledAsync();
        await Button("More actions for The look").ClickAsync();
        await Expect(Page.GetByRole(AriaRole.Menuitem).Filter(new() { HasText = "Revoke" })).ToHaveAttributeAsync("aria-disabled", "true");
        await Page.Keyboard.PressAsync("Escape");
        await Link("Submit").ClickAsync();
        await Expect(Button("Run")).ToBeDisabledAsync();

        // A tab keeps its key, until it is told to forget it.
        await Page.ReloadAsync();
        await Expect(Page.GetByText("viewer-key")).ToBeVisibleAsync();
        await Button("Forget the key").ClickAsync();
        await Expect(Page.GetByLabel("API key")).ToBeVisibleAsync();
    }

    [ChromiumFact]
    public async Task Colours_are_those_of_the_browser_until_others_are_chosen()
    {
        await OpenAsync();
        ILocator root = Page.Locator("html");
        await Expect(root).ToHaveAttributeAsync("data-theme", "light");
        string light = await BackgroundAsync();
        await Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await Expect(root).ToHaveAttributeAsync("data-theme", "dark");
        Assert.NotEqual(light, await BackgroundAsync());
        await Button("Light colours").ClickAsync();
        await Expect(root).ToHaveAttributeAsync("data-theme", "light");
        await Page.ReloadAsync();
        await Expect(root).ToHaveAttributeAsync("data-theme", "light");
        await Expect(Page.GetByTestId("list-total")).ToHaveTextAsync("0 pipelines");
        await Page.Keyboard.PressAsync("t");
        await Expect(root).ToHaveAttributeAsync("data-theme", "dark");
    }

    [ChromiumFact]
    public async Task What_is_not_there_is_said()
    {
        await OpenAsync("/pipelines/nothing");
        await Expect(Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("nothing");
        await Link("To the list of pipelines").ClickAsync();
        await Expect(Page.GetByTestId("list-total")).ToHaveTextAsync("0 pipelines");
        await Expect(Page.GetByText("There are no pipelines yet.")).ToBeVisibleAsync();
    }

    private Task<string> BackgroundAsync() => Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
}
