namespace BambooOrleans.Console.Tests.Support;

/// <summary>A test that needs a Chromium and the console; skipped, with the reason, where one is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() => Skip = Chromium.WhyNotAvailable;
}
