using BambooOrleans.Server;

namespace BambooOrleans.Console.Tests.Support;

/// <summary>Where the machine has a Chromium, and how it is started.</summary>
internal static class Chromium
{
    /// <summary>The variable of the environment that names one.</summary>
    public const string Variable = "BAMBOO_CHROMIUM";

    private static readonly Lazy<(string? Path, string? WhyNot)> Search = new(Find);

    /// <summary>Why the tests cannot run here; null where they can.</summary>
    public static string? WhyNotAvailable =>
        !typeof(BambooServer).Assembly.GetManifestResourceNames().Any(name => name.StartsWith("console/index.html", StringComparison.Ordinal))
            ? "the server was built without the console (dotnet build -p:BambooConsole=true says why)"
            : Search.Value.WhyNot;

    public static Task<IBrowser> LaunchAsync(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
    {
        ExecutablePath = Search.Value.Path,
        Args =
        [
            "--disable-gpu",
            "--disable-quic",

            // Its sandbox does not work for root.
            .. Environment.UserName == "root" ? (string[])["--no-sandbox"] : [],
        ],
        ChromiumSandbox = Environment.UserName != "root",
    });

    private static (string? Path, string? WhyNot) Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return File.Exists(named) ? (named, null) : (null, $"{Variable} names {named}, which is not there");
        }

        string[] folders = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator) ?? [];
        string? found = new[] { "chromium", "chromium-browser", "google-chrome", "google-chrome-stable" }
            .SelectMany(program => folders.Select(folder => Path.Combine(folder, program)))
            .FirstOrDefault(File.Exists);
        return found is null
            ? (null, $"this machine has no Chromium: none of chromium, chromium-browser and google-chrome is on the PATH, and {Variable} names none")
            : (found, null);
    }
}
