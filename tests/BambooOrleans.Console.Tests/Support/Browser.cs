namespace BambooOrleans.Console.Tests.Support;

/// <summary>The one Chromium of all tests, which use it one after the other.</summary>
public sealed class Browser : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _chromium;

    public IBrowser Chromium => _chromium!;

    public async Task InitializeAsync()
    {
        if (Support.Chromium.WhyNotAvailable is null)
        {
            // The machine may have much else to do.
            SetDefaultExpectTimeout(15_000);
            _playwright = await Playwright.CreateAsync();
            _chromium = await Support.Chromium.LaunchAsync(_playwright);
        }
    }

    public async Task DisposeAsync()
    {
        if (_chromium is not null)
        {
            await _chromium.DisposeAsync();
        }

        _playwright?.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class InBrowser : ICollectionFixture<Browser>
{
    public const string Name = "in a browser";
}
