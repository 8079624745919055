using BambooOrleans;

namespace BambooOrleans.Core.Tests.Expressions;

/// <summary>The recordings of the reference engine in <c>tests/corpus</c>.</summary>
internal static class Corpus
{
    public static MapValue Read(string file)
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!System.IO.File.Exists(Path.Combine(directory!.FullName, "BambooOrleans.sln")))
        {
            directory = directory.Parent;
        }

        return (MapValue)Value.ParseJson(System.IO.File.ReadAllText(Path.Combine(directory.FullName, "tests", "corpus", file)));
    }

    public static string Text(this MapValue map, string name) => ((TextValue)map[name]).Value;

    public static IEnumerable<MapValue> Maps(this MapValue map, string name) => ((ListValue)map[name]).Cast<MapValue>();
}
