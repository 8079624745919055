using BambooOrleans.Conformance.Corpus;

namespace BambooOrleans.Conformance.Tests;

/// <summary>The corpus of this repository, read once.</summary>
internal static class CorpusFiles
{
    private static readonly Lazy<CorpusDirectory> Read = new(() => CorpusDirectory.Read(Find(), deviationsFile: null));

    public static CorpusDirectory Corpus => Read.Value;

    public static Scenario Scenario(string name) => Corpus.Scenarios.Single(scenario => scenario.Name == name);

    private static string Find()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            string corpus = Path.Combine(folder, "tests", "corpus");
            if (Directory.Exists(corpus))
            {
                return corpus;
            }
        }

        throw new DirectoryNotFoundException("tests/corpus");
    }
}
