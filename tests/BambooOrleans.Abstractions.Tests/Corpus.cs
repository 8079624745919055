namespace BambooOrleans.Abstractions.Tests;

/// <summary>The recorded behaviour of the reference engine, found from wherever the tests run.</summary>
internal static class Corpus
{
    public static string Folder { get; } = Find();

    public static IEnumerable<string> ScenarioFiles =>
        System.IO.Directory.EnumerateFiles(System.IO.Path.Combine(Folder, "scenarios"), "*.json").Order(StringComparer.Ordinal);

    public static MapValue Scenario(string name) => Read(System.IO.Path.Combine("scenarios", name + ".json"));

    public static MapValue Read(string file) =>
        (MapValue)Value.ParseJson(File.ReadAllText(System.IO.Path.Combine(Folder, file)));

    private static string Find()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(at.FullName, "BambooOrleans.sln")))
            {
                return System.IO.Path.Combine(at.FullName, "tests", "corpus");
            }
        }

        throw new InvalidOperationException("BambooOrleans.sln is in no folder above " + AppContext.BaseDirectory);
    }
}
