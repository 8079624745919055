namespace BambooOrleans.Embedded.Tests.Support;

/// <summary>The files of the repository that tests hold the code against.</summary>
internal static class Repository
{
    public static string Root { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    public static string Read(params string[] path) => File.ReadAllText(Path.Combine([Root, .. path]));

    private static string Find(DirectoryInfo directory) =>
        File.Exists(Path.Combine(directory.FullName, "docs", "verbs.md")) ? directory.FullName : Find(directory.Parent!);
}
