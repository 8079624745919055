using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace BambooOrleans.Console.Tests.Support;

/// <summary>
/// A test of the console in a browser of its own, before a server of its own. At its end the browser has to have reported no error, no
/// breach of the server's policy, and no request to anywhere else.
/// </summary>
[Collection(InBrowser.Name)]
public abstract class ConsoleTest(Browser browser) : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _faults = [];
    private readonly List<Regex> _expected = [];
    private Served? _served;
    private IBrowserContext? _context;
    private IPage? _page;

    internal Served Served => _served!;

    protected IBrowserContext Context => _context!;

    protected IPage Page => _page!;

    /// <summary>Where screenshots and other output go: <c>artifacts/console</c> in the solution.</summary>
    protected static string OutputFolder { get; } = Path.Combine(Solution(), "artifacts", "console");

    public async Task InitializeAsync()
    {
        if (Chromium.WhyNotAvailable is null)
        {
            _served = await Served.StartAsync();
            _context = await NewContextAsync();
            _page = await _context.NewPageAsync();
        }
    }

    public async Task DisposeAsync()
    {
        if (_context is not null)
        {
            await _context.DisposeAsync();
        }

        if (_served is not null)
        {
            await _served.DisposeAsync();
        }

        string[] faults = [.. _faults.Where(fault => !_expected.Any(expected => expected.IsMatch(fault)))];
        Assert.True(faults.Length == 0, string.Join('\n', faults));
    }

    /// <summary>Another browser that knows nothing of the first one; what it reports counts as well.</summary>
    protected async Task<IBrowserContext> NewContextAsync(ColorScheme colours = ColorScheme.Light)
    {
        IBrowserContext context = await browser.Chromium.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = Served.Address.ToString(),
            ViewportSize = new ViewportSize { Width = 1280, Height = 800 },
            ColorScheme = colours,
            Locale = "en-GB",
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        context.SetDefaultTimeout(15_000);
        await context.ExposeBindingAsync("reportViolation", (BindingSource _, string violation) => _faults.Enqueue($"policy: {violation}"));
        await context.AddInitScriptAsync(
            "addEventListener('securitypolicyviolation', event => reportViolation(`${event.effectiveDirective} forbids ${event.blockedURI} at ${event.sourceFile}:${event.lineNumber}`));");
        context.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                _faults.Enqueue($"console {message.Type}: {message.Text} at {message.Location}");
            }
        };
        context.WebError += (_, error) => _faults.Enqueue($"uncaught: {error.Error}");
        context.Request += (_, request) =>
        {
            var address = new Uri(request.Url);
            if (address.Scheme is not ("data" or "blob") && address.Authority != Served.Address.Authority)
            {
                _faults.Enqueue($"request to another origin: {request.Url}");
            }
        };
        return context;
    }

    /// <summary>What the browser reports and matches is part of the test.</summary>
    protected void Expected(string pattern) => _expected.Add(new Regex(pattern));

    /// <summary>Opens a page of the console as an admin, whom the login link lets in.</summary>
    protected async Task OpenAsync(string path = "/", IPage? page = null)
    {
        page ??= Page;
        await page.GotoAsync(Served.Server.LoginUrl().ToString());
        if (path != "/")
        {
            await page.GotoAsync(path);
        }
    }

    /// <summary>Opens a page of the console as whoever has the key, as if it had been pasted into the tab.</summary>
    protected async Task OpenWithKeyAsync(string key, string path = "/")
    {
        Expected("status of 401");
        await Page.GotoAsync(path);
        await Page.GetByLabel("API key").FillAsync(key);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(Page.GetByLabel("API key")).ToHaveCountAsync(0);
    }

    protected ILocator Button(string name, ILocator? within = null, bool exact = true) =>
        within?.GetByRole(AriaRole.Button, new() { Name = name, Exact = exact }) ?? Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = exact });

    protected ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    protected ILocator Node(string id) => Page.GetByTestId($"node-{id}");

    protected ILocator Drawer => Page.GetByTestId("drawer");

    protected ILocator Dialog => Page.GetByRole(AriaRole.Dialog);

    protected ILocator Row(string id) => Page.Locator($"[data-testid=pipeline-row][data-id='{id}']");

    protected Task SeePipelineAsync(string state) => Expect(Page.GetByTestId("pipeline-state")).ToHaveAttributeAsync("data-state", state);

    protected Task SeeNodeAsync(string id, string state) => Expect(Node(id)).ToHaveAttributeAsync("data-state", state);

    protected async Task SelectAsync(string id)
    {
        await Node(id).ClickAsync();
        await Expect(Drawer).ToHaveAttributeAsync("data-node", id);
    }

    /// <summary>The actions of a pipeline or node, where they stand together.</summary>
    protected ILocator Actions(string label, ILocator? within = null) =>
        within?.GetByRole(AriaRole.Group, new() { Name = label, Exact = true }) ?? Page.GetByRole(AriaRole.Group, new() { Name = label, Exact = true });

    /// <summary>What a dialog says that its verb would do.</summary>
    protected ILocator Preview => Dialog.GetByRole(AriaRole.Region, new() { Name = "What it would do" });

    /// <summary>Has the dialog's verb done, once its dry run has told that this would follow.</summary>
    protected async Task ConfirmAsync(string verb, string foretold, string? reason = null)
    {
        await Expect(Preview.GetByRole(AriaRole.Listitem).Filter(new() { HasText = foretold }).First).ToBeVisibleAsync();
        if (reason is not null)
        {
            await Dialog.GetByLabel("Reason").FillAsync(reason);
        }

        await Button(verb, Dialog).ClickAsync();
        await Expect(Dialog).ToHaveCountAsync(0);
    }

    /// <summary>Goes to the journal and looks for a line there.</summary>
    protected async Task SeeInJournalAsync(string text)
    {
        await Link("Journal").ClickAsync();
        await Expect(Page.GetByTestId("journal").GetByRole(AriaRole.Listitem).Filter(new() { HasText = text }).First).ToBeVisibleAsync();
    }

    protected async Task ChoosePaneAsync(string name) => await Drawer.GetByRole(AriaRole.Tab, new() { Name = name, Exact = true }).ClickAsync();

    /// <summary>What a copy button put on the clipboard.</summary>
    protected async Task<string> CopiedAsync(ILocator button)
    {
        await button.ClickAsync();
        await Expect(button.GetByRole(AriaRole.Status)).ToHaveTextAsync("copied");
        return await Page.EvaluateAsync<string>("navigator.clipboard.readText()");
    }

    protected async Task ShootAsync(string name, IPage? page = null) =>
        await (page ?? Page).ScreenshotAsync(new() { Path = Path.Combine(OutputFolder, $"{name}.png"), Animations = ScreenshotAnimations.Disabled });

    private static string Solution()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "BambooOrleans.sln")))
            {
                return at.FullName;
            }
        }

        throw new InvalidOperationException("BambooOrleans.sln is in no folder above " + AppContext.BaseDirectory);
    }
}
